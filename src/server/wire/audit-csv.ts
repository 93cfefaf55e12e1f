/**
 * The audit trail as CSV (RFC 4180): a header, then one line for each event. The columns are documented in
 * docs/operate/audit.md; new ones are only ever added at the end.
 */
import type { AuditLine } from '../../domain/audit/audit-line.ts'
import { targetNameOf } from '../../domain/audit/target-name.ts'
import { csvField } from '../../domain/csv-field.ts'

const COLUMNS: Readonly<Record<string, (line: AuditLine) => unknown>> = {
  seq: ({ seq }) => seq,
  time: ({ at }) => at,
  action: ({ action }) => action,
  outcome: ({ outcome }) => outcome,
  actor: ({ actor }) => actor,
  address: ({ address }) => address,
  target: ({ target }) => target,
  request: ({ request }) => request,
  grant: ({ grant }) => grant,
  correlation: ({ data }) => data['correlation'],
  port: ({ data }) => data['port'],
  protocol: ({ data }) => data['protocol'],
  sources: ({ data }) => data['sources'],
  end: ({ data }) => data['endTimeUtc'],
  reason: ({ data }) => data['reason'] ?? data['code'],
  justification: ({ data }) => data['justification'],
  data: ({ data }) => JSON.stringify(data),
  hash: ({ hash }) => hash,
  through: ({ data }) => data['through'],
  claimedOnBehalfOf: ({ data }) => data['claimedOnBehalfOf'],
  targetName: targetNameOf,
}

export const CSV_COLUMNS: readonly string[] = Object.keys(COLUMNS)

export const csvHeader = `${CSV_COLUMNS.join(',')}\r\n`

export function csvLine(line: AuditLine): string {
  return `${Object.values(COLUMNS)
    .map((cell) => csvField(textOf(cell(line))))
    .join(',')}\r\n`
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return value.map(textOf).join(' ')
  return value === undefined || value === null ? '' : JSON.stringify(value)
}
