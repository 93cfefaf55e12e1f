/** A connection to a SQLite file whose commits are on the disk when they return, and a session on it. */
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { SQLITE } from './flavour.ts'
import type { Session } from './session.ts'

/** A stranger with a SQLite shell may hold the database this long before we fail; it blocks this whole process. */
const BUSY_MS = 2_000

const SETTINGS = [
  'journal_mode = wal',
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
  const prepared = new Map<string, StatementSync>()
  const prepare = (sql: string): StatementSync => {
    const statement = prepared.get(sql) ?? db.prepare(sql)
    prepared.set(sql, statement)
    return statement
  }
  return {
    flavour: SQLITE,
    run: async (sql, values) => prepare(sql).all(...(values as SQLInputValue[])), // texts, numbers and nulls, by the tables' types
  }
}
