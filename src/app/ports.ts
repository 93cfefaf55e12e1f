/**
 * The only interfaces between the use cases and the world: time, drivers, inventory, and the store.
 * Drivers and stores implement them; nobody else declares an interface across folders.
 */
import type { AuditAction, AuditEvent, StoredAuditEvent } from '../domain/audit/audit.ts'
import type { CheckWords } from '../domain/check.ts'
import type { Connection, ConnectionCheck, ConnectionKind, DriftMode } from '../domain/clouds/connection.ts'
import type { BrowserSession } from '../domain/roles/browser-session.ts'
import type { Desired, ProtectedPort, Shield } from '../domain/access/desired.ts'
import type {
  Artefact,
  Credential,
  Group,
  PrincipalId,
  Proof,
  ServicePrincipal,
  SignInAttempts,
  SigningKey,
  User,
} from '../domain/roles/identity.ts'
import type { Drift, FoundDrift } from '../domain/access/drift.ts'
import type { Flow } from '../domain/access/flow.ts'
import type { Grant, GrantReason, GrantState, RequestId } from '../domain/access/grant.ts'
import type { Failure } from '../domain/access/failure.ts'
import type { GrantId, HoleKey, Slot } from '../domain/access/hole.ts'
import type { STEP_KINDS, ToldStep } from '../domain/access/step.ts'
import type { EnrollmentToken, Host, HostId } from '../domain/hosts/host.ts'
import type { Upkeep } from '../domain/policy/ownership.ts'
import type { PolicyMachineInput, PolicySelectorInput } from '../domain/policy/policy.ts'
import type { Because, Exposure } from '../domain/posture.ts'
import type { Refusal, Result } from '../domain/refusal.ts'
import type { RoleAssignment } from '../domain/roles/role-assignment.ts'
import type { RoleDefinition } from '../domain/roles/role-definition.ts'
import type { ResourceId, ResourceKey } from '../domain/resource-id.ts'
import type { Sentence } from '../domain/sentence.ts'
import type { Instant, Millis } from '../domain/time.ts'
import type { Log } from './app.ts'

export interface Clock {
  /** Never goes back within a process, whatever the wall clock does: a hole may close early, never late. */
  now(): Instant
}

/** Names an enforcement point: `nftables:<machine key>`, `azure:<nsg or firewall key>`, `aws:<account>/<region>/<vpc>`, `host:<machine key>`. */
export type PointId = string & { readonly __brand: 'PointId' }

export interface Machine {
  readonly id: ResourceId
  readonly key: ResourceKey
  readonly name: string
  readonly location: string
  readonly os: 'Linux' | 'Windows'
  readonly privateAddresses: readonly string[]
  readonly publicAddresses: readonly string[]
  /** Where its rules live; empty when nothing can enforce. */
  readonly points: readonly PointId[]
  /** Why it cannot be protected, when it cannot. */
  readonly unsupported?: Refusal
  /** Without it nobody knows. */
  readonly power?: 'running' | 'stopped'
  /** The platform's own name for this very machine: one made again under the same id has another. */
  readonly vmId?: string
  /** Changes whenever its points must carry something else for it; without it, the addresses and `vmId` stand for it. */
  readonly shape?: string
  /** Since when nothing can be changed on it, because nobody hears from it: what it carries stays, and ends by itself. */
  readonly unreachableSince?: Instant
  /** By which policies may choose it. */
  readonly labels?: Readonly<Record<string, string>>
}

/** The machines that can be asked for, kept fresh by whoever owns them. */
export interface Inventory {
  find(key: ResourceKey): Machine | undefined
  /** In the order of their keys. */
  list(): readonly Machine[]
  /** The machines behind a point; protected ones that were ever seen there are known also before anything was read. */
  behind(point: PointId): readonly Machine[]
  /** Who gets in at these ports of a machine, where that can be told. */
  exposuresOf?(machine: ResourceKey, ports: readonly ProtectedPort[]): readonly Exposure[] | undefined
}

// ── Clouds ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** A connection as its cloud's side gets it. The secret is never logged, and never shown. */
export interface OpenConnection extends Connection {
  /** What the credential's kind says: a client secret, a certificate with its key, a secret access key. */
  readonly secret?: string
}

/** Seals what the store keeps and must not tell. What was sealed for one purpose does not open for another. */
export interface SecretBox {
  seal(text: string, purpose: string): string
  /** Throws when another key sealed it, or it was changed. */
  open(sealed: string, purpose: string): string
}

/** As it is kept. */
export interface StoredConnection extends Connection {
  readonly sealedSecret?: string
}

/** Everything that one connection reaches, as it was read at one time. */
export interface Snapshot {
  readonly machines: readonly Machine[]
  /** Who gets in at these ports of a machine, now. Pure: computed from what was read. None for a machine that is not in it. */
  exposuresOf(machine: ResourceKey, ports: readonly ProtectedPort[]): readonly Exposure[]
  /** What somebody should know although all was read: a network whose rules cut sessions, a quota nearly used up. */
  readonly warnings: readonly Refusal[]
}

/**
 * One kind of cloud: its driver, which routes each point to the connection it belongs to, and what is read through a
 * connection. It is loaded when there is a connection of its kind, and not before.
 */
export interface CloudSide {
  readonly kind: ConnectionKind
  readonly driver: Driver
  /** All connections of its kind as they are from now on. Called before anything else, and after every change. */
  connect(connections: readonly OpenConnection[]): Promise<void>
  /**
   * Reads everything, and keeps for its driver what that needs. Rejects when anything that the connection names could not
   * be read: what is left out of a snapshot counts as gone.
   */
  inventoryOf(connection: OpenConnection, signal: AbortSignal): Promise<Snapshot>
  /**
   * After a first reading that failed: reads these, the protected machines on record, by other roads, so that the driver
   * can close what ends. False where it already knows enough.
   */
  standIn?(connection: OpenConnection, machines: readonly Machine[], signal: AbortSignal): Promise<boolean>
  /**
   * Asks the cloud itself whether the machine is gone, because it is not in the snapshot although it is protected. A
   * machine that may merely not be read is not gone. Rejects when that cannot be told.
   */
  isGone(connection: OpenConnection, machine: Machine, signal: AbortSignal): Promise<boolean>
  /** Tries everything that it will need, without changing anything. The connection need not be one of {@link connect}. */
  check(connection: OpenConnection, signal: AbortSignal): Promise<readonly ConnectionCheck[]>
  /** What is left of the calls that the cloud allows, where it counts them. */
  budgets?(): readonly CallBudget[]
  close(): Promise<void>
}

export interface CallBudget {
  /** Where it counts: a subscription. */
  readonly subscription: string
  /** `read`, `write` … */
  readonly kind: string
  /** Calls that may still be made just now. */
  readonly left: number
  readonly limit: number
  readonly waiting: number
  /** Until when the cloud told us to wait. */
  readonly pausedUntil: Instant
}

/** Given to `openAzure` of drivers/azure/open-azure.ts and `openAws` of drivers/aws/open-aws.ts, which make a {@link CloudSide}. */
export interface CloudDeps {
  readonly clock: Clock
  readonly log: Log
}

// ── Hosts that run the agent ───────────────────────────────────────────────────────────────────────────────────────

/** The agents' connections to this replica. What goes over them belongs to the wire (contract/agent.ts). */
export interface AgentLinks<Document = unknown, Report = unknown> {
  /** The newest report of an agent that is connected here; undefined when it is not, or has not reported yet. */
  reportOf(host: HostId): Report | undefined
  /**
   * Offers the document and resolves with the first report about it. Rejects when the agent is not connected here, is cut
   * off, or another document is offered meanwhile.
   */
  offer(host: HostId, document: Document, signal: AbortSignal): Promise<Report>
  /** Has the agent look at its kernel now; resolves with what it saw of that since it was asked. */
  look(host: HostId, look: AgentLook, signal: AbortSignal): Promise<Report>
  /** What the agent would do with this document. Only to be asked where it answers that. Rejects with why it cannot say. */
  plan(host: HostId, document: Document, signal: AbortSignal): Promise<readonly SaidStep[]>
  logs(host: HostId, lines: number, signal: AbortSignal): Promise<readonly AgentLogLine[]>
  /** An agent came or went, or reported unasked. Returns how to stop. */
  onChange(listener: (change: AgentChange<Report>) => void): () => void
  /** Cuts the connection: the host was revoked, or enrolled anew. */
  cut(host: HostId, code: string, message: string): void
}

export interface AgentLook {
  /** What is looked at for it; the report tells of everything, as it was last seen. */
  readonly scope: Scope
  /** Who is connected is told too. */
  readonly flows: boolean
}

export interface AgentChange<Report = unknown> {
  readonly host: HostId
  readonly kind: 'came' | 'went' | 'reported'
  readonly report?: Report
  /** Of one that went: when it was last heard. */
  readonly heardAt?: Instant
}

export interface AgentLogLine {
  readonly at: Instant
  readonly level: string
  readonly text: string
}

export interface HostReads {
  /** Grows with every change to a host that others must know of. One row: cheap to ask often. */
  version(): Promise<number>
  /** In the order of their keys. */
  all(): Promise<Host[]>
  find(key: ResourceKey): Promise<Host | undefined>
  byId(id: HostId): Promise<Host | undefined>
  /** Key and certificate of {@link HostAuthority}; sealed. */
  authority(): Promise<string | undefined>
}

export interface HostTx extends HostReads {
  /** To be called before anything else here: waits for other changes, and returns the version of this one. */
  change(): Promise<number>
  /** Inserts, or replaces when `version` is one above the stored; false when another write came between. */
  put(host: Host): Promise<boolean>
  remove(id: HostId): Promise<void>
  /** Agents that came to `owner`: from now on it serves their points, which are due at once. */
  came(arrivals: readonly HostArrival[], owner: string): Promise<HostArrivals>
  /** What agents reported that `owner` serves; nothing is written of others, nor of what is older than the last. */
  seen(sightings: readonly HostSighting[], owner: string): Promise<void>
  /**
   * They were heard at `at`, at the least. Returns those that `owner` does not serve: they came to another replica
   * meanwhile, or are removed.
   */
  alive(hosts: readonly HostId[], owner: string, at: Instant): Promise<HostId[]>
  /** Agents that `owner` serves no more, unless they came to another replica. */
  went(departures: readonly HostDeparture[], owner: string): Promise<void>
  /**
   * Hosts that were last seen before `since` though a replica was to serve them: it died. They have gone since they were last
   * seen, for that is what is on record.
   */
  forsaken(since: Instant): Promise<HostId[]>
  /** Hosts that have been gone since before `since` and of which nobody told yet; told from now on. */
  tellGone(since: Instant): Promise<Host[]>
  addToken(token: EnrollmentToken): Promise<void>
  token(hash: string): Promise<EnrollmentToken | undefined>
  /** False when it was used before: of two at once, one wins. */
  useToken(hash: string, at: Instant): Promise<boolean>
  putAuthority(sealed: string): Promise<void>
}

export interface HostArrivals {
  /** Nothing is written of these: the certificate that each came by is not in force any more. */
  readonly untrusted: readonly HostId[]
  /** Nothing is written of these: what they report is not newer than the last that any replica took. */
  readonly stale: readonly HostId[]
  /** Of these it was told that they have gone, or they were never here since they enrolled. */
  readonly back: readonly HostId[]
}

/** An agent's first report over a connection. */
export interface HostArrival extends HostSighting {
  /** Of the certificate that it came by. */
  readonly fingerprint: string
}

export interface HostDeparture {
  readonly host: HostId
  /** When its agent was last heard. */
  readonly at: Instant
}

export interface HostSighting {
  readonly host: HostId
  readonly at: Instant
  readonly sequence: number
  readonly bootId: string
  /** Where they are others than before: what the agent said of its host, JSON. */
  readonly facts?: string
}

/** The installation's private authority: signs agents, and the listener that they talk to. */
export interface HostAuthority {
  /** PEM, nothing secret. */
  readonly certificate: string
  /** SHA-256 of its DER, hex: what a host is told to trust. */
  readonly fingerprint: string
  /**
   * Certifies the key that the request is signed by, for this host and enrolment and nothing else that the request says. Refuses one
   * that is not signed by its own key, and a key that is neither of P-256 nor Ed25519.
   */
  certify(csr: string, host: Pick<Host, 'id' | 'generation'>): Promise<Result<HostCertificate>>
  /** To be shown once, with what is kept of it. */
  newToken(): { readonly text: string; readonly hash: string }
  hashOfToken(text: string): string
}

export interface HostCertificate {
  readonly pem: string
  /** SHA-256 of its DER, hex. */
  readonly fingerprint: string
  readonly renewAt: Instant
  readonly endsAt: Instant
}

/** What a host said of itself, as people are told it. */
export interface HostTelling {
  readonly addresses: readonly string[]
  readonly system?: string
  readonly kernel?: string
  readonly architecture?: string
  readonly agentVersion?: string
  /** Why it cannot be protected. */
  readonly unsupported?: Refusal
  /** Only where its agent is connected to this replica. */
  readonly findings: readonly HostFinding[]
  readonly clock?: { readonly wallOffset: number; readonly roundTrip: number }
}

export interface HostFinding extends CheckWords {
  readonly name: string
  readonly status: 'ok' | 'warning' | 'failed'
}

/** The hosts that run the agent: their driver, and their machines as they told of them. Reads nothing by itself. */
export interface HostSide {
  readonly driver: Driver
  /** All hosts as they are from now on. Called before anything else, and after every change. */
  know(hosts: readonly Host[]): void
  /** The hosts and what is behind gateways. */
  machines(): readonly Machine[]
  /** Undefined when its agent is not connected here, or has not told. */
  exposuresOf(machine: ResourceKey, ports: readonly ProtectedPort[]): readonly Exposure[] | undefined
  tellingOf(host: Host): HostTelling
  /** What the agent found that others did since its report before. */
  driftIn(report: unknown): readonly HostDrift[]
  /** Whom the agent cut off since its report before. */
  cutIn(report: unknown): readonly Flow[]
}

/** What somebody else changed on a host; its agent put it right already, unless it is only to tell. */
export interface HostDrift extends FoundDrift {
  readonly at: Instant
  readonly isRepaired: boolean
}

/** What a pass looks at: everything on the point, or only the slots that changed. */
export type Scope = 'all' | ReadonlySet<Slot>

/** Something that must be remembered before a foreign thing is touched, so that it can be restored exactly. */
export interface JournalEntry {
  readonly key: string
  /** JSON; its shape belongs to the driver. */
  readonly value: string
}

type StepKind = (typeof STEP_KINDS)[number]

/** A step as an agent says it: of one of another version, the code may be any. */
export interface SaidStep extends Sentence {
  readonly kind: StepKind
}

/** With a sentence a person can check: "close 22/TCP on web1 (rule X at 1000)". */
export interface Step extends ToldStep {
  readonly kind: StepKind
}

/** The difference between desired and observed. `steps` empty means the point carries exactly what it should. */
export interface Plan {
  readonly steps: readonly Step[]
  /** Within the scope: desired holes that the observed state already lets in. */
  readonly held: ReadonlySet<HoleKey>
  /** Within the scope: slots with an owned hole that should not be there (any more). A slot not named here is proven closed. */
  readonly lingering: ReadonlySet<Slot>
  /** Desired holes that this point cannot carry, and why. They fail; the rest of the plan still holds. */
  readonly impossible: ReadonlyMap<HoleKey, Failure>
  /** What applying it ends: flows whose hole is gone, where the policy says that they end with it. */
  readonly cut?: readonly Flow[]
  /** The journal as it must stand on record before this plan is applied; after convergence, what is left of it. */
  readonly journal: readonly JournalEntry[]
}

export interface PlanInput<O> {
  readonly desired: Desired
  readonly observed: O
  readonly scope: Scope
  readonly journal: readonly JournalEntry[]
  readonly now: Instant
  /** It is only asked what would be done: the driver keeps nothing of it. */
  readonly isProposal?: true
}

/** What somebody else did to a point. */
export interface ForeignChange {
  readonly point: PointId
  /** "process 4711 (nft)", where the platform tells. */
  readonly by?: string
}

/**
 * One kind of enforcement. `observe` and `apply` do the I/O; `plan` judges and is pure. A pass is
 * observe → plan → apply → observe → plan, and only an empty second plan counts as done.
 */
export interface Driver<O = unknown, P extends Plan = Plan> {
  readonly kind: string
  /** Whether the point closes holes by itself at their end, with no process of ours alive. */
  readonly closesByItself: boolean
  /** How often to look at a point where nothing changes, to find what was tampered with unseen. */
  readonly heartbeat: Millis
  observe(point: PointId, scope: Scope, signal: AbortSignal): Promise<O>
  plan(input: PlanInput<O>): P
  /** Atomic where the platform can; repeating it after a lost answer is harmless. Rejects when not known to be applied. */
  apply(point: PointId, plan: P, signal: AbortSignal): Promise<void>
  /** Reasons not to protect these ports now, such as the caller's own live connection. Empty when there are none. */
  preflight(point: PointId, wanted: PortsOfMachine, caller: CallerPlace): Promise<readonly Refusal[]>
  /**
   * Why these shields do not fit what the point can carry, such as a quota; empty when they do. Reads the point. Without
   * it, everything fits.
   */
  foresee?(foresight: Foresight, signal: AbortSignal): Promise<readonly Refusal[]>
  /**
   * Who gets in at ports of machines once these plans are carried out: what the rules of others leave open is known before
   * anything is written. Pure. Machines of which nobody can tell are left out; without it, all of them.
   */
  exposuresAfter?(
    machines: readonly PortsOfMachine[],
    plans: ReadonlyMap<PointId, P>,
  ): ReadonlyMap<ResourceKey, readonly Exposure[]>
  /**
   * The steps of a proposed plan as only the point itself can tell them, with what they mean for the rules of others there.
   * Changes nothing; without it, the plan says it all.
   */
  foretell?(point: PointId, plan: P, signal: AbortSignal): Promise<readonly Step[]>
  /** Calls back when somebody else changed a point; returns how to stop. */
  watch(onChange: (change: ForeignChange) => void): () => void
  /** Who is connected by holes of ours, and by holes that are gone; without it, nobody can tell. */
  flowsAt?(point: PointId, signal: AbortSignal): Promise<readonly Flow[]>
  /** What is particular about a point; without it, {@link PointTraits}' own defaults. */
  traitsOf?(point: PointId): PointTraits
}

export interface PortsOfMachine {
  readonly machine: ResourceKey
  readonly ports: readonly ProtectedPort[]
}

/** What a policy that is not kept yet would ask of a point. */
export interface Foresight {
  readonly point: PointId
  readonly shields: readonly Shield[]
  readonly journal: readonly JournalEntry[]
  readonly now: Instant
}

/** How a point wants to be treated. */
export interface PointTraits {
  /** How long a pass on it may take; 10 seconds unless it says otherwise. */
  readonly patience?: Millis
  /** How long before its end a hole is closed, so that it is gone at the end although the platform is slow; 0 unless it says otherwise. */
  readonly lead?: Millis
  /** The installation's own way unless its connection says otherwise. */
  readonly drift?: DriftMode
  /** True if machines are reached through it by other addresses, which its journal tells (domain/access/reach.ts). */
  readonly translates?: true
}

/** Who asks, as far as this installation can tell. */
export interface Caller {
  /** The user principal name; empty for one without (behaviour reference, R12). */
  readonly name: string
  /** The address the request came from, canonical text. */
  readonly address: string
  /** The caller's object id, then the ids of the groups it belongs to; what role assignments name. */
  readonly principals: readonly string[]
  /** The bootstrap administrator's token: may do everything everywhere, whatever is assigned. */
  readonly isBreakGlass: boolean
  /** What ties the events of one call together, and to the caller's own log. */
  readonly correlation?: string
  /** The browser session that the call came with, by the id that lists show. */
  readonly session?: string
  /** The program through which a person acts, as the issuer says. No right comes or goes with it. */
  readonly through?: string
  /** For whom a program says that it acts. Its word alone: on record as claimed, and nothing is decided by it. */
  readonly claimedOnBehalfOf?: string
  /** The far end of the shell that the command was typed in, when the client says so (`SSH_CONNECTION`). */
  readonly shell?: { readonly address: string; readonly port: number }
}

/** What a driver may know of who asks: enough not to cut them off. */
export type CallerPlace = Pick<Caller, 'name' | 'address' | 'shell'>

// ── The store ──────────────────────────────────────────────────────────────────────────────────────────────────────

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

export interface AuditFilter {
  readonly actions?: readonly AuditAction[]
  readonly request?: string
  /** Without regard to case. */
  readonly target?: string
  /** At or after. */
  readonly since?: Instant
  /** Before. */
  readonly until?: Instant
  /** Who did it; without regard to case. */
  readonly actor?: string
  /** About this machine, one of its points, or a policy or refused request that names it. */
  readonly machine?: { readonly key: ResourceKey; readonly points: readonly PointId[] }
  readonly correlation?: string
  /** Instead of oldest first; `after` of the page is then the one before which to go on. */
  readonly newestFirst?: true
}

/** Where the audit chain ends; 0 and {@link FIRST_HASH} before the first event. */
export interface AuditHead {
  readonly seq: number
  readonly hash: string
}

export interface StoredCheckpoint {
  /** 1, 2, 3 … without gaps. */
  readonly number: number
  /** The event that it vouches for, and with it every one before. */
  readonly seq: number
  /** The signed text, one line (see the domain's audit-checkpoint). */
  readonly line: string
}

/** What proves, shortens and streams the audit trail. */
export interface TrailReads {
  checkpoints(page: Page<number>): Promise<StoredCheckpoint[]>
  lastCheckpoint(): Promise<StoredCheckpoint | undefined>
  /** The last event that retention dropped; 0 and {@link FIRST_HASH} before any was. */
  floor(): Promise<AuditHead>
  /** The last event of which it and all before it are older; 0 when there is none. */
  lastBefore(instant: Instant): Promise<number>
  event(seq: number): Promise<StoredAuditEvent | undefined>
  /** How far each sink has got. */
  cursors(): Promise<ReadonlyMap<string, number>>
}

export interface TrailTx extends TrailReads {
  /** Rejects when another replica wrote this number first. */
  addCheckpoint(checkpoint: StoredCheckpoint): Promise<void>
  raiseFloor(floor: AuditHead): Promise<void>
  /** Removes events up to the floor, oldest first, at most so many; false when none is left. */
  dropBelowFloor(limit: number): Promise<boolean>
  /** How far the sink has got; undefined while another replica serves it. A sink that is new begins at 0. */
  claimCursor(sink: string, lease: Lease): Promise<number | undefined>
  /** False when another replica serves the sink by now. */
  moveCursor(sink: string, seq: number, owner: string): Promise<boolean>
}

/** Where audit events go besides the store: at least once each, in order. */
export interface AuditSink {
  readonly name: string
  /** Resolves when the receiver has them all; may be repeated with the same events after a failure. */
  deliver(events: readonly StoredAuditEvent[], signal: AbortSignal): Promise<void>
  close(): Promise<void>
}

/** Signs checkpoints. The private key never leaves it. */
export interface TrailSigner {
  readonly key: string
  /** Base64. */
  sign(text: string): string
}

/** Everything that permission is decided by, as it stood at `version`. */
export interface AccessRecord {
  readonly version: number
  /** The built-in ones are not stored. */
  readonly definitions: readonly RoleDefinition[]
  readonly assignments: readonly RoleAssignment[]
  /** Subscriptions (lower case) whose plan somebody set. */
  readonly plans: readonly { readonly subscription: string; readonly tier: PlanTier }[]
}

export type PlanTier = 'Free' | 'Standard'

export interface RoleReads {
  /** Grows with every change to what {@link AccessRecord} holds. One row: cheap to ask often. */
  version(): Promise<number>
  all(): Promise<AccessRecord>
}

export interface RoleTx extends RoleReads {
  /** To be called before anything else here: waits for other changes, and returns the version of this one. */
  change(): Promise<number>
  definition(name: string): Promise<RoleDefinition | undefined>
  /** Without regard to case. */
  definitionCalled(roleName: string): Promise<RoleDefinition | undefined>
  isAssigned(role: string): Promise<boolean>
  putDefinition(definition: RoleDefinition): Promise<void>
  removeDefinition(name: string): Promise<void>
  assignment(name: string): Promise<RoleAssignment | undefined>
  /** The one of the same principal, scope and role. */
  assignmentLike(assignment: RoleAssignment): Promise<RoleAssignment | undefined>
  insertAssignment(assignment: RoleAssignment): Promise<void>
  removeAssignment(name: string): Promise<void>
  putPlan(subscription: string, tier: PlanTier, at: Instant): Promise<void>
}

export interface ConnectionReads {
  /** Grows with every change to a connection. One row: cheap to ask often. */
  version(): Promise<number>
  /** In the order of their keys. */
  all(): Promise<StoredConnection[]>
  find(key: ResourceKey): Promise<StoredConnection | undefined>
  /** Protected machines as they were last seen through the connection, in the order of their keys. */
  remembered(connection: ResourceKey): Promise<Machine[]>
  /** Every machine that a policy names, whoever reaches it, in the order of their keys. */
  protectedMachines(): Promise<ResourceKey[]>
  /** Those of the points that carry something of ours, or shall. */
  carrying(points: readonly PointId[]): Promise<PointId[]>
}

export interface ConnectionTx extends ConnectionReads {
  /** To be called before anything else here: waits for other changes, and returns the version of this one. */
  change(): Promise<number>
  put(connection: StoredConnection): Promise<void>
  /** With what was remembered of its machines. */
  remove(key: ResourceKey): Promise<void>
  remember(connection: ResourceKey, machines: readonly Machine[], at: Instant): Promise<void>
  forget(machines: readonly ResourceKey[]): Promise<void>
}

export interface Reads {
  policy(key: ResourceKey): Promise<StoredPolicy | undefined>
  /** In the order of their keys; names are compared without case. */
  policies(filter: PolicyFilter, page: Page<ResourceKey>): Promise<StoredPolicy[]>
  /** Policies that name any of these machines. */
  policiesCovering(machines: readonly ResourceKey[]): Promise<StoredPolicy[]>
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
  readonly identity: IdentityTx
  readonly roles: RoleTx
  readonly trail: TrailTx
  readonly connections: ConnectionTx
  readonly hosts: HostTx
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
  close(): Promise<void>
}

// ── The installation's own issuer ──────────────────────────────────────────────────────────────────────────────────

export interface IdentityReads {
  user(id: PrincipalId): Promise<User | undefined>
  userNamed(name: string): Promise<User | undefined>
  /** These three lists are in the order of their names; `after` is the last name seen. */
  users(page: Page<string>): Promise<User[]>
  groups(page: Page<string>): Promise<Group[]>
  servicePrincipals(page: Page<string>): Promise<ServicePrincipal[]>
  group(id: PrincipalId): Promise<Group | undefined>
  groupNamed(name: string): Promise<Group | undefined>
  groupsOf(member: PrincipalId): Promise<Group[]>
  membersOf(group: PrincipalId): Promise<PrincipalId[]>
  servicePrincipal(id: PrincipalId): Promise<ServicePrincipal | undefined>
  servicePrincipalOf(appId: string): Promise<ServicePrincipal | undefined>
  /** In the order in which they were added, ended ones too. */
  credentialsOf(principal: PrincipalId): Promise<Credential[]>
  /** In a transaction, nobody else counts under this name until it ends. */
  attempts(nameKey: string): Promise<SignInAttempts | undefined>
  /** Newest first. */
  signingKeys(): Promise<SigningKey[]>
  /** Ended ones too, until they are swept. */
  artefact(kind: string, idHash: string): Promise<Artefact | undefined>
  artefactByUid(kind: string, uid: string): Promise<Artefact | undefined>
  artefactByCode(kind: string, userCode: string): Promise<Artefact | undefined>
  /** Ended ones too, until they are swept. */
  browserSession(idHash: string): Promise<BrowserSession | undefined>
  /** Newest first. */
  browserSessionsOf(principal: PrincipalId): Promise<BrowserSession[]>
}

export interface IdentityTx extends IdentityReads {
  /** Inserts or replaces; these three reject when another has the name. */
  putUser(user: User): Promise<void>
  putGroup(group: Group): Promise<void>
  putServicePrincipal(principal: ServicePrincipal): Promise<void>
  /** With memberships, sessions and tokens. */
  removeUser(id: PrincipalId): Promise<void>
  removeGroup(id: PrincipalId): Promise<void>
  /** With memberships and credentials. */
  removeServicePrincipal(id: PrincipalId): Promise<void>
  addMember(group: PrincipalId, member: PrincipalId): Promise<void>
  removeMember(group: PrincipalId, member: PrincipalId): Promise<void>
  addCredential(credential: Credential): Promise<void>
  removeCredential(id: string): Promise<void>
  putAttempts(attempts: SignInAttempts): Promise<void>
  addSigningKey(key: SigningKey): Promise<void>
  removeSigningKey(id: string): Promise<void>
  /** Inserts or replaces, and never takes back that it was consumed. */
  putArtefact(artefact: Artefact): Promise<void>
  /** False when it was consumed before or is gone: of two at once, one wins. */
  consumeArtefact(kind: string, idHash: string, at: Instant): Promise<boolean>
  removeArtefact(kind: string, idHash: string): Promise<void>
  removeArtefactsOfGrant(grant: string): Promise<void>
  /** And its browser sessions. */
  removeArtefactsOfAccount(account: PrincipalId): Promise<void>
  addBrowserSession(session: BrowserSession): Promise<void>
  /** Never takes it back. */
  seeBrowserSession(idHash: string, at: Instant): Promise<void>
  removeBrowserSession(idHash: string): Promise<void>
  /** Forgets what ended at or before `now`, and failed sign-ins that nobody has repeated since. */
  sweepIdentity(now: Instant, forgetAttemptsBefore: Instant): Promise<void>
}

/** What the use cases need of the issuer: the slow, the random and the secret. */
export interface Vault {
  /** The password as it will be compared, or why it is too weak. */
  checkPassword(password: string, name: string): Result<string>
  hashPassword(password: string): Promise<string>
  /** To be shown once. */
  newPassword(): string
  /** To be shown once, with what is kept of it. */
  newSecret(): { readonly text: string; readonly proof: Proof; readonly hint: string }
  readCertificate(pem: string): Result<{ readonly proof: Proof; readonly hint: string; readonly endsAt: Instant }>
  /** What is kept of a one-time-code secret, and what an authenticator app is shown once. */
  newOneTimeCode(user: Pick<User, 'id' | 'name'>): { readonly sealed: string; readonly keyUri: string }
}
