/** Connections to clouds, and what was remembered of their machines, as the store keeps them. */
import type { Connection } from '../../domain/clouds/connection.ts'
import type { ResourceKey } from '../../domain/resource-id.ts'
import type { Instant } from '../../domain/time.ts'
import type { Machine, PointId } from './inventory.ts'

/** As it is kept. */
export interface StoredConnection extends Connection {
  readonly sealedSecret?: string
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
