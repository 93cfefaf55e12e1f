/**
 * Everything that a folder's database holds, into an empty PostgreSQL one: whole or not at all, in one transaction that
 * ends only if as much is there as here and the chain of the audit trail says the same. Must not run beside a server, and
 * leaves nothing behind that one could be started on by mistake: two would believe that the same machines are theirs.
 */
import { renameSync } from 'node:fs'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { isDeepStrictEqual } from 'node:util'
import { lockFolder } from './folder-lock.ts'
import { openPostgresStore } from './open-postgres.ts'
import { openSqliteStore } from './open-sqlite.ts'
import { PostgresConnections } from './postgres-connections.ts'
import type { Session } from './session.ts'
import { connectSqlite, sessionOn } from './sqlite-connection.ts'
import { readsOn } from './unit-of-work.ts'
import { verifyAudit } from './verify-audit.ts'

export interface Moved {
  readonly rows: number
  /** Where the database of before is now. */
  readonly kept: string
}

/** Both databases are first brought to the newest schema, as a start would. Rejects, with nothing moved. */
export async function moveToPostgres({
  folder,
  url,
}: {
  readonly folder: string
  readonly url: string
}): Promise<Moved> {
  await (await openSqliteStore(folder)).close()
  await (await openPostgresStore(url)).close()
  const lock = lockFolder(folder)
  try {
    const path = join(folder, 'sallyport.db')
    const rows = await moveFile(path, url)
    const kept = `${path}.moved`
    renameSync(path, kept)
    return { rows, kept }
  } finally {
    lock.release()
  }
}

async function moveFile(path: string, url: string): Promise<number> {
  const source = connectSqlite(path) // not read-only: such a connection leaves its own files behind
  const connections = new PostgresConnections(url, 1)
  try {
    const wanted = await verifyAudit(readsOn(sessionOn(source)))
    return await connections.transaction(async (target) => {
      const tables = tablesOf(source)
      await emptied(target, tables)
      let rows = 0
      for (const table of tables) rows += await copyTable(source, target, table)
      const found = await verifyAudit(readsOn(target))
      if (!isDeepStrictEqual(found, wanted))
        throw new Error('the audit trail was not the same at the other side, so nothing was moved')
      return rows
    })
  } finally {
    await connections.close()
    source.close()
  }
}

/** In the order in which they were made: what a row refers to comes before it. */
function tablesOf(source: DatabaseSync): string[] {
  const made = `select name from sqlite_schema where type = 'table' and name not in ('schema_migrations', 'sqlite_sequence') order by rowid`
  return source
    .prepare(made)
    .all()
    .map(({ name }) => String(name))
}

/** Of the rows that the schema begins with. Who starts a server there meanwhile waits, and finds everything. */
async function emptied(target: Session, tables: readonly string[]): Promise<void> {
  await target.run('lock table settings in access exclusive mode', [])
  const settings = await target.run('select name from settings', [])
  if (settings.length > 0) throw new Error('a server has been started on that database before; give an empty one')
  for (const table of tables.toReversed()) await target.run(`delete from ${table}`, [])
}

const ROWS_AT_ONCE = 500

/** How many rows it has, here and there. Every column is a text or a whole number, on both sides under the same name. */
async function copyTable(source: DatabaseSync, target: Session, table: string): Promise<number> {
  const put = async (rows: readonly unknown[]): Promise<void> => {
    if (rows.length === 0) return
    const text = `insert into ${table} select * from json_populate_recordset(null::${table}, cast($1 as json))`
    await target.run(text, [JSON.stringify(rows)]).catch((cause: unknown) => {
      const why = cause instanceof Error ? cause.message : String(cause)
      throw new Error(`rows of ${table} are not taken there (${why}): nothing was moved`, { cause })
    })
  }
  let rows: unknown[] = []
  let count = 0
  for (const row of source.prepare(`select * from ${table}`).iterate()) {
    rows.push(row)
    count += 1
    if (rows.length < ROWS_AT_ONCE) continue
    await put(rows)
    rows = []
  }
  await put(rows)
  const [there] = (await target.run(`select count(*) as rows from ${table}`, [])) as readonly { rows: number }[] // as the statement says
  if (there?.rows !== count)
    throw new Error(`of ${count} rows of ${table}, ${there?.rows ?? 0} arrived: nothing was moved`)
  return count
}
