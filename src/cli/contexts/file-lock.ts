/**
 * One process at a time. The lock is SQLite's, on an empty file beside the guarded one: the system lets go of it by
 * itself when its holder ends, however that is, so there is no stale lock to judge. Who waits too long goes on with an
 * error, never without the lock.
 */
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as pause } from 'node:timers/promises'
import type { Millis } from '../../domain/time.ts'
import { EXIT } from '../exit-codes.ts'
import { Failure } from '../failure.ts'
import { makePrivateFolder } from './private-file.ts'

/** Longer than the longest renewal. */
const PATIENCE: Millis = 45_000
const BETWEEN_TRIES: Millis = 20

export async function holdingLock<T>(guarded: string, work: () => Promise<T>): Promise<T> {
  makePrivateFolder(path.dirname(guarded))
  const file = new DatabaseSync(`${guarded}.lock`)
  try {
    await take(file, guarded)
    return await work()
  } finally {
    file.close()
  }
}

async function take(file: DatabaseSync, guarded: string): Promise<void> {
  const end = performance.now() + PATIENCE
  while (!isTaken(file)) {
    if (performance.now() > end) {
      throw new Failure(EXIT.server, `another sallyport has been changing ${guarded} for too long`, {
        remedy: 'the same again in a minute',
      })
    }
    await pause(BETWEEN_TRIES)
  }
}

const SQLITE_BUSY = 5

function isTaken(file: DatabaseSync): boolean {
  try {
    file.exec('BEGIN EXCLUSIVE')
    return true
  } catch (error) {
    if (error instanceof Error && Reflect.get(error, 'errcode') === SQLITE_BUSY) return false
    throw error
  }
}
