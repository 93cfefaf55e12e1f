/** Policies, requests, grants and points as the store keeps them, and what they are asked for by. */
import type { Drift } from '../../domain/access/drift.ts'
import type { Grant, RequestId } from '../../domain/access/grant.ts'
import type { Upkeep } from '../../domain/policy/ownership.ts'
import type { PolicyMachineInput, PolicySelectorInput } from '../../domain/policy/policy.ts'
import type { ResourceId, ResourceKey } from '../../domain/resource-id.ts'
import type { Instant } from '../../domain/time.ts'
import type { PointId } from './inventory.ts'

/** A policy as it is kept. A removed policy stays as history until nothing refers to it. */
export interface StoredPolicy extends Upkeep {
  /** Ours; a policy that is removed and made again under the same name is another one, with a history of its own. */
  readonly uid: string
  readonly id: ResourceId
  readonly key: ResourceKey
  readonly subscriptionId: string
  readonly resourceGroup: string
  /** Lower case, without spaces. */
  readonly location: string
  readonly name: string
  readonly kind: string
  /** Named and chosen ones. */
  readonly machines: readonly PolicyMachineInput[]
  /** What chooses machines by their labels. */
  readonly selectors?: readonly PolicySelectorInput[]
  /** Grows by one with every write; the ETag. */
  readonly version: number
  readonly createdAt: Instant
  readonly updatedAt: Instant
}

/** A request and its grants, in the order of the request. */
export interface StoredRequest {
  readonly id: RequestId
  readonly policy: string
  readonly requestor: string
  /** The caller's object id, where it had one. */
  readonly requestorId?: string
  readonly address: string
  readonly justification?: string
  readonly startedAt: Instant
  /** The wire's text of startedAt. */
  readonly startTimeUtc: string
  readonly grants: readonly Grant[]
}

/** A grant at one of its enforcement points. */
export type Sighting = 'wanted' | 'held' | 'gone'

/** What a pass needs to know about one grant at its point. */
export interface GrantAtPoint {
  readonly grant: Grant
  readonly sighting: Sighting
  /** The point's `wanted` counter when this row was last written; a later pass reads only later rows. */
  readonly revision: number
  /** How many points the grant is at; kept with the grant, so that the common case (one) needs no second look. */
  readonly points: number
}

export interface PointRow {
  readonly id: PointId
  /** Grows with every wish; a pass that began at `wanted` has applied everything up to it. */
  readonly wanted: number
  readonly applied: number
  /** The `wanted` at which the shields last changed. */
  readonly shape: number
  /** Grows with every recorded pass: a replica whose memory is of another pass reads everything anew. */
  readonly pass: number
  readonly dueAt: Instant | undefined
  readonly leaseOwner: string | undefined
  readonly leaseUntil: Instant
  /** Failed passes since the last good one. */
  readonly failures: number
  readonly lastError: string | undefined
  /** What somebody else changed and is not put right yet. */
  readonly drift: Drift | undefined
}

export interface OverduePoint {
  readonly point: PointId
  readonly grants: number
  readonly since: Instant
}

export interface PointWish {
  readonly points: readonly PointId[]
  /** True when policies changed, so the shields must be read anew. */
  readonly shape: boolean
  readonly dueAt: Instant
  /**
   * Takes or renews the lease in the same breath, where it is free, ours or run out. Whoever gets it runs the pass, so
   * the point is due again only when the lease ends: the loop must not run a second pass beside it.
   */
  readonly lease?: Lease
}

export interface Lease {
  readonly owner: string
  readonly now: Instant
  readonly until: Instant
}

export interface PolicyFilter {
  readonly subscriptionId?: string
  readonly resourceGroup?: string
  readonly location?: string
}

export interface Page<K> {
  /** Exclusive: the key after which to go on. */
  readonly after?: K
  readonly limit: number
}

export interface RequestFilter {
  readonly policy?: string
  /** Requests with a grant on this machine. */
  readonly machine?: ResourceKey
  /** Requests with a grant that is not closed or failed. */
  readonly live?: boolean
  /** The object id of whoever requested. */
  readonly requestorId?: string
  readonly since?: Instant
  /** Only requests made before. */
  readonly until?: Instant
}

/** What was asked for on a machine of late. */
export interface MachineUse {
  /** Approved requests since the instant that was asked for. */
  readonly requests: number
  /** The last one ever, while it is remembered. */
  readonly last?: { readonly at: Instant; readonly requestor: string }
}
