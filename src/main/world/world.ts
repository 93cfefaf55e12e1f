/** What an installation enforces on: its machines, the drivers that reach them, and how to ask whether all is well. */
import type { Metric } from 'prom-client'
import type { Driver } from '../../app/ports/driver.ts'
import type { Inventory, PointId } from '../../app/ports/inventory.ts'
import type { PointRow } from '../../app/ports/rows.ts'
import type { Check } from '../../contract/installation.ts'
import type { ServerDeps } from '../../server/deps.ts'

export interface World {
  readonly inventory: Inventory
  readonly driverOf: (point: PointId) => Driver | undefined
  readonly drivers: readonly Driver[]
  /** The beginnings of the ids of the points that can be reached from here. */
  readonly prefixes: readonly string[]
  readonly nsgs?: NonNullable<ServerDeps['nsgs']>
  /** Told of every recorded pass. */
  readonly recorded?: (row: PointRow, inventory: Inventory) => void
  /** Of its own, besides those of the server. */
  readonly metrics?: readonly Metric[]
  readonly doctor: () => Promise<readonly Check[]>
  readonly close: () => Promise<void>
}
