/** How much machines are asked for, and by whom last: through the index of grants by machine, never over all of them. */
import { sql } from 'kysely'
import type { MachineUse } from '../app/ports/rows.ts'
import type { ResourceKey } from '../domain/resource-id.ts'
import type { Instant } from '../domain/time.ts'
import type { Session } from './session.ts'
import { statement } from './statement.ts'

export async function readUse(
  session: Session,
  machines: readonly ResourceKey[],
  since: Instant,
): Promise<ReadonlyMap<ResourceKey, MachineUse>> {
  if (machines.length === 0) return new Map()
  const counted = new Map((await countsSince(session, { machines, since })).map((row) => [row.machine_key, row]))
  const last = await lastOf(session, { machines })
  return new Map(
    last.map(({ machine_key, requested_at, requestor }) => [
      machine_key as ResourceKey, // was one when it was written
      { requests: counted.get(machine_key)?.requests ?? 0, last: { at: requested_at, requestor } },
    ]),
  )
}

const countsSince = statement((writer, p: { machines: readonly ResourceKey[]; since: Instant }, { isIn }) =>
  writer
    .selectFrom('grants')
    .select(['machine_key', sql<number>`count(distinct request_id)`.as('requests')])
    .where(isIn(sql.ref('machine_key'), p.machines))
    .where('requested_at', '>=', p.since)
    .groupBy('machine_key'),
)

const lastOf = statement((writer, p: { machines: readonly ResourceKey[] }, { isIn }) =>
  writer
    .selectFrom((from) =>
      from
        .selectFrom('grants')
        .select(['machine_key', sql<number>`max(requested_at)`.as('at')])
        .where(isIn(sql.ref('machine_key'), p.machines))
        .groupBy('machine_key')
        .as('newest'),
    )
    .innerJoin('grants', (join) =>
      join.onRef('grants.machine_key', '=', 'newest.machine_key').onRef('grants.requested_at', '=', 'newest.at'),
    )
    .innerJoin('requests', 'requests.id', 'grants.request_id')
    .select(['grants.machine_key', 'grants.requested_at', 'requests.requestor'])
    .distinct(),
)
