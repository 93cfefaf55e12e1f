/**
 * A grant: one approved hole, from a request, on one machine's port.
 *
 *            ┌──────────── revoke ────────────┐
 *            │                                ▼
 *   awaiting ─▶ opening ──▶ open ─ end/revoke ─▶ closing ──▶ closed
 *      │           │  observed                     observed
 *      │           ├── cannot be carried ──▶ failed
 *      │           └── ended unopened ─────▶ failed
 *      └── refused / timed out ────────────▶ failed
 *
 * | from     | event                          | to      | written as                  |
 * |----------|--------------------------------|---------|-----------------------------|
 * | opening  | held at every point            | open    | Initiated / UserRequested   |
 * | opening  | revoked                        | closing | Initiating / UserRequested  |
 * | opening  | a point cannot carry it        | closing | then failed                 |
 * | opening  | ended, absent at every point   | failed  | Revoked / Failed            |
 * | open     | ended, absent at every point   | closed  | Revoked / Expired           |
 * | open     | revoked                        | closing | Initiated / UserRequested   |
 * | closing  | absent at every point          | closed  | Revoked / why it was closed |
 *
 * `open` and `closed` are observations, never hopes. A grant's end is never rewritten (behaviour reference, R28).
 */
import type { GrantId, Opening } from './hole.ts'
import type { Protocol, Source } from './net.ts'
import type { ResourceId } from './resource-id.ts'
import type { Instant } from './time.ts'

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
  readonly openedAt?: Instant
  readonly closedAt?: Instant
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
  const wanted = isWanted(grant, now)
  if (grant.state === 'opening' && wanted && seen.held === seen.points)
    return { state: 'open', reason: 'UserRequested' }
  if (!isLive(grant.state) || grant.state === 'awaiting' || wanted || seen.gone < seen.points) return undefined
  if (grant.state === 'opening') return { state: 'failed', reason: 'Failed' }
  if (grant.state === 'open') return { state: 'closed', reason: 'Expired' }
  return grant.reason === 'Failed' ? { state: 'failed', reason: 'Failed' } : { state: 'closed', reason: grant.reason }
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
