/** When the server's point is as it should be, told by its own record in the database. */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as pause } from 'node:timers/promises'
import { monotonic } from './monotonic.ts'

const LOOK_EVERY = 5
const PATIENCE = 300_000

interface PointState {
  readonly pass: number
  readonly wanted: number
  readonly applied: number
}

export function passRecorded(folder: string): number {
  return look(folder)?.pass ?? 0
}

/** Resolves once a pass after `pass` has been recorded that applied everything. Looks every 5 ms. */
export async function untilRecorded(folder: string, pass: number): Promise<void> {
  const end = monotonic() + PATIENCE
  while (monotonic() < end) {
    const state = look(folder)
    if (state !== undefined && state.pass > pass && state.applied === state.wanted) return
    await pause(LOOK_EVERY)
  }
  throw new Error(`no pass was recorded within ${PATIENCE / 1_000} s; see ${folder}.log`)
}

function look(folder: string): PointState | undefined {
  const db = new DatabaseSync(join(folder, 'sallyport.db'), { readOnly: true, timeout: 1_000 })
  try {
    return db.prepare('select pass, wanted, applied from points').get() as PointState | undefined // the columns named
  } finally {
    db.close()
  }
}
