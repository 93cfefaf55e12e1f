/** What drivers must remember about foreign rules, per point. */
import { sql } from 'kysely'
import type { JournalEntry } from '../app/ports/driver.ts'
import type { PointId } from '../app/ports/inventory.ts'
import { insertRows } from './insert-rows.ts'
import type { Session } from './session.ts'
import { statement } from './statement.ts'

export async function readJournal(session: Session, point: PointId): Promise<JournalEntry[]> {
  const rows = await entriesOf(session, { point })
  return rows.map((row) => ({ key: row.entry_key, value: row.value }))
}

const entriesOf = statement((writer, p: { point: PointId }) =>
  writer.selectFrom('journal').select(['entry_key', 'value']).where('point_id', '=', p.point).orderBy('entry_key'),
)

/** The point's whole journal: what is not named any more is forgotten. */
export async function writeJournal(session: Session, point: PointId, entries: readonly JournalEntry[]): Promise<void> {
  const before = new Map((await readJournal(session, point)).map(({ key, value }) => [key, value]))
  const after = new Map(entries.map(({ key, value }) => [key, value]))
  const stale = [...before].filter(([key, value]) => after.get(key) !== value).map(([key]) => key)
  if (stale.length > 0) await forget(session, { point, stale })
  const fresh = entries.filter(({ key, value }) => before.get(key) !== value)
  await insertEntries(
    session,
    fresh.map(({ key, value }) => ({ point_id: point, entry_key: key, value })),
  )
}

const forget = statement((writer, p: { point: PointId; stale: readonly string[] }, { isIn }) =>
  writer
    .deleteFrom('journal')
    .where('point_id', '=', p.point)
    .where(isIn(sql.ref('entry_key'), p.stale)),
)

const insertEntries = insertRows('journal', ['point_id', 'entry_key', 'value'])
