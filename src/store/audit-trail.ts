/**
 * What proves, shortens and streams the audit trail: signed checkpoints, the floor under which retention dropped, and
 * how far each sink has got. The rows of the trail itself are in `audit.ts`.
 */
import { sql } from 'kysely'
import type { Lease } from '../app/ports/rows.ts'
import type { AuditHead, StoredCheckpoint, TrailReads, TrailTx } from '../app/ports/trail.ts'
import type { StoredAuditEvent } from '../domain/audit/audit.ts'
import { firstFrom } from './audit-times.ts'
import { eventFromRow } from './audit.ts'
import type { Session } from './session.ts'
import { statement } from './statement.ts'

export function trailReadsOn(session: Session): TrailReads {
  return {
    checkpoints: async ({ after = 0, limit }) => [...(await checkpointsAfter(session, { after, limit }))],
    lastCheckpoint: async () => (await newestCheckpoint(session, {}))[0],
    floor: () => readFloor(session),
    lastBefore: (instant) => readLastBefore(session, instant),
    event: (seq) => readEvent(session, seq),
    cursors: async () => new Map((await allCursors(session, {})).map(({ sink, seq }) => [sink, seq])),
  }
}

export function trailTxOn(session: Session): TrailTx {
  return {
    ...trailReadsOn(session),
    addCheckpoint: async (checkpoint) => void (await insertCheckpoint(session, checkpoint)),
    raiseFloor: async (floor) => void (await setFloor(session, floor)),
    dropBelowFloor: (limit) => dropBelowFloor(session, limit),
    claimCursor: (sink, lease) => claimCursor(session, sink, lease),
    moveCursor: async (sink, seq, owner) => (await setCursor(session, { sink, seq, owner })).length > 0,
  }
}

const checkpointsAfter = statement((writer, p: { after: number; limit: number }) =>
  writer.selectFrom('audit_checkpoints').selectAll().where('number', '>', p.after).orderBy('number').limit(p.limit),
)

const newestCheckpoint = statement((writer) =>
  writer.selectFrom('audit_checkpoints').selectAll().orderBy('number', 'desc').limit(1),
)

const insertCheckpoint = statement((writer, p: StoredCheckpoint) =>
  writer.insertInto('audit_checkpoints').values({ number: p.number, seq: p.seq, line: p.line }),
)

async function readFloor(session: Session): Promise<AuditHead> {
  const [floor] = await theFloor(session, {})
  if (floor === undefined) throw new Error('the audit floor is missing; the database was changed by hand')
  return { seq: floor.seq, hash: floor.hash }
}

const theFloor = statement((writer) => writer.selectFrom('audit_floor').selectAll())

const setFloor = statement((writer, p: { seq: number; hash: string }) =>
  writer.updateTable('audit_floor').set({ seq: p.seq, hash: p.hash }).where('one', '=', 1),
)

/** Two small questions to two indexes: which is the first that must stay, and which is the last before it. */
async function readLastBefore(session: Session, instant: number): Promise<number> {
  const bound = (await firstFrom(session, instant)) ?? Number.MAX_SAFE_INTEGER
  const [old] = await lastUnder(session, { bound })
  return old?.seq ?? 0
}

const lastUnder = statement((writer, p: { bound: number }) =>
  writer
    .selectFrom('audit')
    .select(sql<number | null>`max(seq)`.as('seq'))
    .where('seq', '<', p.bound),
)

async function readEvent(session: Session, seq: number): Promise<StoredAuditEvent | undefined> {
  const [row] = await eventAt(session, { seq })
  return row === undefined ? undefined : eventFromRow(row)
}

const eventAt = statement((writer, p: { seq: number }) =>
  writer.selectFrom('audit').selectAll().where('seq', '=', p.seq),
)

async function dropBelowFloor(session: Session, limit: number): Promise<boolean> {
  const floor = await readFloor(session)
  const [oldest] = await firstSeq(session, {})
  const first = oldest?.seq ?? Number.MAX_SAFE_INTEGER
  if (first > floor.seq) return false
  await dropUpTo(session, { seq: Math.min(floor.seq, first + limit - 1) })
  return true
}

const firstSeq = statement((writer) => writer.selectFrom('audit').select(sql<number | null>`min(seq)`.as('seq')))

const dropUpTo = statement((writer, p: { seq: number }) => writer.deleteFrom('audit').where('seq', '<=', p.seq))

const allCursors = statement((writer) => writer.selectFrom('audit_cursors').selectAll())

async function claimCursor(session: Session, sink: string, lease: Lease): Promise<number | undefined> {
  await makeCursor(session, { sink })
  const [row] = await takeCursor(session, { sink, owner: lease.owner, now: lease.now, until: lease.until })
  return row?.seq
}

const makeCursor = statement((writer, p: { sink: string }) =>
  writer
    .insertInto('audit_cursors')
    .values({ sink: p.sink, seq: 0, lease_owner: null, lease_until: 0 })
    .onConflict((conflict) => conflict.column('sink').doNothing()),
)

const takeCursor = statement((writer, p: { sink: string; owner: string; now: number; until: number }) =>
  writer
    .updateTable('audit_cursors')
    .set({ lease_owner: p.owner, lease_until: p.until })
    .where('sink', '=', p.sink)
    .where((on) =>
      on.or([on('lease_owner', 'is', null), on('lease_owner', '=', p.owner), on('lease_until', '<=', p.now)]),
    )
    .returning('seq'),
)

const setCursor = statement((writer, p: { sink: string; seq: number; owner: string }) =>
  writer
    .updateTable('audit_cursors')
    .set({ seq: p.seq })
    .where('sink', '=', p.sink)
    .where('lease_owner', '=', p.owner)
    .returning('seq'),
)
