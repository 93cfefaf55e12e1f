/**
 * What a request would cost if nobody wrote down what happened: the same store, the same transactions, the same durable
 * commit, without the events. Nothing else is left out; it exists to measure what they cost.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Store } from '../src/app/ports/store.ts'
import { openSqliteStore } from '../src/store/open-sqlite.ts'

export async function openStoreWithoutAudit(): Promise<Store> {
  const folder = await mkdtemp(join(tmpdir(), `sallyport-floor-${process.pid}-`))
  const store = await openSqliteStore(folder)
  return {
    ...store,
    transaction: (work) => store.transaction((tx) => work({ ...tx, append: () => Promise.resolve() })),
    close: async () => {
      await store.close()
      await rm(folder, { recursive: true })
    },
  }
}
