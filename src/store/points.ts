/**
 * Enforcement points: wishes, leases and the records of passes. Every statement that changes several points takes them
 * in the order of their ids, so that two transactions wait for each other only one way round.
 */
import { sql, type RawBuilder } from 'kysely'
import type { JournalEntry } from '../app/ports/driver.ts'
import type { PointId } from '../app/ports/inventory.ts'
import type { Lease, OverduePoint, Page, PointRow, PointWish, Sighting } from '../app/ports/rows.ts'
import type { GrantOutcome, PassFailure, PassRecord } from '../app/ports/store.ts'
import { driftOnRecord, type Drift, type KeptDrift } from '../domain/access/drift.ts'
import type { GrantId } from '../domain/access/hole.ts'
import { SECOND, type Instant, type Millis } from '../domain/time.ts'
import type { Flavour } from './flavour.ts'
import { setSightings } from './grants.ts'
import { HOST_POINT } from './host-row.ts'
import { writeJournal } from './journal.ts'
import type { Session } from './session.ts'
import { statement } from './statement.ts'
import type { PointTable } from './tables.ts'

export async function findPoint(session: Session, id: PointId): Promise<PointRow | undefined> {
  const [row] = await pointById(session, { id })
  return row === undefined ? undefined : pointFromRow(row)
}

const pointById = statement((writer, p: { id: PointId }) =>
  writer.selectFrom('points').selectAll().where('id', '=', p.id),
)

export async function wishPoints(session: Session, { points, shape, dueAt, lease }: PointWish): Promise<PointRow[]> {
  const rows = await wish(session, {
    ids: [...new Set(points)].sort(),
    reshaped: shape ? 1 : 0,
    dueAt,
    owner: lease?.owner ?? null,
    now: lease?.now ?? 0,
    leaseUntil: lease?.until ?? 0,
  })
  return rows.map(pointFromRow).sort(byId)
}

interface WishValues {
  readonly ids: readonly PointId[]
  readonly reshaped: number
  readonly dueAt: Instant
  readonly owner: string | null
  readonly now: Instant
  readonly leaseUntil: Instant
}

const isPointOfHost = sql`serving.machine_key = substr(value, ${sql.lit(HOST_POINT.length + 1)}) and substr(value, 1, ${sql.lit(HOST_POINT.length)}) = ${sql.lit(HOST_POINT)}`

/** A point that somebody serves is known to be so from the first wish on. */
const wish = statement((writer, p: WishValues, { each }) => {
  const owner = sql`cast(${p.owner} as text)`
  const takes = sql`(${owner} is not null and (points.lease_owner is null or points.lease_owner = ${p.owner} or points.lease_until <= ${p.now}) and ${isServedBy(p)})`
  const takesNew = sql`(${owner} is not null and (serving.served_by is null or serving.served_by = ${p.owner}))`
  return writer
    .insertInto('points')
    .columns([
      'id',
      'wanted',
      'applied',
      'shape',
      'pass',
      'due_at',
      'lease_owner',
      'lease_until',
      'failures',
      'served_by',
    ])
    .expression(
      sql`select value, 1, 0, cast(${p.reshaped} as bigint), 0, case when ${takesNew} then cast(${p.leaseUntil} as bigint) else cast(${p.dueAt} as bigint) end, case when ${takesNew} then ${owner} end, case when ${takesNew} then cast(${p.leaseUntil} as bigint) else 0 end, 0, serving.served_by from ${each(p.ids)} left join hosts as serving on ${isPointOfHost} where true`,
    )
    .onConflict((conflict) =>
      conflict.column('id').doUpdateSet({
        wanted: sql`points.wanted + 1`,
        shape: sql`case when excluded.shape = 1 then points.wanted + 1 else points.shape end`,
        due_at: sql`case when ${takes} then cast(${p.leaseUntil} as bigint) when points.due_at <= cast(${p.dueAt} as bigint) then points.due_at else cast(${p.dueAt} as bigint) end`,
        lease_owner: sql`case when ${takes} then ${owner} else points.lease_owner end`,
        lease_until: sql`case when ${takes} then cast(${p.leaseUntil} as bigint) else points.lease_until end`,
      }),
    )
    .returningAll()
})

/** PostgreSQL only: before grants are changed or judged, so that everybody locks points first and grants after. */
export async function lockPointsOf(session: Session, grants: readonly GrantId[]): Promise<void> {
  if (session.flavour.locksRows) await lockPoints(session, { grants })
}

const lockPoints = statement((writer, p: { grants: readonly GrantId[] }, { isIn }) =>
  writer
    .selectFrom('points')
    .select('id')
    .where('id', 'in', (nested) =>
      nested
        .selectFrom('grant_points')
        .select('point_id')
        .where(isIn(sql.ref('grant_id'), p.grants)),
    )
    .orderBy('id')
    .forNoKeyUpdate(),
)

/** Two statements, because the answer is in the order of the due times that the second one moves. */
export async function claimPoints(session: Session, claim: Claim): Promise<PointRow[]> {
  const due = await duePoints(session, claim)
  if (due.length === 0) return []
  const rows = await lease(session, { ids: due.map(({ id }) => id), owner: claim.owner, until: claim.until })
  const byPoint = new Map(rows.map((row) => [row.id, row]))
  return due.flatMap(({ id }) => {
    const row = byPoint.get(id)
    return row === undefined ? [] : [pointFromRow(row)]
  })
}

export interface Claim extends Lease {
  readonly limit: number
  readonly prefixes: readonly string[]
}

const duePoints = statement((writer, p: Claim, flavour) =>
  writer
    .selectFrom('points')
    .select('id')
    .where('due_at', '<=', p.now)
    .where(sql<boolean>`(lease_owner is null or lease_owner = ${p.owner} or lease_until <= ${p.now})`)
    .where(isServedBy(p))
    .where(beginsWithOneOf(p.prefixes, flavour))
    .orderBy('due_at')
    .limit(p.limit)
    .$if(flavour.locksRows, (query) => query.forNoKeyUpdate().skipLocked()),
)

const lease = statement((writer, p: { ids: readonly string[]; owner: string; until: Instant }, { isIn }) =>
  writer
    .updateTable('points')
    .set({ lease_owner: p.owner, lease_until: p.until, due_at: p.until })
    .where(isIn(sql.ref('id'), p.ids))
    .returningAll(),
)

/** A point that waits for the replica that serves it, and is not seen to, is anybody's after this long. */
const PATIENCE: Millis = 5 * SECOND

/** A replica that does not hold the connection to a host could do nothing but fail there. */
function isServedBy(p: { readonly owner: string | null; readonly now: Instant }): RawBuilder<boolean> {
  return sql`(points.served_by is null or points.served_by = ${p.owner} or points.due_at <= ${p.now} - cast(${sql.lit(PATIENCE)} as bigint))`
}

function beginsWithOneOf(prefixes: readonly string[], { each }: Flavour): RawBuilder<boolean> {
  return sql`exists (select 1 from ${each(prefixes)} where substr(points.id, 1, length(value)) = value)`
}

export async function findNextDue(
  session: Session,
  owner: string,
  prefixes: readonly string[],
): Promise<Instant | undefined> {
  const [mine] = await dueForMe(session, { owner, prefixes })
  const [others] = await dueForOthers(session, { owner, prefixes })
  const instants = [mine?.due_at, others?.due_at].filter((due) => typeof due === 'number')
  return instants.length === 0 ? undefined : Math.min(...instants)
}

const dueForMe = statement((writer, p: { owner: string; prefixes: readonly string[] }, flavour) =>
  writer
    .selectFrom('points')
    .select('due_at')
    .where('due_at', 'is not', null)
    .where(sql<boolean>`(lease_owner is null or lease_owner = ${p.owner})`)
    .where(sql<boolean>`(served_by is null or served_by = ${p.owner})`)
    .where(beginsWithOneOf(p.prefixes, flavour))
    .orderBy('due_at')
    .limit(1),
)

/** `<` or `>` and not `<>`: only ranges use the index. With one replica there are none, and that must cost nothing. */
const dueForOthers = statement((writer, p: { owner: string; prefixes: readonly string[] }, flavour) =>
  writer
    .selectFrom('points')
    .select(sql<number | null>`min(case when due_at > lease_until then due_at else lease_until end)`.as('due_at'))
    .where(sql<boolean>`(lease_owner < ${p.owner} or lease_owner > ${p.owner})`)
    .where('due_at', 'is not', null)
    .where(beginsWithOneOf(p.prefixes, flavour)),
)

/** Points with a wish that no pass has applied yet. */
export async function findUnapplied(session: Session): Promise<PointId[]> {
  const rows = await unapplied(session, {})
  return rows.map((row) => row.id as PointId) // was one when it was written
}

const unapplied = statement((writer) =>
  writer
    .selectFrom('points')
    .select('id')
    .where(sql<boolean>`wanted > applied`)
    .orderBy('id'),
)

export async function makeDue(session: Session, prefixes: readonly string[], now: Instant): Promise<void> {
  await makeAllDue(session, { prefixes, now })
}

const makeAllDue = statement((writer, p: { prefixes: readonly string[]; now: Instant }, flavour) =>
  writer
    .updateTable('points')
    .set({ due_at: p.now })
    .where('id', 'in', (nested) =>
      nested
        .selectFrom('points')
        .select('id')
        .where('due_at', 'is not', null)
        .where(beginsWithOneOf(p.prefixes, flavour))
        .orderBy('id')
        .$if(flavour.locksRows, (query) => query.forNoKeyUpdate()),
    ),
)

export async function recordPass(session: Session, record: PassRecord): Promise<PointRow> {
  const { point, journal } = record
  await putSightings(session, point, record.sightings)
  if (journal !== undefined) await writeJournal(session, point, journal)
  const lookAgainAt = record.lookAgainAt ?? null
  const [row] = await pass(session, { point, applied: record.applied, grace: record.grace, lookAgainAt })
  if (row === undefined) throw new Error(`a pass was recorded for ${point}, which nobody ever wished for`)
  return pointFromRow(row)
}

export async function putSightings(
  session: Session,
  point: PointId,
  sightings: readonly GrantOutcome[],
): Promise<void> {
  for (const [sighting, outcomes] of Map.groupBy(sightings, ({ sighting }): Sighting => sighting)) {
    await setSightings(session, { point, sighting, grants: outcomes.map(({ grant }) => grant) })
  }
}

interface PassValues {
  readonly point: PointId
  readonly applied: number
  readonly grace: number
  readonly lookAgainAt: Instant | null
}

/** `applied` only grows: a pass that was recorded late, after its lease, must not hide what a later one did. */
const pass = statement((writer, p: PassValues) => {
  const end = sql`(select min(until_at) from grant_points where point_id = ${p.point} and grant_points.sighting <> 'gone')`
  const look = sql`cast(${p.lookAgainAt} as bigint)`
  const next = sql`(select case when ends.at < ${look} or ${look} is null then ends.at else ${look} end from (select ${end} + cast(${p.grace} as bigint) as at) as ends)`
  return writer
    .updateTable('points')
    .set({
      applied: sql`case when applied > ${p.applied} then applied else ${p.applied} end`,
      pass: sql`pass + 1`,
      failures: 0,
      last_error: null,
      due_at: sql`case when wanted > ${p.applied} and due_at is not null then due_at else ${next} end`,
    })
    .where('id', '=', p.point)
    .returningAll()
})

/** The update changes nothing: it locks the row, so that the lease cannot go to another replica before the commit. */
export async function putJournal(
  session: Session,
  { point, entries, owner }: { point: PointId; entries: readonly JournalEntry[]; owner: string },
): Promise<boolean> {
  const held = await holdLease(session, { point, owner })
  if (held.length === 0) return false
  await writeJournal(session, point, entries)
  return true
}

const holdLease = statement((writer, p: { point: PointId; owner: string }) =>
  writer
    .updateTable('points')
    .set({ lease_owner: p.owner })
    .where('id', '=', p.point)
    .where('lease_owner', '=', p.owner)
    .returning('id'),
)

export async function renewLease(session: Session, point: PointId, { owner, until }: Lease): Promise<boolean> {
  return (await extendLease(session, { point, owner, until })).length > 0
}

/** A point is due when its lease ends, for whoever comes then; a wish that is due sooner stays so. */
const extendLease = statement((writer, p: { point: PointId; owner: string; until: Instant }) =>
  writer
    .updateTable('points')
    .set({
      lease_until: p.until,
      due_at: sql`case when due_at = lease_until then cast(${p.until} as bigint) else due_at end`,
    })
    .where('id', '=', p.point)
    .where('lease_owner', '=', p.owner)
    .returning('id'),
)

export async function recordFailure(session: Session, point: PointId, failure: PassFailure): Promise<boolean> {
  const { error, dueAt, owner = null } = failure
  return (await fail(session, { point, error, dueAt, owner })).length > 0
}

interface Failure {
  readonly point: PointId
  readonly error: string
  readonly dueAt: Instant
  readonly owner: string | null
}

const fail = statement((writer, p: Failure) =>
  writer
    .updateTable('points')
    .set({ failures: sql`failures + 1`, last_error: p.error, due_at: p.dueAt })
    .where('id', '=', p.point)
    .where(sql<boolean>`lease_owner is not distinct from coalesce(cast(${p.owner} as text), lease_owner)`)
    .returning('id'),
)

export async function putDrift(session: Session, point: PointId, drift: Drift | undefined): Promise<void> {
  await setDrift(session, { point, drift: drift === undefined ? null : JSON.stringify(drift) })
}

const setDrift = statement((writer, p: { point: PointId; drift: string | null }) =>
  writer.updateTable('points').set({ drift: p.drift }).where('id', '=', p.point),
)

export async function listTroubledPoints(session: Session, { after, limit }: Page<PointId>): Promise<PointRow[]> {
  const rows = await troubled(session, { after: after ?? '', limit })
  return rows.map(pointFromRow)
}

/** In the words of the partial index. */
const troubled = statement((writer, p: { after: string; limit: number }) =>
  writer
    .selectFrom('points')
    .selectAll()
    .where(sql<boolean>`(failures > 0 or drift is not null)`)
    .where('id', '>', p.after)
    .orderBy('id')
    .limit(p.limit),
)

export async function listOverduePoints(session: Session, before: Instant, limit: number): Promise<OverduePoint[]> {
  const rows = await overdueAt(session, { before, limit })
  return rows.map(({ point_id, grants, since }) => ({ point: point_id as PointId, grants, since })) // was one when it was written
}

const overdueAt = statement((writer, p: { before: Instant; limit: number }) =>
  writer
    .selectFrom('grant_points')
    .select(['point_id', sql<number>`count(*)`.as('grants'), sql<number>`min(until_at)`.as('since')])
    .where('until_at', '<', p.before)
    .where(sql<boolean>`sighting <> 'gone'`)
    .groupBy('point_id')
    .orderBy('point_id')
    .limit(p.limit),
)

const byId = (a: PointRow, b: PointRow): number => (a.id < b.id ? -1 : 1)

function pointFromRow(row: PointTable): PointRow {
  return {
    id: row.id as PointId, // was one when it was written
    wanted: row.wanted,
    applied: row.applied,
    shape: row.shape,
    pass: row.pass,
    dueAt: row.due_at ?? undefined,
    leaseOwner: row.lease_owner ?? undefined,
    leaseUntil: row.lease_until,
    failures: row.failures,
    lastError: row.last_error ?? undefined,
    drift: row.drift === null ? undefined : driftOnRecord(JSON.parse(row.drift) as KeptDrift), // was one when it was written
  }
}
