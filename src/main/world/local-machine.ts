/** The inventory of a fresh installation: the machine that the server runs on. */
import { hostname } from 'node:os'
import type { Installation } from '../../app/app.ts'
import type { Inventory, Machine, PointId } from '../../app/ports/inventory.ts'
import type { Refusal } from '../../domain/refusal.ts'
import { ownAddresses } from '../../drivers/nftables/kernel/own-addresses.ts'
import { parseResourceId, resourceKey, type ResourceId } from '../../domain/resource-id.ts'

export function localMachineId({ subscriptionId, resourceGroup }: Installation, host: string = hostname()): ResourceId {
  const id = parseResourceId(
    `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.HybridCompute/machines/${host}`,
  )
  if (!id.ok) throw new Error(`the host name '${host}' does not fit a resource id`)
  return id.value
}

export interface LocalInventory {
  readonly installation: Installation
  readonly point: PointId
  /** Why the host's firewall cannot be managed, if it cannot. */
  readonly unsupported: Refusal | undefined
  /** The machines behind it, where it is a gateway. */
  readonly behind: readonly Machine[]
}

export function localInventory({ installation, point, unsupported, behind }: LocalInventory): Inventory {
  const id = localMachineId(installation)
  const machine: Machine = {
    id,
    key: resourceKey(id),
    name: hostname(),
    location: installation.location,
    os: 'Linux',
    get privateAddresses() {
      return ownAddresses()
    },
    publicAddresses: [],
    points: unsupported === undefined ? [point] : [],
    ...(unsupported === undefined ? {} : { unsupported }),
  }
  const served = behind.map((other) => (unsupported === undefined ? other : { ...other, points: [], unsupported }))
  const machines = [machine, ...served].sort((a, b) => (a.key < b.key ? -1 : 1))
  return {
    find: (key) => machines.find((found) => found.key === key),
    list: () => machines,
    behind: (asked) => (asked === point ? machines : []),
  }
}
