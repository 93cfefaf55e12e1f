/** The machines of a fleet as the use cases see them, and which addresses stand behind which security group. */
import type { Inventory, Machine, PointId } from '../../app/ports/inventory.ts'
import { formatIpPrefix, type IpPrefix } from '../../domain/net.ts'
import type { GuardedMachine } from '../../domain/security-groups/plan-rules.ts'
import { refusal } from '../../domain/refusal.ts'
import { resourceName, type ResourceKey } from '../../domain/resource-id.ts'
import type { Fleet, FleetMachine } from './fleet.ts'
import { pointOfGroup } from './security-groups.ts'

export function fleetInventory(fleet: Fleet): Inventory {
  const sorted = fleet.machines.map(machineOf).sort((a, b) => (a.key < b.key ? -1 : 1))
  const byKey = new Map(sorted.map((machine) => [machine.key, machine]))
  const byPoint = new Map<PointId, Machine[]>()
  for (const machine of sorted) {
    for (const point of machine.points) {
      const behind = byPoint.get(point)
      if (behind === undefined) byPoint.set(point, [machine])
      else behind.push(machine)
    }
  }
  return {
    find: (key) => byKey.get(key),
    list: () => sorted,
    behind: (point) => byPoint.get(point) ?? [],
  }
}

function machineOf({ id, key, location, os, nics }: FleetMachine): Machine {
  const points = [...new Set(nics.flatMap(({ group }) => (group === undefined ? [] : [pointOfGroup(group)])))].sort()
  return {
    id,
    key,
    name: resourceName(id),
    location,
    os,
    privateAddresses: nics.map(({ privateIp }) => formatIpPrefix(privateIp)),
    publicAddresses: nics.flatMap(({ publicIp }) => (publicIp === undefined ? [] : [formatIpPrefix(publicIp)])),
    points,
    ...(points.length > 0
      ? {}
      : {
          unsupported: refusal(
            'NoSecurityGroup',
            'no network security group on any NIC; put one on a NIC of the machine',
          ),
        }),
  }
}

/** For each group, the machines behind it with the private addresses that it filters. */
export function guardedMachines(fleet: Fleet): ReadonlyMap<PointId, ReadonlyMap<ResourceKey, GuardedMachine>> {
  const guarded = new Map<PointId, Map<ResourceKey, GuardedMachine>>()
  for (const machine of fleet.machines) {
    for (const { group, privateIp } of machine.nics) {
      if (group === undefined) continue
      const point = pointOfGroup(group)
      const behind = guarded.get(point) ?? new Map<ResourceKey, GuardedMachine>()
      behind.set(machine.key, withNic(behind.get(machine.key) ?? { id: machine.id, nics: [] }, privateIp))
      guarded.set(point, behind)
    }
  }
  return guarded
}

/** A fleet's NICs have no names; a number tells them apart. */
function withNic({ id, nics }: GuardedMachine, address: IpPrefix): GuardedMachine {
  return { id, nics: [...nics, { name: String(nics.length + 1), addresses: [address] }] }
}
