/**
 * Keeps the audit trail provable: a signed checkpoint whenever enough happened or enough time went by, each also outside
 * the database, where who can rewrite the one cannot rewrite the other.
 */
import type { App } from '../app.ts'
import type { StoredCheckpoint } from '../ports/trail.ts'
import { signCheckpoint, type SigningDeps } from './sign-checkpoint.ts'
import { checkpointFromLine } from '../../domain/audit/audit-checkpoint.ts'
import type { Millis } from '../../domain/time.ts'

/** A place outside the database. */
export interface CheckpointPlace {
  /** The number of the last checkpoint that is there; 0 for none. */
  last(): Promise<number>
  /** Resolves when they are there for good. */
  write(checkpoints: readonly StoredCheckpoint[], signal: AbortSignal): Promise<void>
}

export interface TrailKeeping extends SigningDeps, Pick<App, 'store' | 'log'> {
  readonly places: readonly CheckpointPlace[]
  readonly everyEvents: number
  readonly every: Millis
}

/** True when a checkpoint was written. `always` is for the last one, before the server stops. */
export async function checkpointIfDue(keeping: TrailKeeping, when: 'due' | 'always' = 'due'): Promise<boolean> {
  const { store, clock, everyEvents, every } = keeping
  const [head, last] = await Promise.all([store.reads.auditHead(), store.reads.trail.lastCheckpoint()])
  const vouched = last === undefined ? undefined : checkpointFromLine(last.line)
  // After a record of what was dropped, the chain's end is vouched for anew.
  const known = vouched?.dropped === undefined ? (vouched?.seq ?? 0) : 0
  if (head.seq <= known) return false
  const isDue = head.seq - known >= everyEvents || clock.now() - (vouched?.at ?? 0) >= every
  if (when === 'due' && !isDue) return false
  try {
    await store.transaction(async (tx) => signCheckpoint(keeping, tx, await tx.auditHead()))
    return true
  } catch (cause) {
    const newest = await store.reads.trail.lastCheckpoint()
    if ((newest?.number ?? 0) > (last?.number ?? 0)) return false // another replica was faster
    throw cause
  }
}

const AT_ONCE = 500

/** Brings every place up to what the store has. Rejects when one could not be reached; the others have it all the same. */
export async function carryOut({ store, places }: TrailKeeping, signal: AbortSignal): Promise<void> {
  const outcomes = await Promise.allSettled(places.map((place) => bringUp(store, place, signal)))
  const failed = outcomes.filter((outcome) => outcome.status === 'rejected')
  if (failed.length > 0)
    throw new AggregateError(
      failed.map(({ reason }): unknown => reason),
      'checkpoints could not be written outside the database',
    )
}

async function bringUp(store: App['store'], place: CheckpointPlace, signal: AbortSignal): Promise<void> {
  for (let after = await place.last(); ;) {
    const missing = await store.reads.trail.checkpoints({ after, limit: AT_ONCE })
    const last = missing.at(-1)
    if (last === undefined) return
    await place.write(missing, signal)
    after = last.number
  }
}
