/**
 * How long a name waits after failed sign-ins. Pure. A locked name never waits longer for being tried meanwhile, so that
 * a stranger who keeps guessing does not keep its owner out for ever.
 */
import type { SignInAttempts } from '../domain/roles/identity.ts'
import { DAY, MINUTE, SECOND, type Instant, type Millis } from '../domain/time.ts'

const FREE = 5
const FIRST_WAIT: Millis = 30 * SECOND
const LONGEST_WAIT: Millis = 15 * MINUTE
/** A quiet day starts the count anew. */
export const FORGOTTEN_AFTER: Millis = DAY

export function isLocked(attempts: SignInAttempts | undefined, now: Instant): boolean {
  return attempts !== undefined && attempts.lockedUntil > now
}

export function afterFailure(attempts: SignInAttempts | undefined, nameKey: string, now: Instant): SignInAttempts {
  if (attempts !== undefined && isLocked(attempts, now)) return attempts
  const recent = attempts !== undefined && attempts.lastAt > now - FORGOTTEN_AFTER
  const failures = (recent ? attempts.failures : 0) + 1
  const wait = failures < FREE ? 0 : Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** Math.min(failures - FREE, 10))
  return { nameKey, failures, lockedUntil: now + wait, lastAt: now }
}

export function afterSuccess(nameKey: string, now: Instant): SignInAttempts {
  return { nameKey, failures: 0, lockedUntil: now, lastAt: now }
}
