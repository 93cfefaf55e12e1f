/** SQLite in the data folder, or PostgreSQL where several replicas share one. */
import { randomUUID } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { hostname } from 'node:os'
import type { Store } from '../../app/ports/store.ts'
import type { Config } from '../config/config.ts'

export interface OpenedStore {
  readonly store: Store
  /** The name under which this process holds leases. */
  readonly owner: string
}

/** A folder has one process at a time, so its next one may take over its leases at once; replicas never share a name. */
export async function openStore({ data, database }: Pick<Config, 'data' | 'database'>): Promise<OpenedStore> {
  await mkdir(data, { recursive: true, mode: 0o700 })
  if (database === undefined) {
    const { openSqliteStore } = await import('../../store/open-sqlite.ts')
    return { store: await openSqliteStore(data), owner: 'local' }
  }
  const { openPostgresStore } = await import('../../store/open-postgres.ts')
  return { store: await openPostgresStore(database), owner: `${hostname()}-${randomUUID()}` }
}
