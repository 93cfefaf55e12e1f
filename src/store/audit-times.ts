/**
 * Where in the trail a stretch of time begins and ends, found without walking it. Replicas write by clocks of their own, so
 * that an event may tell of an earlier time than one before it; the head keeps by how much any ever did. Of events that
 * stand before another, none is later than that one by more: so only that much of time has to be looked through.
 */
import { sql } from 'kysely'
import type { Session } from './session.ts'
import { statement } from './statement.ts'

/** The first event at or after the instant, in the order of the trail; undefined when there is none. */
export async function firstFrom(session: Session, instant: number): Promise<number | undefined> {
  const [earliest] = await earliestFrom(session, { instant })
  if (earliest === undefined) return undefined
  const [first] = await firstWithin(session, { from: instant, to: earliest.at + (await lagOf(session)) })
  return first?.seq ?? undefined
}

/** The last event before the instant, in the order of the trail; undefined when there is none. */
export async function lastBefore(session: Session, instant: number): Promise<number | undefined> {
  const [latest] = await latestBefore(session, { instant })
  if (latest === undefined) return undefined
  const [last] = await lastWithin(session, { from: latest.at - (await lagOf(session)), to: instant - 1 })
  return last?.seq ?? undefined
}

async function lagOf(session: Session): Promise<number> {
  const [head] = await largestLag(session, {})
  if (head === undefined) throw new Error('the audit head is missing; the database was changed by hand')
  return head.lag
}

const largestLag = statement((writer) => writer.selectFrom('audit_head').select('lag'))

const earliestFrom = statement((writer, p: { instant: number }) =>
  writer.selectFrom('audit').select('at').where('at', '>=', p.instant).orderBy('at').limit(1),
)

const latestBefore = statement((writer, p: { instant: number }) =>
  writer.selectFrom('audit').select('at').where('at', '<', p.instant).orderBy('at', 'desc').limit(1),
)

interface Stretch {
  readonly from: number
  /** Itself included. */
  readonly to: number
}

// Of a sum, for which no database walks the trail from its end until the time fits.
const firstWithin = statement((writer, p: Stretch) =>
  writer
    .selectFrom('audit')
    .select(sql<number | null>`min(seq + 0)`.as('seq'))
    .where('at', '>=', p.from)
    .where('at', '<=', p.to),
)

const lastWithin = statement((writer, p: Stretch) =>
  writer
    .selectFrom('audit')
    .select(sql<number | null>`max(seq + 0)`.as('seq'))
    .where('at', '>=', p.from)
    .where('at', '<=', p.to),
)
