/** Several worlds at once: this host or a fleet, every cloud that is connected, now or later, and the hosts. */
import type { App } from '../../app/app.ts'
import type { Clouds } from '../../app/clouds/clouds.ts'
import { liveInventory, type MachineSource } from '../../app/machines/live-inventory.ts'
import { cloudChecks } from './cloud-doctor.ts'
import { cloudMetrics } from './cloud-metrics.ts'
import { CLOUD_PREFIXES } from './open-clouds.ts'
import type { World } from './world.ts'

interface Along extends Pick<App, 'clock'> {
  /** Machines that are none of a cloud's. */
  readonly hosts: MachineSource
}

export function withClouds(world: World, clouds: Clouds, { clock, hosts }: Along): World {
  const app = { clock }
  return {
    ...world,
    inventory: liveInventory(world.inventory, clouds, hosts),
    driverOf: (point) => world.driverOf(point) ?? clouds.driverOf(point),
    prefixes: [...world.prefixes, ...CLOUD_PREFIXES],
    metrics: cloudMetrics(clouds, app),
    doctor: async () => [...(await world.doctor()), ...cloudChecks(clouds, app)],
  }
}
