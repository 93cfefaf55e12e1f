/** This host's own kernel, or a simulated fleet. */
import type { Installation, Log } from '../app/app.ts'
import type { Clock, Store } from '../app/ports.ts'
import type { Config } from './config.ts'
import type { World } from './world.ts'

export interface Opening {
  readonly config: Config
  readonly installation: Installation
  readonly clock: Clock
  readonly store: Store
  readonly log: Log
}

export async function openWorld(opening: Opening): Promise<World> {
  if (opening.config.fleet !== undefined) {
    const { openFleetWorld } = await import('./fleet-world.ts')
    return openFleetWorld(opening.config.fleet)
  }
  const { openHostWorld } = await import('./host-world.ts')
  return openHostWorld(opening)
}
