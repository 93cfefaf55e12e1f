/** This host's own kernel, a simulated fleet, or nothing but what is connected. */
import type { Installation, Log } from '../../app/app.ts'
import type { Clock } from '../../app/ports/clock.ts'
import type { Store } from '../../app/ports/store.ts'
import type { Config } from '../config/config.ts'
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
  if (opening.config.thisHost === 'off') return NOTHING
  const { openHostWorld } = await import('./host-world.ts')
  return openHostWorld(opening)
}

/** A server that looks after clouds alone. */
const NOTHING: World = {
  inventory: { find: () => undefined, list: () => [], behind: () => [] },
  driverOf: () => undefined,
  drivers: [],
  prefixes: [],
  doctor: () => Promise.resolve([]),
  close: () => Promise.resolve(),
}
