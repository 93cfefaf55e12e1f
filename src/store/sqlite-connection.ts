/** A connection to a SQLite file whose commits are on the disk when they return, and a session on it. */
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { SQLITE } from './flavour.ts'
import type { Session, Take } from './session.ts'

/** A stranger with a SQLite shell may hold the database this long before we fail; it blocks this whole process. */
const BUSY_MS = 2_000

const SETTINGS = [
  // Every page that a commit touches is written to the log whole, and a request touches a page of each index: measured,
  // 2 KiB pages commit a quarter faster than 4 KiB ones. It only takes effect on a new file.
  'page_size = 2048',
  'journal_mode = wal',
  // In pages: 16 MiB. Copying the log back blocks everybody for some milliseconds; so it is seldom.
  'wal_autocheckpoint = 8000',
  // In WAL mode NORMAL would flush at checkpoints only: a power cut could take back what was acknowledged.
  'synchronous = full',
  'cache_size = -65536', // KiB
  'temp_store = memory',
]

export function connectSqlite(path: string): DatabaseSync {
  const db = new DatabaseSync(path, { timeout: BUSY_MS, enableForeignKeyConstraints: true })
  for (const setting of SETTINGS) db.exec(`pragma ${setting}`)
  return db
}

/** Prepares each text once. Synchronous below, so a statement's rows are whole before anybody else runs. */
export function sessionOn(db: DatabaseSync): Session {
  const prepare = preparing(db)
  const prepareToTake = preparing(db)
  return {
    flavour: SQLITE,
    run: async (sql, values, take) => {
      const given = values as SQLInputValue[] // texts, numbers and nulls, by the tables' types
      return take === undefined ? prepare(sql).all(...given) : takeEach(prepareToTake(sql), given, take)
    },
  }
}

/** Once for each text. */
function preparing(db: DatabaseSync): (sql: string) => StatementSync {
  const prepared = new Map<string, StatementSync>()
  return (sql) => {
    const statement = prepared.get(sql) ?? db.prepare(sql)
    prepared.set(sql, statement)
    return statement
  }
}

/**
 * Of a hundred thousand rows, one at a time: side by side they would outlive the collector's young objects. As lists of
 * values, which SQLite hands over in half the time, put into one object that is lent out again and again.
 */
function takeEach(statement: StatementSync, given: readonly SQLInputValue[], take: Take): unknown[] {
  const names = statement.columns().map(({ name }) => name)
  const lent: Record<string, unknown> = {}
  statement.setReturnArrays(true)
  return Array.from(statement.iterate(...given), (row) => {
    const values = row as unknown as readonly unknown[] // what was just set
    for (let index = 0; index < names.length; index += 1) lent[names[index] ?? ''] = values[index]
    return take(lent)
  })
}
