/** SQLite in the data folder, or PostgreSQL where several replicas share one. */
import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type { Store } from '../../app/ports/store.ts'
import { makeFolder } from '../../cli/make-folder.ts'
import { systemReason } from '../../cli/system-reason.ts'
import type { Config } from '../config/config.ts'

export interface OpenedStore {
  readonly store: Store
  /** The name under which this process holds leases. */
  readonly owner: string
}

/** A folder has one process at a time, so its next one may take over its leases at once; replicas never share a name. */
export async function openStore({ data, database }: Pick<Config, 'data' | 'database'>): Promise<OpenedStore> {
  makeDataFolder(data)
  if (database === undefined) {
    const { openSqliteStore } = await import('../../store/open-sqlite.ts')
    return { store: await openSqliteStore(data), owner: 'local' }
  }
  const { openPostgresStore } = await import('../../store/open-postgres.ts')
  return { store: await openPostgresStore(database), owner: `${hostname()}-${randomUUID()}` }
}

function makeDataFolder(folder: string): void {
  try {
    makeFolder(folder, { mode: 0o700 })
  } catch (cause) {
    const what = `the data folder ${folder} cannot be made (${systemReason(cause)})`
    throw new Error(`${what}; --data names another`, { cause })
  }
}
