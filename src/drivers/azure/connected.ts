/** What the sides of Azure share for one connection: the road to it, and what was last read of its machines. */
import type { OpenConnection } from '../../app/ports/clouds.ts'
import type { PointId } from '../../app/ports/inventory.ts'
import type { AzureSettings } from '../../domain/clouds/connection.ts'
import type { Failure } from '../../domain/access/failure.ts'
import type { ResourceKey } from '../../domain/resource-id.ts'
import type { Millis } from '../../domain/time.ts'
import type { Arm } from './arm-client.ts'
import { keyIn } from './azure-points.ts'
import type { Estate } from './estate.ts'

export interface Connected {
  readonly connection: OpenConnection
  readonly settings: AzureSettings
  readonly arm: Arm
  /** Undefined until the connection was read for the first time. */
  estate: Estate | undefined
  /** Machines of the estate that are others by now. */
  readonly doubts: Map<ResourceKey, Failure>
}

/** Finds the connection that a point belongs to, by its subscription. Throws when there is none any more. */
export type Route = (point: PointId) => Connected

export interface NsgDeps {
  readonly route: Route
  readonly sleep: (millis: Millis, signal: AbortSignal) => Promise<void>
}

export function routeIn(all: () => Iterable<Connected>): Route {
  return (point) => {
    const [, subscription = ''] = /^\/subscriptions\/([^/]+)/.exec(keyIn(point)) ?? []
    for (const connected of all()) if (connected.settings.subscriptions.includes(subscription)) return connected
    throw new Error(
      `no connection reaches subscription ${subscription} of ${point}; connect it again, or remove its policies`,
    )
  }
}

/** Throws until the machines were read: to act on none would open everything. */
export function estateOf({ estate, connection }: Connected): Estate {
  if (estate !== undefined) return estate
  throw new Error(`the machines of connection '${connection.name}' were not read yet`)
}
