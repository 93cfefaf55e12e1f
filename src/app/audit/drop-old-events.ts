/**
 * Retention: what is older than the policy allows leaves the audit trail, and a signed record of it stays. The record
 * and the new floor commit first; the rows go afterwards, a few at a time, so that nobody waits and a crash is finished
 * by the next run. What a sink has not had yet stays.
 */
import type { App } from '../app.ts'
import { signCheckpoint, type SigningDeps } from './sign-checkpoint.ts'
import type { Millis } from '../../domain/time.ts'

export interface Retention extends SigningDeps, Pick<App, 'store'> {
  readonly keepFor: Millis
  /** Names of the sinks that must have an event before it may go. */
  readonly sinks: readonly string[]
}

const AT_ONCE = 500

/** How many events were given up now. */
export async function dropOldEvents(retention: Retention, signal: AbortSignal): Promise<number> {
  const dropped = await raiseFloor(retention)
  while (!signal.aborted && (await retention.store.transaction((tx) => tx.trail.dropBelowFloor(AT_ONCE))));
  return dropped
}

async function raiseFloor(retention: Retention): Promise<number> {
  const { store, clock, keepFor, sinks } = retention
  const { trail } = store.reads
  const cursors = await trail.cursors()
  const old = await trail.lastBefore(clock.now() - keepFor)
  const last = Math.min(old, ...sinks.map((sink) => cursors.get(sink) ?? 0))
  if (last <= (await trail.floor()).seq) return 0
  return store.transaction(async (tx) => {
    const floor = await tx.trail.floor()
    const event = await tx.trail.event(last)
    if (last <= floor.seq || event === undefined) return 0 // another replica was faster
    const dropped = { first: floor.seq + 1, count: last - floor.seq }
    await signCheckpoint(retention, tx, { seq: last, hash: event.hash, dropped })
    await tx.trail.raiseFloor({ seq: last, hash: event.hash })
    const data = JSON.stringify({ first: dropped.first, last, events: dropped.count, lastHash: event.hash })
    await tx.append([
      { at: clock.now(), action: 'audit.dropped', actor: 'sallyport', address: '', target: 'audit', data },
    ])
    return dropped.count
  })
}
