/** `audit export`: the audit trail as CSV or JSON Lines, as fast as it is taken and never held as a whole. */
import { Option, type Command } from 'commander'
import { open } from 'node:fs/promises'
import { auditQueryOf, withAuditOptions, type AuditOptions } from '../audit-options.ts'
import { withExamples } from '../examples.ts'
import { withGlobalOptions } from '../global-options.ts'
import type { Io } from '../io.ts'
import { openSession } from '../session.ts'

interface ExportOptions extends AuditOptions {
  readonly format: string
  readonly file?: string
}

export function addAuditExport(group: Command, io: Io): void {
  const command = withGlobalOptions(
    withAuditOptions(
      group
        .command('export')
        .description('download what happened, oldest first')
        .addOption(new Option('--format <format>', 'csv or jsonl').choices(['csv', 'jsonl']).default('csv'))
        .option('--file <file>', 'where to write it; standard output without it')
        .option('--since <time>', 'from then on: 24h, 7d or 2026-01-31T18:00:00Z; everything without it'),
    ),
  )
  withExamples(command, [
    { does: 'last month for the auditor', line: 'sallyport audit export --since 30d --file audit.csv' },
    { does: 'every refusal, for a program', line: 'sallyport audit export --format jsonl --outcome refused' },
  ])
  command.action(async ({ format, file, ...options }: ExportOptions) => {
    const session = openSession(command, io)
    const { client } = session
    const query = { ...(await auditQueryOf(options, { client, now: io.now() })), format }
    const body = await client.stream({ path: '/api/v1/audit/export', query })
    if (file === undefined) return toStdout(io, body)
    const bytes = await toFile(file, body)
    session.say(`${bytes} bytes written to ${file}`)
  })
}

async function toStdout(io: Io, body: AsyncIterable<Uint8Array>): Promise<void> {
  const decoder = new TextDecoder()
  for await (const chunk of body) {
    io.stdout.write(decoder.decode(chunk, { stream: true }))
    await io.stdout.drained?.()
  }
}

/** For its owner's eyes: it names people, machines and addresses. */
async function toFile(path: string, body: AsyncIterable<Uint8Array>): Promise<number> {
  const file = await open(path, 'w', 0o600)
  let bytes = 0
  try {
    for await (const chunk of body) {
      await file.writeFile(chunk)
      bytes += chunk.byteLength
    }
  } finally {
    await file.close()
  }
  return bytes
}
