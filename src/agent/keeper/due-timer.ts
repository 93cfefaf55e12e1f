/** One thing that is due at one time: setting it again moves it. Keeps no process alive. */
import type { Instant, Millis } from '../../domain/time.ts'

export interface DueTimer {
  setIn(wait: Millis): void
  /** `later`: how long after the instant; without an instant it is due no more. */
  setAt(instant: Instant | undefined, now: Instant, later: Millis): void
  stop(): void
}

/** Node.js fires at once what is further away than it can count. */
const LONGEST = 2 ** 31 - 1

export function createDueTimer(onDue: () => void): DueTimer {
  let timer: NodeJS.Timeout | undefined
  const setIn = (wait: Millis): void => {
    clearTimeout(timer)
    timer = setTimeout(onDue, Math.min(Math.max(wait, 0), LONGEST))
    timer.unref()
  }
  return {
    setIn,
    setAt: (instant, now, later) => {
      clearTimeout(timer)
      if (instant !== undefined) setIn(instant - now + later)
    },
    stop: () => clearTimeout(timer),
  }
}
