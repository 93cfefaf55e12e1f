/** The databases that the store's contract is tested on, each opened the way the server opens it. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import type { Store } from '../../src/app/ports/store.ts'
import { openPostgresStore } from '../../src/store/open-postgres.ts'
import { openSqliteStore } from '../../src/store/open-sqlite.ts'
import { runAlone, startPostgres, type ThrowawayPostgres } from '../support/postgres.ts'

export interface Database {
  readonly name: 'sqlite' | 'postgres'
  start(): Promise<void>
  stop(): Promise<void>
  /** A new, empty place for a store: a folder, or a url. */
  newPlace(): Promise<string>
  open(place: string): Promise<Store>
  /** A second replica on the same place; on SQLite, which has only one, the same store. */
  another(place: string, store: Store): Promise<Store>
  /** What an administrator with a database shell can do, behind the store's back. */
  tamper(place: string, sql: string): Promise<void>
}

export function sqliteDatabase(): Database {
  const folders: string[] = []
  return {
    name: 'sqlite',
    start: async () => undefined,
    stop: async () => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })),
    newPlace: async () => {
      const folder = mkdtempSync(join(tmpdir(), `sallyport-store-${process.pid}-`))
      folders.push(folder)
      return folder
    },
    open: openSqliteStore,
    another: async (_, store) => store,
    tamper: async (folder, sql) => {
      const db = new DatabaseSync(join(folder, 'sallyport.db'))
      try {
        db.exec(sql)
      } finally {
        db.close()
      }
    },
  }
}

export function postgresDatabase(): Database {
  let server: ThrowawayPostgres | undefined
  const running = (): ThrowawayPostgres => {
    if (server === undefined) throw new Error('start the database first')
    return server
  }
  return {
    name: 'postgres',
    start: async () => {
      server = await startPostgres()
    },
    stop: async () => server?.stop(),
    newPlace: () => running().createDatabase(),
    open: openPostgresStore,
    another: openPostgresStore,
    tamper: runAlone,
  }
}

interface Opened {
  readonly store: Store
  readonly place: string
}

/** Opens an empty store for each test of the suite and closes it after; resolves to a way to begin again over the same place. */
export function freshStores(database: Database, opened: (store: Store, place: string) => void): () => Promise<void> {
  let now: Opened | undefined
  const open = async (place: string): Promise<void> => {
    now = { store: await database.open(place), place }
    opened(now.store, place)
  }
  beforeAll(() => database.start())
  afterAll(() => database.stop())
  beforeEach(async () => open(await database.newPlace()))
  afterEach(() => now?.store.close())
  return async () => {
    if (now === undefined) throw new Error('only a test can open its store again')
    await now.store.close()
    await open(now.place)
  }
}
