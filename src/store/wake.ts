/** Telling other replicas which points were wished for: a notification that PostgreSQL delivers at commit. */
import { sql } from 'kysely'
import type { PointId } from '../app/ports/inventory.ts'
import type { Session } from './session.ts'
import { statement } from './statement.ts'

export const CHANNEL = 'sallyport_wish'

export async function notifyWish(session: Session, replica: string, points: readonly PointId[]): Promise<void> {
  await notify(session, { payloads: points.map((point) => `${replica} ${point}`) })
}

const notify = statement((writer, p: { payloads: readonly string[] }, { each }) => ({
  compile: () => sql`select pg_notify(${sql.lit(CHANNEL)}, value) from ${each(p.payloads)}`.compile(writer),
}))

/** The point of another replica's wish; undefined for our own. */
export function pointWished(payload: string, replica: string): PointId | undefined {
  const space = payload.indexOf(' ')
  return payload.slice(0, space) === replica ? undefined : (payload.slice(space + 1) as PointId) // as notifyWish wrote it
}
