/** The world of a fresh installation: the host that the server runs on, behind its own kernel. */
import type { PointId } from '../app/ports.ts'
import { resourceKey } from '../domain/resource-id.ts'
import { createLibraryEngine } from '../drivers/nftables/library-engine.ts'
import { netlinkEvents } from '../drivers/nftables/netlink-events.ts'
import { createNetlinkReader } from '../drivers/nftables/netlink-reader.ts'
import { createNftablesDriver } from '../drivers/nftables/nftables-driver.ts'
import { localInventory, localMachineId } from './local-machine.ts'
import type { Opening } from './open-world.ts'
import type { World } from './world.ts'

export function openHostWorld({ config, installation, clock }: Opening): Promise<World> {
  const machine = resourceKey(localMachineId(installation))
  const point = `nftables:${machine}` as PointId // this host's one point
  const driver = createNftablesDriver({
    point,
    machine,
    clock,
    engine: createLibraryEngine(),
    reader: createNetlinkReader(),
    events: netlinkEvents,
    ownTable: config.nftOwner,
  })
  return Promise.resolve({
    inventory: localInventory(installation, point, undefined),
    driverOf: (asked) => (asked === point ? driver : undefined),
    drivers: [driver],
    prefixes: [point],
    doctor: () => Promise.resolve([]),
    close: () => Promise.resolve(driver.close()),
  })
}
