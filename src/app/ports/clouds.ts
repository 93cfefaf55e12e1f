/** One kind of cloud: its driver, and what is read through a connection to it. */
import type { ProtectedPort } from '../../domain/access/desired.ts'
import type { Connection, ConnectionCheck, ConnectionKind } from '../../domain/clouds/connection.ts'
import type { Exposure } from '../../domain/posture.ts'
import type { Refusal } from '../../domain/refusal.ts'
import type { ResourceKey } from '../../domain/resource-id.ts'
import type { Instant } from '../../domain/time.ts'
import type { Log } from '../app.ts'
import type { Clock } from './clock.ts'
import type { Driver } from './driver.ts'
import type { Machine } from './inventory.ts'

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
