/** The audit trail: what is asked of it, what proves it, and where else it goes. */
import type { AuditAction, StoredAuditEvent } from '../../domain/audit/audit.ts'
import type { ResourceKey } from '../../domain/resource-id.ts'
import type { Instant } from '../../domain/time.ts'
import type { PointId } from './inventory.ts'
import type { Lease, Page } from './rows.ts'

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
