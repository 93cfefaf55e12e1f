/**
 * What became of the reader's own access between one look and the next: opened, extended, closed, failed. Pure; only what the
 * server has seen happen is news.
 */
import type { WireGrant, WireRequest } from '../../contract/request.ts'

export interface OwnNews {
  readonly kind: 'opened' | 'extended' | 'closed' | 'failed'
  readonly grant: WireGrant
}

/** Of two looks at the same grant. */
export function newsOf(before: WireGrant | undefined, grant: WireGrant): OwnNews | undefined {
  if (grant.state === before?.state)
    return grant.state === 'open' && grant.until > before.until ? { kind: 'extended', grant } : undefined
  switch (grant.state) {
    case 'open':
      return { kind: 'opened', grant }
    case 'closed':
      return before === undefined ? undefined : { kind: 'closed', grant }
    case 'failed':
      return { kind: 'failed', grant }
    case 'awaiting':
    case 'opening':
    case 'closing':
      return undefined
  }
}

/** By id; what is over leaves the list of what is live, and must be asked for by its request. */
export function grantsOf(requests: readonly WireRequest[]): ReadonlyMap<string, WireGrant> {
  return new Map(requests.flatMap(({ grants }) => grants.map((grant) => [grant.id, grant] as const)))
}
