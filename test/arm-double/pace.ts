/**
 * How slow the imagined Azure is, as facts that chance draws from: the wait for an answer, the time an operation takes,
 * and how far lists and Resource Graph lag behind. Three paces: at once, as measured in public, and slower than that.
 */
import { MINUTE, SECOND, type Millis } from '../../src/domain/time.ts'
import type { Random } from '../simulation/random.ts'

export interface Pace {
  readonly answer: (random: Random) => Millis
  /** How long a write goes on after it was accepted; 0 when its answer is already the end of it. */
  readonly operation: (type: string, random: Random) => Millis
  readonly listLag: (random: Random) => Millis
  readonly graphLag: (random: Random) => Millis
  /** Seconds, on the answers of operations that go on; undefined leaves the polling to the client. */
  readonly retryAfter?: number
}

/** Every write is done when its answer comes: for tests that are not about waiting. */
export const AT_ONCE: Pace = { answer: () => 0, operation: () => 0, listLag: () => 0, graphLag: () => 0 }

/** Operations go on for a moment, so that the whole protocol is walked, in a test's time. */
export const BRISK: Pace = {
  answer: () => 0,
  operation: (type) => (isFirewall(type) ? 60 : 30),
  listLag: () => 0,
  graphLag: () => 50,
}

/**
 * "RPs go to Succeeded within seconds"; a firewall's update "can take three to five minutes on average" (Microsoft's
 * answer in MicrosoftDocs/azure-docs issue 64513). Resource Graph is documented as eventually consistent, without a number.
 */
export const AS_AZURE: Pace = {
  answer: (random) => 80 + skewed(random, 700),
  operation: (type, random) =>
    isFirewall(type) ? 2 * MINUTE + random.int(3 * MINUTE) : SECOND + skewed(random, 20 * SECOND),
  listLag: (random) => random.int(3 * SECOND),
  graphLag: (random) => 5 * SECOND + random.int(55 * SECOND),
  retryAfter: 10,
}

/** Mostly small, sometimes up to `most`. */
function skewed(random: Random, most: Millis): Millis {
  return Math.round(random.next() ** 4 * most)
}

function isFirewall(type: string): boolean {
  return type.startsWith('microsoft.network/azurefirewalls') || type.startsWith('microsoft.network/firewallpolicies')
}
