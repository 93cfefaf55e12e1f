/** docs/reference/audit-events.md, from the tables that the code itself uses. */
import { AUDIT_CATALOGUE } from '../src/domain/audit/audit-catalogue.ts'
import { AUDIT_FACTS } from '../src/domain/audit/audit-facts.ts'
import { CSV_COLUMNS } from '../src/server/wire/audit-csv.ts'

const COLUMN_MEANINGS: Readonly<Record<string, string>> = {
  seq: 'number of the event: 1, 2, 3 … without gaps',
  time: 'UTC, ISO 8601',
  action: 'see above',
  outcome: '`succeeded`, `refused` or `failed`',
  actor: 'who did it: a person, a program, or `sallyport` for what happens by itself',
  address: 'where the call came from; empty for what happens by itself',
  target: 'resource id, enforcement point or other thing that it was done to',
  request: 'id of the request for access',
  grant: 'id of the grant: one port of one machine',
  correlation: 'what ties the events of one call together (`x-ms-correlation-request-id`)',
  port: 'port number',
  protocol: 'TCP, UDP or `*`',
  sources: 'addresses, with spaces between',
  end: 'when the access ends',
  reason: 'why, or the code of the first refusal',
  justification: 'what the person wrote',
  data: 'everything that is known of the event, as JSON',
  hash: 'the chain: SHA-256 over the hash before and this event',
  through: 'the program through which a person acted',
  claimedOnBehalfOf: 'for whom a program says that it acted',
  targetName: 'how people call the target, where it does not say so itself: a user, a group, a program',
}

export function auditReference(): string {
  const actions = Object.entries(AUDIT_CATALOGUE).map(([name, { outcome, means }]) => [`\`${name}\``, outcome, means])
  const fields = Object.entries(AUDIT_FACTS).map(([name, means]) => [`\`${name}\``, means])
  const columns = CSV_COLUMNS.map((name) => [`\`${name}\``, meaningOf(name)])
  return `# Audit events

Written by \`npm run generate\` from the tables that the code uses; do not edit. How to find, download, stream and verify events is in
[The audit trail](../operate/audit.md).

## What each event means

${table(['action', 'outcome', 'meaning'], actions)}

Open and closed are observed, never concluded: \`observedOpenAt\` and \`observedClosedAt\` say when every enforcement point of the
grant was seen so. Until then the grant is opening or closing.

## What an event may say

The \`data\` of an event has only these fields. Any other field counts as secret and is left out before the event is written;
\`withheld\` says how many were.

${table(['field', 'meaning'], fields)}

## Columns of the CSV

In this order; new ones are only ever added at the end.

${table(['column', 'meaning'], columns)}
`
}

function meaningOf(column: string): string {
  const meaning = COLUMN_MEANINGS[column]
  if (meaning === undefined)
    throw new Error(`the column ${column} of the CSV has no meaning; write it in ${import.meta.filename}`)
  return meaning
}

function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [line(titles), line(titles.map(() => '---')), ...rows.map(line)].join('\n')
}
