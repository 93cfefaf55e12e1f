/**
 * The audit chain: each event's hash covers the one before. The head row says where the chain ends, so that a tail cut
 * off is noticed too; on PostgreSQL it is locked, so that replicas append one after the other.
 */
import { createHash } from 'node:crypto'
import { sql, type RawBuilder } from 'kysely'
import { canonicalText, type AuditAction, type AuditEvent, type StoredAuditEvent } from '../domain/audit/audit.ts'
import type { AuditFilter, AuditHead, Page } from '../app/ports.ts'
import { firstFrom, lastBefore } from './audit-times.ts'
import type { Flavour } from './flavour.ts'
import { insertRows } from './insert-rows.ts'
import type { Session } from './session.ts'
import { runBuilt, statement } from './statement.ts'
import type { AuditTable } from './tables.ts'

export async function appendAudit(session: Session, events: readonly AuditEvent[]): Promise<void> {
  const [head] = await lockedHead(session, {})
  if (head === undefined) throw new Error('the audit head is missing; the database was changed by hand')
  const rows: AuditTable[] = []
  let { seq, hash, latest_at: latest, lag } = head
  for (const event of events) {
    seq += 1
    hash = chainedHash(hash, seq, event)
    latest = Math.max(latest, event.at)
    lag = Math.max(lag, latest - event.at)
    rows.push(rowFromEvent({ ...event, seq, hash }))
  }
  await insertEvents(session, rows)
  await moveHead(session, { seq, hash, latest, lag })
}

export function chainedHash(previous: string, seq: number, event: AuditEvent): string {
  return createHash('sha256').update(previous).update(canonicalText(seq, event)).digest('hex')
}

export async function readAuditHead(session: Session): Promise<AuditHead> {
  const [head] = await plainHead(session, {})
  if (head === undefined) throw new Error('the audit head is missing; the database was changed by hand')
  return { seq: head.seq, hash: head.hash }
}

const plainHead = statement((writer) => writer.selectFrom('audit_head').selectAll())

const lockedHead = statement((writer, _: object, { locksRows }) =>
  writer
    .selectFrom('audit_head')
    .selectAll()
    .$if(locksRows, (query) => query.forUpdate()),
)

const insertEvents = insertRows('audit', [
  'seq',
  'at',
  'action',
  'actor',
  'address',
  'target',
  'request_id',
  'grant_id',
  'data',
  'hash',
])

const moveHead = statement((writer, p: { seq: number; hash: string; latest: number; lag: number }) =>
  writer
    .updateTable('audit_head')
    .set({ seq: p.seq, hash: p.hash, latest_at: p.latest, lag: p.lag })
    .where('one', '=', 1),
)

/**
 * What retention dropped is gone for readers at once; and what somebody put in its place, which no chain covers, is not shown.
 * Compared with `+seq`, so that SQLite begins where the reader does, not here: it looks for one bound only.
 */
const FLOOR = sql<number>`(select seq from audit_floor)`

export async function listAudit(
  session: Session,
  filter: AuditFilter,
  page: Page<number>,
): Promise<StoredAuditEvent[]> {
  const { flavour } = session
  let query = flavour.writer.selectFrom('audit').selectAll().where(sql`+seq`, '>', FLOOR)
  const { newestFirst: backwards = false, since, until } = filter
  const first = since === undefined ? 1 : await firstFrom(session, since)
  const last = until === undefined ? Number.MAX_SAFE_INTEGER : await lastBefore(session, until)
  if (first === undefined || last === undefined) return []
  if (backwards && page.after !== undefined) query = query.where('seq', '<', page.after)
  query = query.where('seq', '>', Math.max(backwards ? 0 : (page.after ?? 0), first - 1))
  if (filter.actions !== undefined) query = query.where(flavour.isIn(sql.ref('action'), filter.actions))
  if (filter.target !== undefined) query = query.where(sql`lower(target)`, '=', filter.target.toLowerCase())
  if (filter.request !== undefined) query = query.where('request_id', '=', filter.request)
  if (filter.correlation !== undefined)
    query = query.where(flavour.fact('data', 'correlation'), '=', filter.correlation)
  if (filter.actor !== undefined) query = query.where(isBy(filter.actor))
  if (filter.machine !== undefined) query = query.where(isAbout(flavour, filter.machine))
  if (since !== undefined) query = query.where('at', '>=', since)
  if (until !== undefined) query = query.where('at', '<', until).where('seq', '<=', last)
  const rows = await runBuilt(session, query.orderBy('seq', backwards ? 'desc' : 'asc').limit(page.limit))
  return rows.map(eventFromRow)
}

/** The index of persons leaves out what happens by itself, and is used only when the query says so too. */
function isBy(actor: string): RawBuilder<boolean> {
  const same = sql<boolean>`lower(actor) = lower(${actor})`
  return actor.toLowerCase() === 'sallyport' ? same : sql<boolean>`(${same} and actor <> 'sallyport')`
}

/** These have the policy or the point as their target, and name machines in their data. */
const NAME_MACHINES: readonly AuditAction[] = ['access.refused', 'policy.saved', 'policy.removed', 'policy.refused']

function isAbout(flavour: Flavour, { key, points }: NonNullable<AuditFilter['machine']>): RawBuilder<boolean> {
  const targets = [key, ...points].map((target) => target.toLowerCase())
  const isTarget = flavour.isIn(sql`lower(target)`, targets)
  const names = flavour.holds(sql`lower(data)`, JSON.stringify(key).toLowerCase())
  return sql<boolean>`(${isTarget} or (${flavour.isIn(sql.ref('action'), NAME_MACHINES)} and ${names}))`
}

export async function readLatestInstant(session: Session): Promise<number> {
  const [row] = await latest(session, {})
  return Math.max(0, row?.audited ?? 0, row?.requested ?? 0, row?.saved ?? 0)
}

const latest = statement((writer) =>
  writer.selectNoFrom((from) => [
    from
      .selectFrom('audit')
      .select(sql<number | null>`max(at)`.as('at'))
      .as('audited'),
    from
      .selectFrom('requests')
      .select(sql<number | null>`max(started_at)`.as('at'))
      .as('requested'),
    from
      .selectFrom('policies')
      .select(sql<number | null>`max(updated_at)`.as('at'))
      .as('saved'),
  ]),
)

export function eventFromRow(row: AuditTable): StoredAuditEvent {
  return {
    seq: row.seq,
    hash: row.hash,
    at: row.at,
    action: row.action,
    actor: row.actor,
    address: row.address,
    target: row.target,
    ...(row.request_id === null ? {} : { request: row.request_id }),
    ...(row.grant_id === null ? {} : { grant: row.grant_id }),
    data: row.data,
  }
}

function rowFromEvent(event: StoredAuditEvent): AuditTable {
  const { seq, hash, at, action, actor, address, target, data } = event
  const about = { request_id: event.request ?? null, grant_id: event.grant ?? null }
  return { seq, hash, at, action, actor, address, target, ...about, data }
}
