/** A browser that somebody is signed in with, and when that ends. Data and judgement; nothing here asks the time. */
import type { PrincipalId } from './identity.ts'
import type { Instant, Millis } from '../time.ts'

export interface BrowserSession {
  /** What lists name it by; worth nothing as proof. */
  readonly id: string
  /** A hash of what the browser holds: reading the table lets nobody in. */
  readonly idHash: string
  /** The object id, as role assignments name it. */
  readonly principal: PrincipalId
  /** Who vouched for the person. */
  readonly issuer: string
  /** As the issuer said them at the sign-in: the name, and the object id with those of the groups. */
  readonly name: string
  readonly principals: readonly string[]
  readonly address: string
  /** What the browser calls itself; anybody can write anything there. */
  readonly browser: string
  readonly startedAt: Instant
  /** Of a call with it, to the minute. */
  readonly lastSeenAt: Instant
  /** However much it is used. */
  readonly endsAt: Instant
}

/** When it ends if it is not used again. */
export function endOf({ lastSeenAt, endsAt }: BrowserSession, idle: Millis): Instant {
  return Math.min(lastSeenAt + idle, endsAt)
}
