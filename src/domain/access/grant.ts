/**
 * A grant: one approved hole, from a request, on one machine's port.
 *
 *      approved       held              ended, gone
 *   awaiting ──▶ opening ──▶ open ─────────────────────────▶ closed
 *      │ │         │ │        │                                ▲
 *      │ │         │ │        │ revoked, or cannot be carried  │ gone
 *      │ └─────────│─┴────────┴───────────────────▶ closing ───┤
 *      │           │                                           │ gone, could not be carried
 *      │           │           ended, gone                     ▼
 *      └───────────┴─────────────────────────────────────▶ failed
 *
 * | from                    | event                                | to      | reason              | the wire then says   |
 * |-------------------------|--------------------------------------|---------|---------------------|----------------------|
 * | awaiting                | approved                             | opening | UserRequested       | Initiating           |
 * | opening                 | not ended, held at every point       | open    | UserRequested       | Initiated            |
 * | awaiting, opening       | ended, gone at every point           | failed  | Failed              | Revoked              |
 * | open                    | ended, gone at every point           | closed  | Expired             | Revoked              |
 * | awaiting, opening, open | revoked                              | closing | UserManuallyRevoked | as before            |
 * | opening, open           | a point cannot carry it              | closing | Failed              | as before            |
 * | closing                 | gone at every point, reason Failed   | failed  | Failed              | Revoked              |
 * | closing                 | gone at every point, any other       | closed  | as it was           | Revoked              |
 *
 * Whoever revokes, approves or finds that a point cannot carry it writes that row; {@link transition} is the others.
 * `open` and `closed` are observations, never hopes. A grant's end moves only later, only while it is `opening` or `open`,
 * and only because somebody extended it; closing early never rewrites it (behaviour reference, R28).
 */
import type { GrantId, Opening } from './hole.ts'
import type { Protocol, Source } from '../net.ts'
import type { Because } from '../posture.ts'
import type { Reach } from './reach.ts'
import type { ResourceId } from '../resource-id.ts'
import type { Instant } from '../time.ts'

export type GrantState = 'awaiting' | 'opening' | 'open' | 'closing' | 'closed' | 'failed'

export const GRANT_STATES: readonly GrantState[] = ['awaiting', 'opening', 'open', 'closing', 'closed', 'failed']

/** Why a grant ended or is ending. Wire reasons where the original has one. */
export type GrantReason = 'UserRequested' | 'Expired' | 'UserManuallyRevoked' | 'Failed'

export type RequestId = string & { readonly __brand: 'RequestId' }

export interface Grant extends Opening {
  readonly grant: GrantId
  readonly request: RequestId
  readonly machine: ResourceId
  readonly port: number
  readonly protocol: Protocol
  readonly sources: readonly Source[]
  readonly sourcesAs: 'prefix' | 'prefixes'
  readonly from: Instant
  readonly until: Instant
  readonly endTimeUtc: string
  readonly state: GrantState
  readonly reason: GrantReason
  /** A sentence for people when it failed. */
  readonly detail?: string
  /** What the sentence says, where it was kept. */
  readonly because?: Because
  readonly openedAt?: Instant
  readonly closedAt?: Instant
  /** Where the port is reached, when a firewall translates; told to people, kept with the firewall's point and not here. */
  readonly reach?: Reach
}

export function isLive(state: GrantState): boolean {
  return state !== 'closed' && state !== 'failed'
}

/** True while the grant asks for its hole: not revoked and, half-open, not ended. */
export function isWanted(grant: Pick<Grant, 'state' | 'until'>, now: Instant): boolean {
  return (grant.state === 'opening' || grant.state === 'open') && now < grant.until
}

/** What one grant's enforcement points were last seen to do. */
export interface Sightings {
  readonly points: number
  readonly held: number
  readonly gone: number
}

export interface Transition {
  readonly state: GrantState
  readonly reason: GrantReason
}

/** The state a grant moves to, given what was observed; undefined when it stays. */
export function transition(
  grant: Pick<Grant, 'state' | 'until' | 'reason'>,
  seen: Sightings,
  now: Instant,
): Transition | undefined {
  if (isWanted(grant, now)) return grant.state === 'opening' && isHeld(seen) ? OPENED : undefined
  return seen.gone < seen.points ? undefined : over(grant, now)
}

const OPENED: Transition = { state: 'open', reason: 'UserRequested' }
const FAILED: Transition = { state: 'failed', reason: 'Failed' }

/** A grant at no point at all is held nowhere. */
function isHeld({ points, held }: Sightings): boolean {
  return points > 0 && held === points
}

/** Nothing of it is left anywhere. */
function over(
  { state, until, reason }: Pick<Grant, 'state' | 'until' | 'reason'>,
  now: Instant,
): Transition | undefined {
  switch (state) {
    case 'awaiting':
      return now < until ? undefined : FAILED
    case 'opening':
      return FAILED
    case 'open':
      return { state: 'closed', reason: 'Expired' }
    case 'closing':
      return reason === 'Failed' ? FAILED : { state: 'closed', reason }
    case 'closed':
    case 'failed':
      return undefined
  }
}

/** `Revoked`, `Initiating` or `Initiated`: the original's words (behaviour reference §2.2, R7, R17). */
export function wireStatus(grant: Pick<Grant, 'state' | 'openedAt'>): 'Initiating' | 'Initiated' | 'Revoked' {
  switch (grant.state) {
    case 'awaiting':
    case 'opening':
      return 'Initiating'
    case 'open':
      return 'Initiated'
    case 'closing':
      return grant.openedAt === undefined ? 'Initiating' : 'Initiated'
    case 'closed':
    case 'failed':
      return 'Revoked'
  }
}
