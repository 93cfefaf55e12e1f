/**
 * How many failed proofs of programs go into the audit trail: whoever floods the token endpoint must not fill the disk.
 * What is left out is counted, and the next event tells how many there were.
 */
import { SECOND, type Instant } from '../domain/time.ts'

const A_SECOND = 20
const AT_ONCE = 100

export class FailureBudget {
  #left = AT_ONCE
  #at: Instant = 0
  #leftOut = 0

  /** How many were left out since the last one that was told; undefined when this one is to be left out too. */
  take(now: Instant): number | undefined {
    this.#left = Math.min(AT_ONCE, this.#left + ((now - this.#at) / SECOND) * A_SECOND)
    this.#at = now
    if (this.#left < 1) {
      this.#leftOut += 1
      return undefined
    }
    this.#left -= 1
    const leftOut = this.#leftOut
    this.#leftOut = 0
    return leftOut
  }
}
