/**
 * `sallyport config move-to-postgres`: an installation that outgrew the database in its folder. Makes none: where there is
 * none, the folder is the wrong one.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Moved } from '../../store/move-to-postgres.ts'
import type { Config } from '../config/config.ts'

export async function moveInstallation({ data, database }: Pick<Config, 'data' | 'database'>): Promise<Moved> {
  const file = join(data, 'sallyport.db')
  if (database === undefined) throw new Error('--database says where to, such as postgres://sallyport@db/sallyport')
  if (!existsSync(file)) throw new Error(`${file} is not there; --data is the folder of a server that uses SQLite`)
  const { moveToPostgres } = await import('../../store/move-to-postgres.ts')
  return moveToPostgres({ folder: data, url: database })
}
