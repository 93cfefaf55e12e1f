/** A simulated fleet from a file: for development, conformance and load. Nothing real is opened or closed. */
import { readFile } from 'node:fs/promises'
import { found, mendedBy } from '../../domain/check.ts'
import { parseFleet, type Fleet } from '../../drivers/memory/fleet.ts'
import { fleetExposures } from '../../drivers/memory/fleet-exposures.ts'
import { fleetInventory } from '../../drivers/memory/fleet-inventory.ts'
import { memoryDriver } from '../../drivers/memory/memory-driver.ts'
import { findSecurityGroup, listSecurityGroups } from '../../drivers/memory/security-group-wire.ts'
import { POINT_PREFIX, SecurityGroups } from '../../drivers/memory/security-groups.ts'
import type { World } from './world.ts'

export async function openFleetWorld(file: string): Promise<World> {
  const fleet = await readFleet(file)
  const groups = new SecurityGroups(fleet.groups)
  const driver = memoryDriver(fleet, groups)
  const inventory = { ...fleetInventory(fleet), exposuresOf: fleetExposures(fleet, groups) }
  return {
    inventory,
    driverOf: (point) => (point.startsWith(POINT_PREFIX) ? driver : undefined),
    drivers: [driver],
    prefixes: [POINT_PREFIX],
    nsgs: {
      find: (key) => findSecurityGroup(groups, key),
      list: (within) => listSecurityGroups(groups, within),
    },
    doctor: () =>
      Promise.resolve([
        {
          name: 'machines',
          status: 'warning',
          ...found('Simulated', { machines: fleet.machines.length, file }),
          ...mendedBy('StartWithoutFleet', {}),
        },
      ]),
    close: () => Promise.resolve(),
  }
}

/** Mistakes in one message. */
const MOST_SHOWN = 20

async function readFleet(file: string): Promise<Fleet> {
  const parsed = parseFleet(await readJson(file))
  if (parsed.ok) return parsed.value
  const shown = parsed.refusals.slice(0, MOST_SHOWN).map(({ message }) => `\n  ${message}`)
  const more = parsed.refusals.length - shown.length
  throw new Error(`${file} is not a fleet:${shown.join('')}${more > 0 ? `\n  and ${more} more` : ''}`)
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'))
  } catch (cause) {
    throw new Error(`${file} cannot be read as JSON: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    })
  }
}
