/**
 * The only interfaces between the use cases and the world: time, drivers, inventory, and the store.
 * Drivers and stores implement them; nobody else declares an interface across folders.
 */
import type { Desired } from '../domain/desired.ts'
import type { HoleKey, Slot } from '../domain/hole.ts'
import type { Refusal } from '../domain/refusal.ts'
import type { ResourceId, ResourceKey } from '../domain/resource-id.ts'
import type { ProtectedPort } from '../domain/desired.ts'
import type { Instant } from '../domain/time.ts'

export interface Clock {
  /** Never goes back within a process, whatever the wall clock does: a hole may close early, never late. */
  now(): Instant
}

/** Names an enforcement point: `nftables:<machine key>`, `memory:<nsg key>`. */
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
}

/** The machines that can be asked for, kept fresh by whoever owns them. */
export interface Inventory {
  find(key: ResourceKey): Machine | undefined
  /** In the order of their keys. */
  list(): readonly Machine[]
  /** The machines behind a point. */
  behind(point: PointId): readonly Machine[]
}

/** What a pass looks at: everything on the point, or only the slots that changed. */
export type Scope = 'all' | ReadonlySet<Slot>

/** Something that must be remembered before a foreign thing is touched, so that it can be restored exactly. */
export interface JournalEntry {
  readonly key: string
  /** JSON; its shape belongs to the driver. */
  readonly value: string
}

export interface Step {
  readonly kind: 'protect' | 'unprotect' | 'open' | 'extend' | 'close' | 'move' | 'restore' | 'import' | 'repair'
  /** A sentence a person can check: "close 22/TCP on web1 (rule X at 1000)". */
  readonly text: string
}

/** The difference between desired and observed. `steps` empty means the point carries exactly what it should. */
export interface Plan {
  readonly steps: readonly Step[]
  /** Within the scope: desired holes that the observed state already lets in. */
  readonly held: ReadonlySet<HoleKey>
  /** Within the scope: slots with an owned hole that should not be there (any more). A slot not named here is proven closed. */
  readonly lingering: ReadonlySet<Slot>
  /** Desired holes that this point cannot carry, and why. They fail; the rest of the plan still holds. */
  readonly impossible: ReadonlyMap<HoleKey, Refusal>
  /** The journal as it must stand on record before this plan is applied; after convergence, what is left of it. */
  readonly journal: readonly JournalEntry[]
}

export interface PlanInput<O> {
  readonly desired: Desired
  readonly observed: O
  readonly scope: Scope
  readonly journal: readonly JournalEntry[]
  readonly now: Instant
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
  observe(point: PointId, scope: Scope, signal: AbortSignal): Promise<O>
  plan(input: PlanInput<O>): P
  /** Atomic where the platform can; repeating it after a lost answer is harmless. Rejects when not known to be applied. */
  apply(point: PointId, plan: P, signal: AbortSignal): Promise<void>
  /** Reasons not to protect these ports now, such as the caller's own live connection. Empty when there are none. */
  preflight(point: PointId, ports: readonly ProtectedPort[], caller: Caller): Promise<readonly Refusal[]>
  /** Calls back when somebody else changed a point; returns how to stop. */
  watch(onChange: (change: ForeignChange) => void): () => void
}

/** Who asks, as far as this installation can tell. */
export interface Caller {
  /** The user principal name; empty for one without (behaviour reference, R12). */
  readonly name: string
  /** The address the request came from, canonical text. */
  readonly address: string
  /** The far end of the shell that the command was typed in, when the client says so (`SSH_CONNECTION`). */
  readonly shell?: { readonly address: string; readonly port: number }
}
