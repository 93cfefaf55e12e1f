/** A grant as a row, and back. */
import type { Grant, RequestId } from '../domain/access/grant.ts'
import type { GrantId } from '../domain/access/hole.ts'
import type { Because } from '../domain/posture.ts'
import { formatSource, parseSource, type Source } from '../domain/net.ts'
import { resourceKey, type ResourceId } from '../domain/resource-id.ts'
import type { StoredRequest } from '../app/ports/rows.ts'
import type { GrantTable } from './tables.ts'

/** What a grant is made of; others are there to find it by. */
export const GRANT_COLUMNS = [
  'id',
  'request_id',
  'machine',
  'port',
  'protocol',
  'sources',
  'sources_as',
  'from_at',
  'until_at',
  'end_time_utc',
  'state',
  'reason',
  'detail',
  'because',
  'opened_at',
  'closed_at',
] as const satisfies readonly (keyof GrantTable)[]

export function grantFromRow(row: Pick<GrantTable, (typeof GRANT_COLUMNS)[number]>): Grant {
  return {
    grant: row.id as GrantId, // ids and machines were parsed before they were written, and never change
    request: row.request_id as RequestId, // as above
    machine: shared(row.machine) as ResourceId, // as above
    port: row.port,
    protocol: row.protocol,
    sources: row.sources.split(',').map(sourceFromText),
    sourcesAs: row.sources_as,
    from: row.from_at,
    until: row.until_at,
    endTimeUtc: row.end_time_utc,
    state: row.state,
    reason: row.reason,
    ...(row.detail === null ? {} : { detail: row.detail }),
    ...(row.because === null ? {} : { because: JSON.parse(row.because) as Because }), // was one when it was written
    ...(row.opened_at === null ? {} : { openedAt: row.opened_at }),
    ...(row.closed_at === null ? {} : { closedAt: row.closed_at }),
  }
}

/** Row after row is of one machine: they share its text. */
function shared(machine: string): string {
  if (machine !== lastMachine) lastMachine = machine
  return lastMachine
}

let lastMachine = ''

function sourceFromText(text: string): Source {
  const source = parseSource(text)
  if (source.ok) return source.value
  throw new Error(`grants.sources holds '${text}', which is no source; the database was changed by hand`)
}

export function rowFromGrant(grant: Grant, at: { request: StoredRequest; place: number; points: number }): GrantTable {
  return {
    id: grant.grant,
    request_id: at.request.id,
    place: at.place,
    policy_uid: at.request.policy,
    machine: grant.machine,
    machine_key: resourceKey(grant.machine),
    port: grant.port,
    protocol: grant.protocol,
    sources: grant.sources.map(formatSource).join(','),
    sources_as: grant.sourcesAs,
    requested_at: at.request.startedAt,
    from_at: grant.from,
    until_at: grant.until,
    end_time_utc: grant.endTimeUtc,
    state: grant.state,
    reason: grant.reason,
    detail: grant.detail ?? null,
    because: grant.because === undefined ? null : JSON.stringify(grant.because),
    opened_at: grant.openedAt ?? null,
    closed_at: grant.closedAt ?? null,
    point_count: at.points,
  }
}
