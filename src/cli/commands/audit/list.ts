/** `audit list`: what happened, oldest first, as the server wrote it down. */
import type { Command } from 'commander'
import type { WireAuditEvent } from '../../../contract/audit-event.ts'
import { targetNameOf } from '../../../domain/audit/target-name.ts'
import { asAuditEvent } from '../../calls/answers.ts'
import { auditFactsText, resourcesIn } from '../../show/audit-facts-text.ts'
import { auditQueryOf, withAuditOptions, type AuditOptions } from '../../options/audit-options.ts'
import { withExamples } from '../../help/examples.ts'
import { withGlobalOptions } from '../../options/global-options.ts'
import type { Io } from '../../io.ts'
import { machineNames, type NameOf } from '../../show/machine-names.ts'
import type { Column } from '../../show/output.ts'
import { openSession } from '../../session.ts'
import { formatWireTime } from '../../times.ts'
import { parseTop } from '../../options/top-option.ts'

interface ListOptions extends AuditOptions {
  readonly since: string
  readonly top: number
}

export function addAuditList(group: Command, io: Io): void {
  const command = withGlobalOptions(
    withAuditOptions(
      group
        .command('list')
        .alias('ls')
        .description('show what happened, oldest first')
        .option('--since <time>', 'from then on: 24h, 7d or 2026-01-31T18:00:00Z', '24h'),
    ).option('--top <number>', 'at most so many', parseTop, 1_000),
  )
  withExamples(command, [
    { does: 'the last day', line: 'sallyport audit list' },
    {
      does: 'what was refused this week, for a script',
      line: 'sallyport audit list --since 7d --outcome refused -o json',
    },
    { does: 'everything about one machine', line: 'sallyport audit list --machine web1 --since 30d' },
  ])
  command.action(async ({ top, ...options }: ListOptions) => {
    const session = openSession(command, io)
    const asked = await auditQueryOf(options, { client: session.client, now: io.now() })
    const query = { ...asked, top: String(Math.min(top, 1_000)) }
    const { items, more } = await session.client.list({ path: '/api/v1/audit', query }, top, asAuditEvent)
    const nameOf = await machineNames(session, resourcesIn(items))
    await session.show({ data: items, rows: items, columns: columnsWith(nameOf) })
    if (items.length === 0)
      session.say(`Nothing since ${formatWireTime(asked['since'] ?? '', session.view)}. Further back: --since 30d`)
    if (more) session.say(`There are more than ${top}; to see them: --top ${top * 10}, or a later --since`)
  })
}

function columnsWith(nameOf: NameOf): readonly Column<WireAuditEvent>[] {
  return [
    { title: 'TIME', text: ({ at }, view) => formatWireTime(at, view), raw: ({ at }) => at },
    { title: 'ACTION', text: ({ action }) => action },
    {
      title: 'BY',
      text: ({ actor, address }) => (address === '' ? actor : `${actor} (${address})`),
      raw: ({ actor }) => actor,
    },
    { title: 'ON', text: (event) => targetNameOf(event) ?? nameOf(event.target), raw: ({ target }) => target },
    { title: 'OUTCOME', text: ({ outcome }) => outcome },
    { title: 'REQUEST', text: ({ request }) => request ?? '' },
    { title: 'FACTS', text: ({ data }) => auditFactsText(data, nameOf), raw: ({ data }) => JSON.stringify(data) },
  ]
}
