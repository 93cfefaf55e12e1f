/** Several worlds at once: this host or a fleet, and every cloud that is connected, now or later. */
import type { App } from '../app/app.ts'
import type { Clouds } from '../app/clouds.ts'
import { liveInventory } from '../app/live-inventory.ts'
import { cloudChecks } from './cloud-doctor.ts'
import { cloudMetrics } from './cloud-metrics.ts'
import { CLOUD_PREFIXES } from './open-clouds.ts'
import type { World } from './world.ts'

export function withClouds(world: World, clouds: Clouds, app: Pick<App, 'clock'>): World {
  return {
    ...world,
    inventory: liveInventory(world.inventory, clouds),
    driverOf: (point) => world.driverOf(point) ?? clouds.driverOf(point),
    prefixes: [...world.prefixes, ...CLOUD_PREFIXES],
    metrics: cloudMetrics(clouds, app),
    doctor: async () => [...(await world.doctor()), ...cloudChecks(clouds, app)],
  }
}
