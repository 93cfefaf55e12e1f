/** One kind of enforcement: what is observed of a point, what would be done there, and doing it. */
import type { Desired, ProtectedPort, Shield } from '../../domain/access/desired.ts'
import type { Failure } from '../../domain/access/failure.ts'
import type { Flow } from '../../domain/access/flow.ts'
import type { HoleKey, Slot } from '../../domain/access/hole.ts'
import type { STEP_KINDS, ToldStep } from '../../domain/access/step.ts'
import type { DriftMode } from '../../domain/clouds/connection.ts'
import type { Exposure } from '../../domain/posture.ts'
import type { Refusal } from '../../domain/refusal.ts'
import type { ResourceKey } from '../../domain/resource-id.ts'
import type { Sentence } from '../../domain/sentence.ts'
import type { Instant, Millis } from '../../domain/time.ts'
import type { CallerPlace } from './caller.ts'
import type { PointId } from './inventory.ts'

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
  /** It makes up for what our own side did: nobody else changed anything. */
  readonly isOwn?: true
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
