/** `audit export`: the audit trail as CSV or JSON Lines, as fast as it is taken and never held as a whole. */
import { Option, type Command } from 'commander'
import { open, rename, rm, stat } from 'node:fs/promises'
import { auditQueryOf, withAuditOptions, type AuditOptions } from '../../options/audit-options.ts'
import type { Call, Client } from '../../calls/client.ts'
import { withExamples } from '../../help/examples.ts'
import { EXIT } from '../../exit-codes.ts'
import { Failure, usageFailure } from '../../failure.ts'
import { withGlobalOptions } from '../../options/global-options.ts'
import type { Io } from '../../io.ts'
import { openSession } from '../../session.ts'
import { systemReason } from '../../system-reason.ts'
import { interruptible } from '../../access/wait-for.ts'

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
    const call = { path: '/api/v1/audit/export', query }
    if (file === undefined) return toStdout(io, await client.stream(call))
    const bytes = await interruptible(io, (signal) => download(file, { client, call: { ...call, signal }, signal }))
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

interface Download {
  readonly client: Client
  readonly call: Call
  readonly signal: AbortSignal
}

/** Appears by rename: half an export would pass for a whole one, and has written over the last. */
async function download(path: string, { client, call, signal }: Download): Promise<number> {
  const draft = (await isSpecial(path)) ? path : `${path}.${process.pid}.part`
  try {
    const bytes = await toFile(draft, () => client.stream(call))
    if (draft !== path) await rename(draft, path)
    return bytes
  } catch (error) {
    if (draft !== path) await rm(draft, { force: true }).catch(() => undefined) // then it was never made; why, is told below
    if (signal.aborted) throw new Failure(EXIT.interrupted, `interrupted; ${path} is as it was`)
    throw error instanceof Failure ? error : usageFailure(`${path} cannot be written (${systemReason(error)})`)
  }
}

/** A pipe or a device is written to as it is. */
async function isSpecial(path: string): Promise<boolean> {
  const there = await stat(path).catch(() => undefined) // it is not there yet
  return there !== undefined && !there.isFile()
}

/** For its owner's eyes: it names people, machines and addresses. Asked for once it can be written: an answer that nobody reads keeps the program from ending. */
async function toFile(path: string, ask: () => Promise<AsyncIterable<Uint8Array>>): Promise<number> {
  const file = await open(path, 'w', 0o600)
  let bytes = 0
  try {
    for await (const chunk of await ask()) {
      await file.writeFile(chunk)
      bytes += chunk.byteLength
    }
  } finally {
    await file.close()
  }
  return bytes
}
