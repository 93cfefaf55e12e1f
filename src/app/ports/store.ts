/** The store: what may be read, what a transaction may do, and what a pass records. */
import type { Drift } from '../../domain/access/drift.ts'
import type { Grant, GrantReason, GrantState, RequestId } from '../../domain/access/grant.ts'
import type { GrantId } from '../../domain/access/hole.ts'
import type { AuditEvent, StoredAuditEvent } from '../../domain/audit/audit.ts'
import type { Because } from '../../domain/posture.ts'
import type { ResourceId, ResourceKey } from '../../domain/resource-id.ts'
import type { Instant, Millis } from '../../domain/time.ts'
import type { ConnectionReads, ConnectionTx } from './connection-record.ts'
import type { JournalEntry } from './driver.ts'
import type { HostReads, HostTx } from './host-record.ts'
import type { IdentityReads, IdentityTx } from './identity.ts'
import type { PointId } from './inventory.ts'
import type { RoleReads, RoleTx } from './role-record.ts'
import type {
  GrantAtPoint,
  Lease,
  MachineUse,
  OverduePoint,
  Page,
  PointRow,
  PointWish,
  PolicyFilter,
  RequestFilter,
  Sighting,
  StoredPolicy,
  StoredRequest,
} from './rows.ts'
import type { AuditFilter, AuditHead, TrailReads, TrailTx } from './trail.ts'

export interface Reads {
  policy(key: ResourceKey): Promise<StoredPolicy | undefined>
  /** In the order of their keys; names are compared without case. */
  policies(filter: PolicyFilter, page: Page<ResourceKey>): Promise<StoredPolicy[]>
  /** Policies that name any of these machines. */
  policiesCovering(machines: readonly ResourceKey[]): Promise<StoredPolicy[]>
  /** The ids of policies that name any of these machines, by their uids: without their machines, which may be thousands. */
  idsOfPoliciesCovering(machines: readonly ResourceKey[]): Promise<ReadonlyMap<string, ResourceId>>
  /** Policies that choose machines by their labels. */
  policiesChoosing(): Promise<StoredPolicy[]>
  request(id: RequestId): Promise<StoredRequest | undefined>
  /** Newest first; `after` is the id of the last one seen. */
  requests(filter: RequestFilter, page: Page<RequestId>): Promise<StoredRequest[]>
  /** Of these machines, those that were ever asked for. */
  useOf(machines: readonly ResourceKey[], since: Instant): Promise<ReadonlyMap<ResourceKey, MachineUse>>
  /** Grants not closed or failed, of these policies (uids). */
  liveGrants(policies: readonly string[]): Promise<Grant[]>
  point(id: PointId): Promise<PointRow | undefined>
  journal(point: PointId): Promise<JournalEntry[]>
  /** Rows at this point with a revision above `since`; without `since`, every row not `gone`. */
  grantsAt(point: PointId, since?: number): Promise<GrantAtPoint[]>
  /**
   * The earliest instant at which `owner` could claim a point whose id begins with one of `prefixes`: its `dueAt`, or
   * the end of the lease that another owner holds on it, whichever is later.
   */
  nextDue(owner: string, prefixes: readonly string[]): Promise<Instant | undefined>
  /** Points with drift, or whose last pass failed; in the order of their ids. */
  troubledPoints(page: Page<PointId>): Promise<PointRow[]>
  /** Of each point that was not seen to have closed what ended before `before`: how many, and when the first ended. */
  overduePoints(before: Instant, limit: number): Promise<OverduePoint[]>
  /** Live grants that some point was not seen to have closed although they ended before `before`. */
  overdue(before: Instant): Promise<number>
  /** Oldest first. */
  audit(filter: AuditFilter, page: Page<number>): Promise<StoredAuditEvent[]>
  auditHead(): Promise<AuditHead>
  setting(name: string): Promise<string | undefined>
  /** The latest instant the store has recorded, so that a clock set back across a restart is noticed. */
  latestInstant(): Promise<Instant>
  readonly identity: IdentityReads
  readonly roles: RoleReads
  readonly trail: TrailReads
  readonly connections: ConnectionReads
  readonly hosts: HostReads
  /** Removed ones too. */
  policiesByUid(uids: readonly string[]): Promise<StoredPolicy[]>
  /** The ids of policies by their uids; of removed ones too. */
  idsOfPolicies(uids: readonly string[]): Promise<ReadonlyMap<string, ResourceId>>
}

/** One grant's outcome of a pass. Sightings and state change together with their audit events. */
export interface GrantOutcome {
  readonly grant: GrantId
  readonly sighting: Sighting
}

export interface GrantSighting {
  readonly grant: GrantId
  readonly point: PointId
  readonly sighting: Sighting
  readonly state: GrantState
  readonly reason: GrantReason
}

export interface GrantChange {
  readonly grant: GrantId
  readonly state: GrantState
  readonly reason: GrantReason
  readonly at: Instant
  readonly detail?: string
  readonly because?: Because
}

/** A later end of a grant that is `opening` or `open`. */
export interface GrantExtension {
  readonly grant: GrantId
  readonly until: Instant
  readonly endTimeUtc: string
}

export interface PassFailure {
  readonly error: string
  readonly dueAt: Instant
  /** Whoever ran the pass; without it, whoever holds the lease. */
  readonly owner?: string
}

export interface PassRecord {
  readonly point: PointId
  /** The `wanted` that was read when the pass began. */
  readonly applied: number
  readonly sightings: readonly GrantOutcome[]
  readonly journal?: readonly JournalEntry[]
  /** Added to each end still to come: how long after it the point is looked at. */
  readonly grace: Millis
  /** A time to look again even if nothing ends: the heartbeat. Undefined when the point carries nothing of ours. */
  readonly lookAgainAt: Instant | undefined
}

/** What a transaction may do besides reading. Everything in one transaction commits together or not at all. */
export interface Tx extends Reads {
  /** Inserts, or replaces when `version` is one above the stored; returns false when another write came between. */
  putPolicy(policy: StoredPolicy): Promise<boolean>
  removePolicy(uid: string, at: Instant): Promise<void>
  /** Inserts the request and its grants, a row per grant and point at revision `revisions.get(point)`. */
  insertRequest(
    request: StoredRequest,
    points: ReadonlyMap<GrantId, readonly PointId[]>,
    revisions: ReadonlyMap<PointId, number>,
  ): Promise<void>
  /**
   * Raises `wanted` (making the point if it is new) and moves `dueAt` forward, or to the end of the lease where the wish
   * takes one; returns the rows as they now are.
   */
  wish(wish: PointWish): Promise<PointRow[]>
  /** Changes states; touches each grant's rows at `revisions` so that the points' next pass reads them. */
  changeGrants(changes: readonly GrantChange[], revisions?: ReadonlyMap<PointId, number>): Promise<void>
  /**
   * Moves ends; touches each grant's rows at `revisions` so that the points' next pass reads them, and where one was seen
   * gone, it is wanted again. Rejects for a grant that is over, or an end that is not later.
   */
  extendGrants(extensions: readonly GrantExtension[], revisions: ReadonlyMap<PointId, number>): Promise<void>
  /**
   * Every point of these grants, with what was last seen there and the grant's present state. Locks those points until
   * the transaction ends, so that two points that finish at once cannot each miss the other's sighting.
   */
  sightingsOf(grants: readonly GrantId[]): Promise<GrantSighting[]>
  /**
   * Sightings, journal, `applied`, `pass + 1`, failures 0, and `dueAt` = the earlier of `lookAgainAt` and the earliest end
   * among rows not `gone` plus grace. A wish that came during the pass (`wanted` > `applied`) keeps its own `dueAt`.
   */
  recordPass(record: PassRecord): Promise<PointRow>
  /** Of rows that changed while a pass ran, so that what it saw of them is out of date. */
  putSightings(point: PointId, sightings: readonly GrantOutcome[]): Promise<void>
  /** False, with nothing changed, when `owner` no longer holds the point's lease: another replica sees to it, and when. */
  recordFailure(point: PointId, failure: PassFailure): Promise<boolean>
  /** Without one, the finding is over. */
  putDrift(point: PointId, drift: Drift | undefined): Promise<void>
  /** Locks the point. False, with nothing changed, when `owner` no longer holds its lease: another replica's journal stands. */
  putJournal(point: PointId, entries: readonly JournalEntry[], owner: string): Promise<boolean>
  /** False, with nothing changed, when the owner no longer holds the point's lease. Nothing is wished by it. */
  renewLease(point: PointId, lease: Lease): Promise<boolean>
  /** Appends, chained. */
  append(events: readonly AuditEvent[]): Promise<void>
  putSetting(name: string, value: string): Promise<void>
  /** What is kept under the name; `value`, where nothing was. Two replicas that start for the first time come to the same. */
  ensureSetting(name: string, value: string): Promise<string>
  readonly identity: IdentityTx
  readonly roles: RoleTx
  readonly trail: TrailTx
  readonly connections: ConnectionTx
  readonly hosts: HostTx
}

/**
 * Replicas ask each other what only one of them can tell, such as the one that an agent is connected to. Nothing is kept
 * of it; what is lost is not answered.
 */
export interface Peers {
  /** The answer of the replica that it is for. Rejects with why that cannot say, and when the signal aborts. */
  ask(about: string, question: string, signal: AbortSignal): Promise<string>
  /** From now on others are answered; with undefined what is another's to answer. */
  answer(answerer: (about: string, question: string) => Promise<string> | undefined): void
}

export interface Store {
  /**
   * Resolves only when the commit is on disk. Rejects, with nothing changed, when `work` rejects. `work` awaits nothing but
   * its own statements, for others wait for it, and it may run again when it lost a deadlock to another replica.
   */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  readonly reads: Reads
  /**
   * Takes leases of due points (dueAt ≤ now, lease free, run out or ours) whose id begins with one of `prefixes`; at most
   * `limit`, earliest first. A replica names what it can reach: a Linux host's point is served only on that host. Moves
   * `dueAt` to the end of the lease: a replica that dies in its pass leaves a point that is due again by itself.
   */
  claimDue(lease: Lease, limit: number, prefixes: readonly string[]): Promise<PointRow[]>
  /** Makes every point whose id begins with one of `prefixes`, and that has a `dueAt`, due at `now`: after a start, all is looked at. */
  dueNow(prefixes: readonly string[], now: Instant): Promise<void>
  /** Calls back when another replica wished something; returns how to stop. */
  onWake(callback: (point: PointId) => void): () => void
  /** Only where several share it. */
  readonly peers?: Peers
  close(): Promise<void>
}
