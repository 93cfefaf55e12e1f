/**
 * A clock for a whole program in this process: who waits, waits in it, and it goes on to the next who is due as soon as
 * nothing else happens. A run takes as long as its work, and counts the time that it would have taken.
 */
import type { Instant, Millis } from '../../src/domain/time.ts'
import { NOON } from '../support/builders.ts'

interface Sleeper {
  readonly at: Instant
  readonly wake: () => void
}

/** Turns of the event loop without anybody falling asleep or being asked after which nothing else happens. */
const QUIET_TURNS = 25

export class VirtualTime {
  #now: Instant = NOON
  #sleepers: Sleeper[] = []
  #stirs = 0

  now(): Instant {
    return this.#now
  }

  move(millis: Millis): void {
    this.#now += millis
  }

  /** Something happened: what follows from it comes before time goes on. */
  stir(): void {
    this.#stirs += 1
  }

  readonly sleep = (millis: Millis, signal: AbortSignal): Promise<void> => {
    this.stir()
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper)
        reject(signal.reason instanceof Error ? signal.reason : new Error('woken'))
      }
      const wake = (): void => {
        signal.removeEventListener('abort', leave)
        resolve()
      }
      const sleeper = { at: this.#now + millis, wake }
      if (signal.aborted) return leave()
      signal.addEventListener('abort', leave, { once: true })
      this.#sleepers.push(sleeper)
    })
  }

  /** Lets time go on until this is over. */
  async until<T>(work: Promise<T>): Promise<T> {
    const state = { isOver: false }
    const done = work.finally(() => (state.isOver = true))
    done.catch(() => {})
    while (!state.isOver) {
      await this.#calm()
      if (!state.isOver) this.#wakeNext()
    }
    return done
  }

  async #calm(): Promise<void> {
    for (let quiet = 0, seen = this.#stirs; quiet < QUIET_TURNS; quiet += 1) {
      await new Promise((resolve) => setImmediate(resolve))
      if (seen !== this.#stirs) quiet = 0
      seen = this.#stirs
    }
  }

  #wakeNext(): void {
    const [next] = this.#sleepers.toSorted((a, b) => a.at - b.at)
    if (next === undefined) return
    this.#sleepers = this.#sleepers.filter((other) => other !== next)
    this.#now = Math.max(this.#now, next.at)
    next.wake()
  }
}
