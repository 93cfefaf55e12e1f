/** Requests with their grants: written once, read newest first. */
import { sql, type RawBuilder } from 'kysely'
import type { PointId } from '../app/ports/inventory.ts'
import type { Page, RequestFilter, StoredRequest } from '../app/ports/rows.ts'
import type { Grant, RequestId } from '../domain/access/grant.ts'
import type { GrantId } from '../domain/access/hole.ts'
import { grantFromRow, rowFromGrant } from './grant-row.ts'
import { LIVE } from './grants.ts'
import { insertRows } from './insert-rows.ts'
import type { Session } from './session.ts'
import { runBuilt, statement } from './statement.ts'
import type { RequestTable } from './tables.ts'

export interface NewRequest {
  readonly request: StoredRequest
  readonly points: ReadonlyMap<GrantId, readonly PointId[]>
  readonly revisions: ReadonlyMap<PointId, number>
}

export async function insertRequest(session: Session, { request, points, revisions }: NewRequest): Promise<void> {
  await insertRequests(session, [rowFromRequest(request)])
  const pointsOf = (grant: Grant): readonly PointId[] => points.get(grant.grant) ?? []
  await insertGrants(
    session,
    request.grants.map((grant, place) => rowFromGrant(grant, { request, place, points: pointsOf(grant).length })),
  )
  await insertGrantPoints(
    session,
    request.grants.flatMap((grant) =>
      pointsOf(grant).map((point) => ({
        grant_id: grant.grant,
        point_id: point,
        sighting: grant.closedAt === undefined ? ('wanted' as const) : ('gone' as const),
        until_at: grant.until,
        revision: revisionAt(revisions, point),
      })),
    ),
  )
}

export function revisionAt(revisions: ReadonlyMap<PointId, number>, point: PointId): number {
  const revision = revisions.get(point)
  if (revision === undefined) throw new Error(`no revision is given for ${point}; wish for it in the same transaction`)
  return revision
}

const insertRequests = insertRows('requests', [
  'id',
  'policy_uid',
  'requestor',
  'address',
  'justification',
  'started_at',
  'start_time_utc',
  'requestor_id',
])

const insertGrants = insertRows('grants', [
  'id',
  'request_id',
  'place',
  'policy_uid',
  'machine',
  'machine_key',
  'port',
  'protocol',
  'sources',
  'sources_as',
  'requested_at',
  'from_at',
  'until_at',
  'end_time_utc',
  'state',
  'reason',
  'detail',
  'because',
  'opened_at',
  'closed_at',
  'point_count',
])

const insertGrantPoints = insertRows('grant_points', ['grant_id', 'point_id', 'sighting', 'until_at', 'revision'])

export async function findRequest(session: Session, id: RequestId): Promise<StoredRequest | undefined> {
  const [found] = await withGrants(session, await requestById(session, { id }))
  return found
}

const requestById = statement((writer, p: { id: RequestId }) =>
  writer.selectFrom('requests').selectAll().where('id', '=', p.id),
)

async function withGrants(session: Session, rows: readonly RequestTable[]): Promise<StoredRequest[]> {
  const ids = rows.map((row) => row.id)
  const grants = Map.groupBy(await grantsOfRequests(session, { ids }), (grant) => grant.request_id)
  return rows.map((row) => requestFromRow(row, (grants.get(row.id) ?? []).map(grantFromRow)))
}

const grantsOfRequests = statement((writer, p: { ids: readonly string[] }, { isIn }) =>
  writer
    .selectFrom('grants')
    .selectAll()
    .where(isIn(sql.ref('request_id'), p.ids))
    .orderBy('request_id')
    .orderBy('place'),
)

export async function listRequests(
  session: Session,
  filter: RequestFilter,
  page: Page<RequestId>,
): Promise<StoredRequest[]> {
  const byGrant = filter.machine !== undefined || filter.live === true
  const rows = byGrant ? await requestsByGrant(session, filter, page) : await requestsAlone(session, filter, page)
  return withGrants(session, rows)
}

async function requestsAlone(
  session: Session,
  filter: RequestFilter,
  page: Page<RequestId>,
): Promise<readonly RequestTable[]> {
  let query = session.flavour.writer.selectFrom('requests').selectAll()
  if (filter.policy !== undefined) query = query.where('policy_uid', '=', filter.policy)
  if (filter.since !== undefined) query = query.where('started_at', '>=', filter.since)
  if (filter.until !== undefined) query = query.where('started_at', '<', filter.until)
  if (filter.requestorId !== undefined) query = query.where('requestor_id', '=', filter.requestorId)
  if (page.after !== undefined) query = query.where(olderThan('started_at', 'id', page.after))
  return runBuilt(session, query.orderBy('started_at', 'desc').orderBy('id', 'desc').limit(page.limit))
}

/** Found through the index of the machine, or of what is live, so that a long history is not walked. */
async function requestsByGrant(
  session: Session,
  filter: RequestFilter,
  page: Page<RequestId>,
): Promise<readonly RequestTable[]> {
  let grants = session.flavour.writer.selectFrom('grants').select(['requested_at', 'request_id']).distinct()
  if (filter.policy !== undefined) grants = grants.where('policy_uid', '=', filter.policy)
  if (filter.machine !== undefined) grants = grants.where('machine_key', '=', filter.machine)
  if (filter.live === true) grants = grants.where(LIVE)
  if (filter.since !== undefined) grants = grants.where('requested_at', '>=', filter.since)
  if (filter.until !== undefined) grants = grants.where('requested_at', '<', filter.until)
  if (page.after !== undefined) grants = grants.where(olderThan('requested_at', 'request_id', page.after))
  if (filter.requestorId !== undefined) {
    grants = grants.where('request_id', 'in', ownRequests(session, filter.requestorId))
  }
  const found = grants.orderBy('requested_at', 'desc').orderBy('request_id', 'desc').limit(page.limit)
  return runBuilt(
    session,
    session.flavour.writer
      .selectFrom('requests')
      .innerJoin(found.as('found'), 'found.request_id', 'requests.id')
      .selectAll('requests')
      .orderBy('requests.started_at', 'desc')
      .orderBy('requests.id', 'desc'),
  )
}

function ownRequests({ flavour }: Session, requestor: string) {
  return flavour.writer.selectFrom('requests').select('id').where('requestor_id', '=', requestor)
}

function olderThan(at: string, id: string, last: RequestId): RawBuilder<boolean> {
  return sql`(${sql.ref(at)}, ${sql.ref(id)}) < (select last.started_at, last.id from requests as last where last.id = ${last})`
}

function requestFromRow(row: RequestTable, grants: readonly Grant[]): StoredRequest {
  return {
    id: row.id as RequestId, // was one when it was written
    policy: row.policy_uid,
    requestor: row.requestor,
    ...(row.requestor_id === null ? {} : { requestorId: row.requestor_id }),
    address: row.address,
    ...(row.justification === null ? {} : { justification: row.justification }),
    startedAt: row.started_at,
    startTimeUtc: row.start_time_utc,
    grants,
  }
}

function rowFromRequest(request: StoredRequest): RequestTable {
  return {
    id: request.id,
    policy_uid: request.policy,
    requestor: request.requestor,
    address: request.address,
    justification: request.justification ?? null,
    started_at: request.startedAt,
    start_time_utc: request.startTimeUtc,
    requestor_id: request.requestorId ?? null,
  }
}
