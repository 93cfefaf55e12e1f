/** Grants at their points: what a pass reads, and how states change. */
import { sql } from 'kysely'
import type { PointId } from '../app/ports/inventory.ts'
import type { GrantAtPoint, Sighting } from '../app/ports/rows.ts'
import type { GrantChange, GrantExtension, GrantSighting } from '../app/ports/store.ts'
import { isLive, type Grant } from '../domain/access/grant.ts'
import type { GrantId } from '../domain/access/hole.ts'
import type { Instant } from '../domain/time.ts'
import { GRANT_COLUMNS, grantFromRow } from './grant-row.ts'
import { lockPointsOf } from './points.ts'
import { revisionAt } from './requests.ts'
import type { Session } from './session.ts'
import { statement, type Writer } from './statement.ts'
import type { GrantTable } from './tables.ts'

/** Written out, not as parameters: the words of the partial indexes, by which a database knows that it may use them. */
export const LIVE = sql<boolean>`state not in ('closed', 'failed')`
const NOT_GONE = sql<boolean>`grant_points.sighting <> 'gone'`

export async function listLiveGrants(session: Session, policies: readonly string[]): Promise<Grant[]> {
  const rows = await liveGrants(session, { policies })
  return rows.map(grantFromRow)
}

const liveGrants = statement((writer, p: { policies: readonly string[] }, { isIn }) =>
  writer
    .selectFrom('grants')
    .selectAll()
    .where(isIn(sql.ref('policy_uid'), p.policies))
    .where(LIVE)
    .orderBy('requested_at')
    .orderBy('request_id')
    .orderBy('place'),
)

export async function listGrantsAt(
  session: Session,
  point: PointId,
  since: number | undefined,
): Promise<GrantAtPoint[]> {
  const rows = since === undefined ? notGoneAt(session, { point }) : changedAt(session, { point, since })
  return [...(await rows)]
}

function atPoint(writer: Writer, point: PointId) {
  return writer
    .selectFrom('grant_points')
    .innerJoin('grants', 'grants.id', 'grant_points.grant_id')
    .select(GRANT_COLUMNS.map((column) => `grants.${column}` as const))
    .select(['grants.point_count', 'grant_points.sighting', 'grant_points.revision'])
    .where('grant_points.point_id', '=', point)
}

type AtPointRow = Parameters<typeof grantFromRow>[0] &
  Pick<GrantTable, 'point_count'> & { readonly sighting: Sighting; readonly revision: number }

function grantAtPoint(row: AtPointRow): GrantAtPoint {
  return { grant: grantFromRow(row), sighting: row.sighting, revision: row.revision, points: row.point_count }
}

const notGoneAt = statement((writer, p: { point: PointId }) => atPoint(writer, p.point).where(NOT_GONE), grantAtPoint)

const changedAt = statement(
  (writer, p: { point: PointId; since: number }) =>
    atPoint(writer, p.point).where('grant_points.revision', '>', p.since),
  grantAtPoint,
)

export async function changeGrants(
  session: Session,
  changes: readonly GrantChange[],
  revisions: ReadonlyMap<PointId, number>,
): Promise<void> {
  if (changes.length === 0) return
  await lockPointsOf(
    session,
    changes.map((change) => change.grant),
  )
  for (const alike of Map.groupBy(changes, likeness).values()) await changeAlike(session, alike)
  const grants = changes.map((change) => change.grant)
  for (const point of [...revisions.keys()].sort()) {
    await touchRows(session, { grants, point, revision: revisionAt(revisions, point) })
  }
}

/** A thousand grants that end in the same minute are one statement. */
function likeness({ state, reason, at, detail, because }: GrantChange): string {
  return JSON.stringify([state, reason, at, detail, because])
}

async function changeAlike(session: Session, changes: readonly GrantChange[]): Promise<void> {
  const [change] = changes
  if (change === undefined) return
  const { state, reason, at, detail, because } = change
  await setState(session, {
    grants: changes.map(({ grant }) => grant),
    state,
    reason,
    detail: detail ?? null,
    because: because === undefined ? null : JSON.stringify(because),
    openedAt: state === 'open' ? at : null,
    closedAt: isLive(state) ? null : at,
  })
}

interface NewState extends Pick<GrantChange, 'state' | 'reason'> {
  readonly grants: readonly GrantId[]
  readonly detail: string | null
  readonly because: string | null
  readonly openedAt: Instant | null
  readonly closedAt: Instant | null
}

const setState = statement((writer, p: NewState, { isIn }) =>
  writer
    .updateTable('grants')
    .set({
      state: p.state,
      reason: p.reason,
      detail: sql`coalesce(${p.detail}, detail)`,
      because: sql`coalesce(${p.because}, because)`,
      opened_at: sql`coalesce(opened_at, ${p.openedAt})`,
      closed_at: p.closedAt,
    })
    .where(isIn(sql.ref('id'), p.grants)),
)

const touchRows = statement((writer, p: { grants: readonly GrantId[]; point: PointId; revision: number }, { isIn }) =>
  writer
    .updateTable('grant_points')
    .set({ revision: p.revision })
    .where('point_id', '=', p.point)
    .where(isIn(sql.ref('grant_id'), p.grants)),
)

export async function extendGrants(
  session: Session,
  extensions: readonly GrantExtension[],
  revisions: ReadonlyMap<PointId, number>,
): Promise<void> {
  if (extensions.length === 0) return
  await lockPointsOf(
    session,
    extensions.map(({ grant }) => grant),
  )
  for (const alike of Map.groupBy(extensions, ({ endTimeUtc }) => endTimeUtc).values())
    await extendAlike(session, alike)
  const grants = extensions.map(({ grant }) => grant)
  for (const point of [...revisions.keys()].sort()) {
    await touchRows(session, { grants, point, revision: revisionAt(revisions, point) })
  }
}

/** The ports of one request are extended to the same end: one statement. */
async function extendAlike(session: Session, extensions: readonly GrantExtension[]): Promise<void> {
  const [extension] = extensions
  if (extension === undefined) return
  const { until, endTimeUtc } = extension
  const grants = extensions.map(({ grant }) => grant)
  await setEnd(session, { grants, until, endTimeUtc })
  await setEndAtPoints(session, { grants, until })
}

const setEnd = statement((writer, p: { grants: readonly GrantId[]; until: Instant; endTimeUtc: string }, { isIn }) =>
  writer
    .updateTable('grants')
    .set({ until_at: p.until, end_time_utc: p.endTimeUtc })
    .where(isIn(sql.ref('id'), p.grants)),
)

/** A point that was seen to have closed it already opens it again: its row must not look as if nothing was left to do. */
const setEndAtPoints = statement((writer, p: { grants: readonly GrantId[]; until: Instant }, { isIn }) =>
  writer
    .updateTable('grant_points')
    .set({ until_at: p.until, sighting: sql`case when sighting = 'gone' then 'wanted' else sighting end` })
    .where(isIn(sql.ref('grant_id'), p.grants)),
)

/**
 * The points are locked before anything is read: of two passes that record at once, the second sees what the first saw.
 * Everybody locks points in the order of their ids and grants only after them, so this cannot deadlock with a wish.
 */
export async function listSightings(session: Session, grants: readonly GrantId[]): Promise<GrantSighting[]> {
  await lockPointsOf(session, grants)
  const rows = await sightingsOf(session, { grants })
  return rows.map((row) => ({
    grant: row.grant_id as GrantId, // was one when it was written
    point: row.point_id as PointId, // as above
    sighting: row.sighting,
    state: row.state,
    reason: row.reason,
  }))
}

const sightingsOf = statement((writer, p: { grants: readonly GrantId[] }, { isIn }) =>
  writer
    .selectFrom('grant_points')
    .innerJoin('grants', 'grants.id', 'grant_points.grant_id')
    .select(['grant_id', 'point_id', 'sighting', 'state', 'reason'])
    .where(isIn(sql.ref('grant_points.grant_id'), p.grants))
    .orderBy('grant_points.grant_id')
    .orderBy('grant_points.point_id'),
)

export async function setSightings(session: Session, seen: Seen): Promise<void> {
  await see(session, seen)
}

export interface Seen {
  readonly point: PointId
  readonly sighting: Sighting
  readonly grants: readonly GrantId[]
}

const see = statement((writer, p: Seen, { isIn }) =>
  writer
    .updateTable('grant_points')
    .set({ sighting: p.sighting })
    .where('point_id', '=', p.point)
    .where(isIn(sql.ref('grant_id'), p.grants)),
)

export async function countOverdue(session: Session, before: Instant): Promise<number> {
  const [row] = await overdue(session, { before })
  return row?.count ?? 0
}

const overdue = statement((writer, p: { before: Instant }) =>
  writer
    .selectFrom('grant_points')
    .select(sql<number>`count(distinct grant_id)`.as('count'))
    .where('until_at', '<', p.before)
    .where(NOT_GONE),
)
