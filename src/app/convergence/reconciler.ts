/**
 * The loop: claims points that are due and runs their passes, then sleeps until the nearest deadline. It never polls
 * for punctuality; it wakes for an end, for a failed pass's next try, for a heartbeat, for a lease of another replica
 * that ran out, or because somebody wished something.
 */
import { MINUTE, SECOND, type Instant, type Millis } from '../../domain/time.ts'
import type { App } from '../app.ts'
import { leaseFor } from './lease.ts'
import type { Passes } from './passes.ts'
import type { PointRow } from '../ports/rows.ts'

export interface ReconcilerDeps extends Pick<App, 'store' | 'clock' | 'owner' | 'log'> {
  readonly passes: Passes
  /** The beginnings of the ids of points that this replica can reach. */
  readonly prefixes: readonly string[]
  readonly timer: Timer
}

/** Waits; resolves early on abort. Given, so that a simulation can own the time. */
export interface Timer {
  sleep(millis: Millis, signal: AbortSignal): Promise<void>
}

/** Longest sleep: a wake-up that got lost (a cut LISTEN connection) costs no more than this. */
const LONGEST_SLEEP: Millis = MINUTE
/** Passes that the loop keeps under way at once; a slow point holds up one of them, never the others. */
const PLACES = 64
/** How soon to ask again when the store does not answer. */
const STORE_RETRY: Millis = SECOND

export class Reconciler {
  readonly #deps: ReconcilerDeps
  readonly #stopping = new AbortController()
  #nap = new AbortController()
  #target: Instant = 0
  #busy = 0
  #loop: Promise<void> = Promise.resolve()
  #unwatch: () => void = () => {}

  constructor(deps: ReconcilerDeps) {
    this.#deps = deps
  }

  start(): void {
    const { passes, store } = this.#deps
    passes.onRecorded((row) => this.expect(row))
    this.#unwatch = store.onWake(() => this.wake())
    this.#loop = this.#run()
  }

  async stop(): Promise<void> {
    this.#unwatch()
    this.#stopping.abort()
    this.wake()
    await this.#loop
  }

  /** Something may be due sooner than the loop believes. */
  wake(): void {
    this.#nap.abort()
  }

  /** A point's due time is known: wakes the loop only if it sleeps past it. */
  expect(row: PointRow): void {
    if (row.dueAt !== undefined && row.dueAt < this.#target) this.wake()
  }

  async #run(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      this.#nap = new AbortController()
      const pause = await this.#turn()
      const signal = AbortSignal.any([this.#nap.signal, this.#stopping.signal])
      if (!signal.aborted && pause > 0) await this.#deps.timer.sleep(pause, signal)
    }
  }

  /** Claims what is due and starts its passes; says how long to sleep. */
  async #turn(): Promise<Millis> {
    const { store, clock, owner, prefixes, log } = this.#deps
    this.#target = Number.POSITIVE_INFINITY
    const free = PLACES - this.#busy
    if (free === 0) return LONGEST_SLEEP
    try {
      const claimed = await store.claimDue(leaseFor(owner, clock.now()), free, prefixes)
      for (const row of claimed) void this.#begin(row)
      if (claimed.length > 0) return 0
      const now = clock.now()
      const due = (await store.reads.nextDue(owner, prefixes)) ?? Number.POSITIVE_INFINITY
      this.#target = Math.min(due, now + LONGEST_SLEEP)
      return Math.max(0, this.#target - now)
    } catch (cause) {
      log.error({ cause }, 'the store does not answer; due points wait for it')
      return STORE_RETRY
    }
  }

  async #begin(row: PointRow): Promise<void> {
    this.#busy += 1
    await this.#deps.passes.run(row)
    this.#busy -= 1
    if (this.#busy === PLACES - 1) this.wake()
  }
}
