/**
 * The server's clock. It follows the wall clock forwards at once and never backwards: a clock that is set back, or a
 * machine that was paused, closes holes early rather than late.
 */
import type { Clock } from '../app/ports/clock.ts'
import type { Instant, Millis } from '../domain/time.ts'

export interface ClockSource {
  /** Milliseconds since the epoch; may jump. */
  wall(): number
  /** Milliseconds since some start; never jumps. */
  steady(): number
}

const SYSTEM: ClockSource = { wall: () => Date.now(), steady: () => performance.now() }

/** `notBefore` is the latest instant on record: a clock set back between two runs does not reopen the past. */
export function createClock(notBefore: Instant, source: ClockSource = SYSTEM): Clock {
  let instant = Math.max(source.wall(), notBefore)
  let steady = source.steady()
  return {
    now() {
      const elapsed = source.steady() - steady
      steady += elapsed
      instant = Math.max(source.wall(), instant + elapsed)
      return Math.floor(instant)
    },
  }
}

/** How far the wall clock is behind what has been recorded; 0 when it is not. */
export function behind(notBefore: Instant, source: ClockSource = SYSTEM): Millis {
  return Math.max(0, notBefore - source.wall())
}
