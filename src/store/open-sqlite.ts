/** The store of one process: SQLite in a folder of its own, durable at every commit. */
import { closeSync, fsyncSync, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import type { Store } from '../app/ports/store.ts'
import { SQLITE } from './flavour.ts'
import { lockFolder } from './folder-lock.ts'
import { GroupCommit } from './group-commit.ts'
import { migrate } from './migrate.ts'
import { claimPoints, makeDue } from './points.ts'
import type { Session } from './session.ts'
import { connectSqlite, sessionOn } from './sqlite-connection.ts'
import { perform, readsOn } from './unit-of-work.ts'

/** Rejects when another process uses the folder, and when a newer version wrote it. */
export async function openSqliteStore(folder: string): Promise<Store> {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const lock = lockFolder(folder)
  try {
    return await openLocked(folder, lock.release)
  } catch (cause) {
    lock.release()
    throw cause
  }
}

async function openLocked(folder: string, release: () => void): Promise<Store> {
  const path = join(folder, 'sallyport.db')
  closeSync(openSync(path, 'a', 0o600))
  const db = connectSqlite(path)
  const session = sessionOn(db)
  const commits = new GroupCommit(db)
  await commits.run(() => migrate(session, folder))
  flushFolder(folder)
  return storeOn({ db, session, commits, reader: connectSqlite(path), release })
}

/** A new file's name is only durable when its folder is flushed. */
function flushFolder(folder: string): void {
  const handle = openSync(folder, 'r')
  fsyncSync(handle)
  closeSync(handle)
}

interface Parts {
  readonly db: DatabaseSync
  readonly session: Session
  readonly commits: GroupCommit
  readonly reader: DatabaseSync
  readonly release: () => void
}

function storeOn({ db, session, commits, reader, release }: Parts): Store {
  const transaction: Store['transaction'] = (work) => commits.run(() => perform(session, '', work))
  return {
    transaction,
    reads: readsOn(readSession(session, sessionOn(reader), commits)),
    claimDue: (lease, limit, prefixes) => commits.run(() => claimPoints(session, { ...lease, limit, prefixes })),
    dueNow: (prefixes, now) => commits.run(() => makeDue(session, prefixes, now)),
    onWake: () => () => undefined, // there is no other replica
    close: async () => {
      await commits.drain()
      reader.close()
      db.close()
      release()
    },
  }
}

/** Reads see what is committed: on the writer's warm cache while no group is open, else on a connection of their own. */
function readSession(writer: Session, reader: Session, commits: GroupCommit): Session {
  return {
    flavour: SQLITE,
    run: (sql, values, take) => (commits.isOpen ? reader : writer).run(sql, values, take),
  }
}
