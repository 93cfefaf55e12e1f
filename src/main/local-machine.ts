/** The inventory of a fresh installation: the machine that the server runs on. */
import { hostname, networkInterfaces } from 'node:os'
import type { Installation } from '../app/app.ts'
import type { Inventory, Machine, PointId } from '../app/ports.ts'
import type { Refusal } from '../domain/refusal.ts'
import { parseResourceId, resourceKey, type ResourceId } from '../domain/resource-id.ts'

export function localMachineId({ subscriptionId, resourceGroup }: Installation, host: string = hostname()): ResourceId {
  const id = parseResourceId(
    `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.HybridCompute/machines/${host}`,
  )
  if (!id.ok) throw new Error(`the host name '${host}' does not fit a resource id`)
  return id.value
}

/** `unsupported` says why the host's firewall cannot be managed, if it cannot. */
export function localInventory(
  installation: Installation,
  point: PointId,
  unsupported: Refusal | undefined,
): Inventory {
  const id = localMachineId(installation)
  const machine: Machine = {
    id,
    key: resourceKey(id),
    name: hostname(),
    location: installation.location,
    os: 'Linux',
    get privateAddresses() {
      return addresses()
    },
    publicAddresses: [],
    points: unsupported === undefined ? [point] : [],
    ...(unsupported === undefined ? {} : { unsupported }),
  }
  return {
    find: (key) => (key === machine.key ? machine : undefined),
    list: () => [machine],
    behind: (asked) => (asked === point ? [machine] : []),
  }
}

function addresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((entries) => entries ?? [])
  return all.filter(({ internal, address }) => !internal && !address.startsWith('fe80:')).map(({ address }) => address)
}
