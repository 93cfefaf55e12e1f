/**
 * `sallyport config new-token`: another administrator token, for one that was lost or seen by others. Works on the store
 * itself: whoever may do that could read and write everything there anyway. A SQLite lets nobody else in while a server
 * uses it; servers on a PostgreSQL go on, for they ask which token counts. Makes no installation: where there is none,
 * the folder is the wrong one.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createClock } from '../clock.ts'
import type { Config } from '../config/config.ts'
import { replaceToken } from './admin-token.ts'
import { openStore } from './open-store.ts'

/** The file that the token is in now. Rejects, with nothing changed, while a server uses the folder. */
export async function replaceAdminToken(config: Pick<Config, 'data' | 'database'>): Promise<string> {
  const { data, database } = config
  const kept = join(data, 'sallyport.db')
  if (database === undefined && !existsSync(kept))
    throw new Error(`${kept} is not there; --data is the folder of a server that has been started before`)
  const { store } = await openStore(config)
  try {
    const clock = createClock(await store.reads.latestInstant())
    return await replaceToken(store, data, clock.now())
  } finally {
    await store.close()
  }
}
