/**
 * The one idea: expiry is the desired state at a later time. What an enforcement point should carry is a function of
 * the policies, the grants and the instant; everything else is observe, plan, apply.
 */
import type { OnExpiry } from './flow.ts'
import { holesFrom, type Hole, type Opening } from './hole.ts'
import type { Protocol } from '../net.ts'
import type { ResourceId } from '../resource-id.ts'
import type { Instant } from '../time.ts'

/** A protected port: closed unless a hole is open. */
export interface ProtectedPort {
  readonly number: number
  readonly protocol: Protocol
  /** What becomes of what a hole let in when it ends; without it, it lives on. */
  readonly onExpiry?: OnExpiry | undefined
}

/** The protected ports of one machine; one entry per machine and policy. */
export interface Shield {
  readonly machine: ResourceId
  /** The policy's name, for the marks and descriptions people read. */
  readonly policy: string
  readonly ports: readonly ProtectedPort[]
  /** Of the firewall before it: the one to come in by, when the policy says which. */
  readonly publicIpAddress?: string
}

export interface Desired {
  readonly shields: readonly Shield[]
  readonly holes: readonly Hole[]
}

/** Half-open: an opening is in force until just before its end. One whose end is not a number is over. */
export function desired(shields: readonly Shield[], openings: Iterable<Opening>, now: Instant): Desired {
  const live: Opening[] = []
  for (const opening of openings) if (isInForce(opening, now)) live.push(opening)
  return { shields, holes: holesFrom(live) }
}

export function isInForce({ until }: Pick<Opening, 'until'>, now: Instant): boolean {
  return now < until
}
