/**
 * Runs passes: one at a time per point, and everything that is wished while one runs goes into the next. A thousand
 * grants on one point that end in the same minute are one write.
 */
import type { ForeignChange, Driver } from '../ports/driver.ts'
import type { PointId } from '../ports/inventory.ts'
import type { PointRow } from '../ports/rows.ts'
import type { App } from '../app.ts'
import { failUnopened } from '../requests/fail-unopened.ts'
import { recordDrift } from './drift-events.ts'
import { leaseFor, PASS_DEADLINE, RENEW_EVERY } from './lease.ts'
import { PointView } from './point-view.ts'
import { reconcile, type ReconcileDeps } from './reconcile.ts'
import type { Timer } from './reconciler.ts'
import type { FoundDrift } from '../../domain/access/drift.ts'
import { MINUTE, SECOND, type Instant, type Millis } from '../../domain/time.ts'

export interface PassesDeps extends ReconcileDeps, Pick<App, 'driverOf' | 'log'> {
  /** Real time unless a simulation owns it. */
  readonly timer?: Timer
}

const REAL_TIME: Timer = {
  sleep: (millis, signal) =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, millis)
      signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true })
    }),
}

/** One point's line of passes. */
interface Line {
  readonly view: PointView
  /** The passes under way; undefined when idle. */
  running: Promise<void> | undefined
  /** The pass not yet begun, which everybody who asks now shares. */
  next: Next | undefined
  leaseUntil: Instant
}

interface Next {
  full: boolean
  wishesOnly: boolean
  readonly foreign: ForeignChange[]
  readonly done: PromiseWithResolvers<void>
}

interface Failure {
  readonly cause: unknown
  /** What the pass had found before it failed. */
  readonly found: FoundDrift | undefined
}

/** Why a pass is asked for; see `PassInput`. */
interface How {
  readonly full?: boolean
  readonly wishesOnly?: boolean
  readonly foreign?: ForeignChange
}

const LONGEST_BACKOFF: Millis = MINUTE
/** A host that nobody hears from makes its point due when it comes back; trying before that is for what could be missed. */
const LONGEST_SILENCE: Millis = 5 * MINUTE

export class Passes {
  readonly #deps: PassesDeps
  readonly #lines = new Map<PointId, Line>()
  readonly #cutShort = new AbortController()
  #stopped = false
  readonly #listeners: ((row: PointRow) => void)[] = []

  constructor(deps: PassesDeps) {
    this.#deps = deps
  }

  /** Calls back whenever a point's row has changed. */
  onRecorded(listener: (row: PointRow) => void): void {
    this.#listeners.push(listener)
  }

  #recorded(row: PointRow): void {
    for (const listener of this.#listeners) listener(row)
  }

  /**
   * Runs a pass on each point of which this replica holds the lease, and waits at most `within` for all of them.
   * A pass that takes longer, or fails, goes on in the background: the wish is already on record.
   */
  async settle(rows: readonly PointRow[], within: Millis): Promise<void> {
    const passes = rows
      .filter((row) => row.leaseOwner === this.#deps.owner)
      .map((row) => this.run(row, { wishesOnly: true }))
    if (passes.length === 0) return
    let timer: NodeJS.Timeout | undefined
    const tooLong = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, within)
    })
    await Promise.race([Promise.all(passes), tooLong])
    clearTimeout(timer)
  }

  /** Resolves when a pass that began after this call has ended, well or badly. */
  run(row: PointRow, how: How = {}): Promise<void> {
    const line = this.#lineOf(row.id)
    line.leaseUntil = Math.max(line.leaseUntil, row.leaseUntil)
    return this.#enqueue(row.id, line, how)
  }

  /** Somebody else changed the point: everything on it is looked at, at once, with or without a working store. */
  async heal(change: ForeignChange): Promise<void> {
    const line = this.#lineOf(change.point)
    if (!(await this.#holdsLease(change.point, line))) return
    await this.#enqueue(change.point, line, { full: true, foreign: change })
  }

  /** Lets the passes under way finish, though no longer than usual ones may take, and begins no other. What is left stays due. */
  async stop(): Promise<void> {
    this.#stopped = true
    const timer = setTimeout(() => this.#cutShort.abort(new Error('the server stops')), PASS_DEADLINE)
    await Promise.all([...this.#lines.values()].flatMap(({ running }) => (running === undefined ? [] : [running])))
    clearTimeout(timer)
  }

  #lineOf(point: PointId): Line {
    const line = this.#lines.get(point) ?? { view: new PointView(), running: undefined, next: undefined, leaseUntil: 0 }
    this.#lines.set(point, line)
    return line
  }

  #enqueue(point: PointId, line: Line, how: How): Promise<void> {
    line.next ??= { full: false, wishesOnly: true, foreign: [], done: Promise.withResolvers<void>() }
    line.next.full ||= how.full === true
    line.next.wishesOnly &&= how.wishesOnly === true
    if (how.foreign !== undefined) line.next.foreign.push(how.foreign)
    const { promise } = line.next.done
    line.running ??= this.#drain(point, line)
    return promise
  }

  /** True if the lease lasts for a whole pass; takes or renews it when it does not. Else another replica sees to the point. */
  async #holdsLease(point: PointId, line: Line): Promise<boolean> {
    const { clock, owner, store } = this.#deps
    const now = clock.now()
    if (line.leaseUntil >= now + PASS_DEADLINE) return true
    const lease = leaseFor(owner, now)
    const [row] = await store.transaction((tx) => tx.wish({ points: [point], shape: false, dueAt: now, lease }))
    if (row?.leaseOwner !== owner) return false
    line.leaseUntil = row.leaseUntil
    return true
  }

  async #drain(point: PointId, line: Line): Promise<void> {
    for (let next = line.next; next !== undefined; next = line.next) {
      line.next = undefined
      await this.#pass(point, line, next)
      next.done.resolve()
    }
    line.running = undefined
  }

  async #pass(point: PointId, line: Line, { full, wishesOnly, foreign }: Next): Promise<void> {
    const driver = this.#deps.driverOf(point)
    if (driver === undefined || this.#stopped) return
    const patience = driver.traitsOf?.(point).patience ?? PASS_DEADLINE
    const over = new AbortController()
    const overtaken = new AbortController()
    const signal = AbortSignal.any([AbortSignal.timeout(patience), this.#cutShort.signal, overtaken.signal])
    try {
      // It may have run out since it was taken: a pass waits for the one before it, and a process can be paused.
      if (!(await this.#holdsLease(point, line))) return
      if (patience > PASS_DEADLINE) void this.#keepLease(point, line, over.signal, overtaken)
      const row = await reconcile(this.#deps, { point, view: line.view, driver, full, wishesOnly, foreign, signal })
      if (row !== undefined) this.#recorded(row)
    } catch (cause) {
      const { found } = line.view
      line.view.forget()
      await this.#failed(point, driver, { cause, found })
    } finally {
      over.abort()
    }
  }

  /** Until the pass is over. When another replica has the point by now, the pass ends: what it does counts for nothing. */
  async #keepLease(point: PointId, line: Line, over: AbortSignal, overtaken: AbortController): Promise<void> {
    const { store, clock, owner, timer = REAL_TIME, log } = this.#deps
    for (;;) {
      await timer.sleep(RENEW_EVERY, over)
      if (over.aborted) return
      const lease = leaseFor(owner, clock.now())
      try {
        if (await store.transaction((tx) => tx.renewLease(point, lease))) line.leaseUntil = lease.until
        else return overtaken.abort(new Error(`another replica took over ${point}`))
      } catch (cause) {
        log.warn({ point, cause }, 'a lease could not be renewed; tried again before it ends')
      }
    }
  }

  /** Backs off, for ever: a pass is never given up while a hole may be open. */
  async #failed(point: PointId, driver: Driver, { cause, found }: Failure): Promise<void> {
    const { store, clock, log, inventory, owner } = this.#deps
    log.warn({ point, driver: driver.kind, cause }, 'a pass failed and will be repeated')
    try {
      const row = await store.reads.point(point)
      const now = clock.now()
      const again = await store.transaction(async (tx) => {
        const unopened = await failUnopened(tx, { point, inventory, now })
        const pause = unopened === undefined ? backoff((row?.failures ?? 0) + 1) : LONGEST_SILENCE
        const nextTry = Math.min(now + pause, unopened?.nextEnd ?? Number.POSITIVE_INFINITY)
        if (!(await tx.recordFailure(point, { error: messageOf(cause), dueAt: nextTry, owner }))) return undefined
        const known = (await tx.point(point))?.drift
        const events = await recordDrift(tx, { point, known, found, settled: false, now })
        if (events.length > 0) await tx.append(events)
        return nextTry
      })
      if (row !== undefined && again !== undefined) this.#recorded({ ...row, dueAt: again })
    } catch (storeCause) {
      log.error({ point, cause: storeCause }, 'the store does not answer; the point stays due')
    }
  }
}

/** 1 s, 2 s, 4 s … 60 s. */
function backoff(failures: number): Millis {
  return Math.min(LONGEST_BACKOFF, SECOND * 2 ** Math.min(failures - 1, 6))
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
