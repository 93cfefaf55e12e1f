/**
 * Policies that code looks after: which tool wrote them, from which source. It is no permission: whoever may write a
 * policy still may, and then the policy is known to have been changed outside.
 */
import { ok, quoted, refusal, refused, withFacts, type Refusal, type Result } from '../refusal.ts'
import type { Instant } from '../time.ts'

export interface Owner {
  /** `sallyport-apply`, `terraform`. */
  readonly tool: string
  /** Which of its sources, such as a repository with a folder. */
  readonly source?: string
}

export interface Ownership extends Owner {
  readonly since: Instant
}

/** What a writer says of itself. */
export interface Claim {
  /** `none`: nobody shall manage it any more. */
  readonly owner: Owner | 'none'
  /** Also when another manages it. */
  readonly takeOver: boolean
}

/** Who looks after a policy, as it is kept. */
export interface Upkeep {
  readonly managedBy?: Ownership
  /** When somebody but the owner changed it, and the owner has not written it since. */
  readonly changedOutsideAt?: Instant
}

const TOOL = /^[A-Za-z][\w.-]{0,63}$/
/** Printable ASCII without spaces: it goes into a header. */
const SOURCE = /^[!-~]{1,256}$/

/** `TOOL`, `TOOL SOURCE`, or `none`. */
export function parseOwner(text: string): Result<Owner | 'none'> {
  const [tool = '', source, ...rest] = text.trim().split(/ +/)
  if (text.trim() === 'none') return ok('none')
  if (rest.length > 0) return refused(notAnOwner(text))
  return ownerFrom({ tool, ...(source !== undefined && { source }) })
}

export function ownerFrom(owner: Owner): Result<Owner> {
  const isNamed = TOOL.test(owner.tool) && owner.tool !== 'none'
  const isWhole = isNamed && (owner.source === undefined || SOURCE.test(owner.source))
  return isWhole ? ok(owner) : refused(notAnOwner(formatOwner(owner)))
}

function notAnOwner(text: string): Refusal {
  const message = `who manages a policy is a tool and, if you like, its source without spaces, such as 'sallyport-apply github.com/acme/access'; got ${quoted(text)}`
  return refusal('InvalidManagedBy', message)
}

export function formatOwner({ tool, source }: Owner): string {
  return source === undefined ? tool : `${tool} ${source}`
}

export function isSameOwner(a: Owner, b: Owner): boolean {
  return a.tool === b.tool && a.source === b.source
}

/** Two sources for one policy undo each other's work without end: the second must say that it means it. */
export function refusalOfClaim({ managedBy }: Upkeep, claim: Claim | undefined): Refusal | undefined {
  if (claim === undefined || claim.owner === 'none' || claim.takeOver || managedBy === undefined) return undefined
  if (isSameOwner(managedBy, claim.owner)) return undefined
  const message = `the policy is managed by '${formatOwner(managedBy)}', not by '${formatOwner(claim.owner)}'; remove it there, or take it over with takeOver=true`
  return withFacts(refusal('PolicyManagedElsewhere', message), { owner: formatOwner(managedBy) })
}

/** Who removes what it does not manage has mistaken one policy for another. */
export function refusalOfRemoval(upkeep: Upkeep, claim: Claim | undefined): Refusal | undefined {
  if (claim === undefined || claim.owner === 'none' || claim.takeOver) return undefined
  if (upkeep.managedBy !== undefined) return refusalOfClaim(upkeep, claim)
  const message = `nobody manages the policy, so '${formatOwner(claim.owner)}' does not remove it; remove it by hand, or with takeOver=true`
  return refusal('PolicyManagedElsewhere', message)
}

/** `changed`: whether the write makes a difference to what the policy says. */
export function upkeepAfter(
  before: Upkeep,
  claim: Claim | undefined,
  { changed, now }: { readonly changed: boolean; readonly now: Instant },
): Upkeep {
  if (claim?.owner === 'none') return {}
  const { managedBy } = before
  if (claim !== undefined) {
    const stays = managedBy !== undefined && isSameOwner(managedBy, claim.owner)
    return { managedBy: stays ? managedBy : { ...claim.owner, since: now } }
  }
  if (managedBy === undefined) return {}
  const changedOutsideAt = before.changedOutsideAt ?? (changed ? now : undefined)
  return changedOutsideAt === undefined ? { managedBy } : { managedBy, changedOutsideAt }
}
