/**
 * The audit chain: each event's hash covers the one before. The head row says where the chain ends, so that a tail cut
 * off is noticed too; on PostgreSQL it is locked, so that replicas append one after the other.
 */
import { createHash } from 'node:crypto'
import { sql, type RawBuilder } from 'kysely'
import { canonicalText, type AuditAction, type AuditEvent, type StoredAuditEvent } from '../domain/audit/audit.ts'
import type { Page } from '../app/ports/rows.ts'
import type { AuditFilter, AuditHead } from '../app/ports/trail.ts'
import { firstFrom, lastBefore } from './audit-times.ts'
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
  { after, limit }: Page<number>,
): Promise<StoredAuditEvent[]> {
  const { newestFirst: backwards = false, since, until, machine } = filter
  const first = since === undefined ? 1 : await firstFrom(session, since)
  const last = until === undefined ? Number.MAX_SAFE_INTEGER : await lastBefore(session, until)
  if (first === undefined || last === undefined) return []
  const stretch = backwards
    ? { from: first, to: Math.min(last, (after ?? Number.MAX_SAFE_INTEGER) - 1) }
    : { from: Math.max(first, (after ?? 0) + 1), to: last }
  const rows =
    machine === undefined
      ? await readStretch(session, filter, { ...stretch, limit })
      : await readAbout(session, { ...filter, machine }, { ...stretch, limit })
  return rows.map(eventFromRow)
}

/** Of events by their numbers, both included. */
interface Stretch {
  readonly from: number
  readonly to: number
  readonly limit: number
}

type Rows = readonly AuditTable[]

function readStretch(
  session: Session,
  filter: AuditFilter,
  { from, to, limit, about }: Stretch & { readonly about?: RawBuilder<boolean> },
): Promise<Rows> {
  const { flavour } = session
  const { newestFirst: backwards = false, since, until } = filter
  let query = flavour.writer
    .selectFrom('audit')
    .selectAll()
    .where(sql`+seq`, '>', FLOOR)
  query = query.where('seq', '>=', from).where('seq', '<=', to)
  if (filter.actions !== undefined) query = query.where(flavour.isIn(sql.ref('action'), filter.actions))
  if (filter.target !== undefined) query = query.where(sql`lower(target)`, '=', filter.target.toLowerCase())
  if (filter.request !== undefined) query = query.where('request_id', '=', filter.request)
  if (filter.correlation !== undefined)
    query = query.where(flavour.fact('data', 'correlation'), '=', filter.correlation)
  if (filter.actor !== undefined) query = query.where(isBy(filter.actor))
  if (about !== undefined) query = query.where(about)
  if (since !== undefined) query = query.where('at', '>=', since)
  if (until !== undefined) query = query.where('at', '<', until)
  return runBuilt(session, query.orderBy('seq', backwards ? 'desc' : 'asc').limit(limit))
}

/** The index of persons leaves out what happens by itself, and is used only when the query says so too. */
function isBy(actor: string): RawBuilder<boolean> {
  const same = sql<boolean>`lower(actor) = lower(${actor})`
  return actor.toLowerCase() === 'sallyport' ? same : sql<boolean>`(${same} and actor <> 'sallyport')`
}

/** These have the policy or the point as their target, and name machines in their data. */
const NAME_MACHINES: readonly AuditAction[] = ['access.refused', 'policy.saved', 'policy.removed', 'policy.refused']
/** In the data no index looks: so many events at once, before others get their turn. */
const LOOKED_INTO_AT_ONCE = 20_000

type AboutMachine = AuditFilter & Required<Pick<AuditFilter, 'machine'>>

/** What was done to the machine or at its points, found by an index, and what names it, found by looking into it. */
async function readAbout(session: Session, filter: AboutMachine, stretch: Stretch): Promise<Rows> {
  const { key, points } = filter.machine
  const { flavour } = session
  const targets = [key, ...points].map((target) => target.toLowerCase())
  const isTarget = flavour.isIn(sql`lower(target)`, targets)
  const done = await readStretch(session, filter, { ...stretch, about: isTarget })
  const named = await readNaming(session, filter, withinReach(done, filter, stretch))
  const together = new Map([...done, ...named].map((row) => [row.seq, row]))
  const sign = filter.newestFirst === true ? -1 : 1
  return [...together.values()].sort((a, b) => sign * (a.seq - b.seq)).slice(0, stretch.limit)
}

/** Behind the last of a full page nothing is shown. */
function withinReach(page: Rows, { newestFirst }: AuditFilter, stretch: Stretch): Stretch {
  const end = page.length < stretch.limit ? undefined : page.at(-1)?.seq
  if (end === undefined) return stretch
  return newestFirst === true ? { ...stretch, from: end } : { ...stretch, to: end }
}

async function readNaming(session: Session, filter: AboutMachine, { from, to, limit }: Stretch): Promise<Rows> {
  const { flavour } = session
  const names = flavour.holds(sql`lower(data)`, JSON.stringify(filter.machine.key).toLowerCase())
  const about = sql<boolean>`(${flavour.isIn(sql.ref('action'), NAME_MACHINES)} and ${names})`
  const found: AuditTable[] = []
  const last = Math.min(to, (await readAuditHead(session)).seq)
  const parts = Math.ceil((last - from + 1) / LOOKED_INTO_AT_ONCE)
  for (let part = 0; part < parts && found.length < limit; part++) {
    if (part > 0) await new Promise(setImmediate)
    const begin = from + (filter.newestFirst === true ? parts - 1 - part : part) * LOOKED_INTO_AT_ONCE
    const some = { from: begin, to: Math.min(last, begin + LOOKED_INTO_AT_ONCE - 1), limit: limit - found.length }
    found.push(...(await readStretch(session, filter, { ...some, about })))
  }
  return found
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
