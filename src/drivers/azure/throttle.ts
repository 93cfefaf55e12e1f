/**
 * Who may ask Azure next. Every call waits here for its turn, so that what the platform allows is spent on what matters
 * most: closings before openings, and both before what can wait. Two limits are published, and both are kept; when the
 * platform still says "too many", everything of that kind waits as long as it says.
 * Source: https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling (peers
 * reference, L3): 250 reads at once and 25 a second, 200 writes at once and 10 a second; the network provider allows
 * 10,000 reads and 1,000 writes in five minutes.
 *
 * It counts what this process does. Others who use the same identity make the platform say "too many" sooner.
 */
import type { Clock } from '../../app/ports/clock.ts'
import { MINUTE, SECOND, type Instant, type Millis } from '../../domain/time.ts'

/** In the order in which they are served. */
export type Urgency = 'close' | 'repair' | 'open' | 'look'

/** `query` is the resource graph, which counts by tenant: 15 calls in five seconds. */
export type CallKind = 'read' | 'write' | 'query'

export interface Turn {
  readonly subscription: string
  readonly kind: CallKind
  readonly urgency: Urgency
  readonly signal: AbortSignal
}

/** What is left for one subscription, for people. */
export interface Budget {
  readonly subscription: string
  readonly kind: CallKind
  /** Calls that may still be made in the current five minutes. */
  readonly left: number
  readonly limit: number
  readonly waiting: number
  /** Until when the platform told us to wait. */
  readonly pausedUntil: Instant
}

export interface ThrottleDeps {
  readonly clock: Clock
  /** Resolves after the time; rejects when the signal aborts. */
  readonly sleep: (millis: Millis, signal: AbortSignal) => Promise<void>
}

interface Allowance {
  readonly burst: number
  readonly perSecond: number
  readonly perWindow: number
  /** Of the window, what only closings may use. */
  readonly reserve: number
}

const WINDOW: Millis = 5 * MINUTE
const ALLOWANCE: Readonly<Record<CallKind, Allowance>> = {
  read: { burst: 250, perSecond: 25, perWindow: 10_000, reserve: 1_000 },
  write: { burst: 200, perSecond: 10, perWindow: 1_000, reserve: 100 },
  query: { burst: 15, perSecond: 3, perWindow: 900, reserve: 0 },
}
const ORDER: readonly Urgency[] = ['close', 'repair', 'open', 'look']

export class Throttle {
  readonly #deps: ThrottleDeps
  readonly #lines = new Map<string, Line>()

  constructor(deps: ThrottleDeps) {
    this.#deps = deps
  }

  /** Resolves when it is this call's turn; rejects when its signal aborts first. */
  async turn(turn: Turn): Promise<void> {
    turn.signal.throwIfAborted()
    await this.#lineOf(turn).wait(turn)
  }

  /** The platform said "too many": nothing of this kind is asked before then. */
  pause({ subscription, kind }: Pick<Turn, 'subscription' | 'kind'>, until: Instant): void {
    this.#lineOf({ subscription, kind }).pause(until)
  }

  budgets(): Budget[] {
    return [...this.#lines.values()].map((line) => line.budget())
  }

  #lineOf({ subscription, kind }: Pick<Turn, 'subscription' | 'kind'>): Line {
    const key = `${kind} ${subscription}`
    const line = this.#lines.get(key) ?? new Line(this.#deps, subscription, kind)
    this.#lines.set(key, line)
    return line
  }
}

interface Waiting {
  readonly rank: number
  readonly urgency: Urgency
  readonly go: () => void
}

/** Has a life: the calls of one kind in one subscription, those made and those that wait. */
class Line {
  readonly #deps: ThrottleDeps
  readonly #subscription: string
  readonly #kind: CallKind
  readonly #allowance: Allowance
  #waiting: Waiting[] = []
  /** Calls of the last five minutes, by second. */
  #made: { second: number; calls: number }[] = []
  #tokens: number
  #countedAt: Instant
  #pausedUntil: Instant = 0
  #alarm = new AbortController()

  constructor(deps: ThrottleDeps, subscription: string, kind: CallKind) {
    this.#deps = deps
    this.#subscription = subscription
    this.#kind = kind
    this.#allowance = ALLOWANCE[kind]
    this.#tokens = this.#allowance.burst
    this.#countedAt = deps.clock.now()
  }

  async wait({ urgency, signal }: Turn): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const waiting = { rank: ORDER.indexOf(urgency), urgency, go: resolve }
    const leave = (): void => {
      this.#waiting = this.#waiting.filter((other) => other !== waiting)
      reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'))
    }
    const place = this.#waiting.findIndex(({ rank }) => rank > waiting.rank)
    this.#waiting.splice(place < 0 ? this.#waiting.length : place, 0, waiting)
    signal.addEventListener('abort', leave, { once: true })
    this.#serve()
    try {
      await promise
    } finally {
      signal.removeEventListener('abort', leave)
    }
  }

  pause(until: Instant): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, until)
  }

  budget(): Budget {
    const { perWindow: limit } = this.#allowance
    const now = this.#deps.clock.now()
    return {
      subscription: this.#subscription,
      kind: this.#kind,
      left: Math.max(0, limit - this.#used(now)),
      limit,
      waiting: this.#waiting.length,
      pausedUntil: this.#pausedUntil,
    }
  }

  /** Lets go whoever may go now, and sets one alarm for the next. */
  #serve(): void {
    this.#alarm.abort()
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      const pause = this.#pauseFor(next.urgency)
      if (pause > 0) return this.#setAlarm(pause)
      this.#waiting.shift()
      this.#count()
      next.go()
    }
  }

  #setAlarm(pause: Millis): void {
    const alarm = new AbortController()
    this.#alarm = alarm
    void this.#deps.sleep(pause, alarm.signal).then(
      () => this.#serve(),
      () => {},
    )
  }

  #pauseFor(urgency: Urgency): Millis {
    const now = this.#deps.clock.now()
    const { burst, perSecond, perWindow, reserve } = this.#allowance
    this.#tokens = Math.min(burst, this.#tokens + ((now - this.#countedAt) / SECOND) * perSecond)
    this.#countedAt = now
    const forToken = this.#tokens >= 1 ? 0 : Math.ceil(((1 - this.#tokens) / perSecond) * SECOND)
    const forWindow = this.#windowPause(now, urgency === 'close' ? perWindow : perWindow - reserve)
    return Math.max(forToken, forWindow, this.#pausedUntil - now)
  }

  #windowPause(now: Instant, limit: number): Millis {
    let used = this.#used(now)
    for (const { second, calls } of this.#made) {
      if (used < limit) return 0
      used -= calls
      if (used < limit) return second * SECOND + SECOND + WINDOW - now
    }
    return 0
  }

  #used(now: Instant): number {
    this.#made = this.#made.filter(({ second }) => second * SECOND + SECOND + WINDOW > now)
    return this.#made.reduce((sum, { calls }) => sum + calls, 0)
  }

  #count(): void {
    const second = Math.floor(this.#deps.clock.now() / SECOND)
    const last = this.#made.at(-1)
    if (last?.second === second) last.calls += 1
    else this.#made.push({ second, calls: 1 })
    this.#tokens -= 1
  }
}
