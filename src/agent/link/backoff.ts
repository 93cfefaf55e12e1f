/** How long to wait before the next try: at random up to a bound that doubles, so that thousands of agents do not come at once. */
import type { Millis } from '../../domain/time.ts'

const SHORTEST: Millis = 100
const FIRST_BOUND: Millis = 1_000
const LONGEST: Millis = 30_000

/** `chance` in [0, 1). https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/ (full jitter). */
export function waitBefore(failures: number, chance: number): Millis {
  const bound = Math.min(LONGEST, FIRST_BOUND * 2 ** Math.min(failures, 16))
  return SHORTEST + Math.floor(chance * (bound - SHORTEST))
}
