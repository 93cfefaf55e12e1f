/** A cloud made of a list of machines, for what connections and inventories do with one. */
import type { CloudSide, OpenConnection, Snapshot } from '../../src/app/ports/clouds.ts'
import type { Machine, PointId } from '../../src/app/ports/inventory.ts'
import type { ConnectionCheck } from '../../src/domain/clouds/connection.ts'
import type { Exposure } from '../../src/domain/posture.ts'
import type { Refusal } from '../../src/domain/refusal.ts'
import { resourceKey, type ResourceKey } from '../../src/domain/resource-id.ts'
import { MINUTE } from '../../src/domain/time.ts'
import { aMachineId } from './builders.ts'

export class ImaginedCloud {
  machines: Machine[] = []
  exposures: readonly Exposure[] = []
  warnings: Refusal[] = []
  checks: ConnectionCheck[] = []
  /** Machines that it says are gone; about any other that is not listed it does not know. */
  readonly gone = new Set<ResourceKey>()
  /** Why it cannot be read. */
  broken: string | undefined
  /** What it was told last. */
  connections: readonly OpenConnection[] = []
  checked: OpenConnection[] = []
  readings = 0

  readonly side: CloudSide = {
    kind: 'azure',
    driver: {
      kind: 'imagined',
      closesByItself: false,
      heartbeat: 10 * MINUTE,
      observe: () => Promise.resolve(undefined),
      plan: () => ({ steps: [], held: new Set(), lingering: new Set(), impossible: new Map(), journal: [] }),
      apply: () => Promise.resolve(),
      preflight: () => Promise.resolve([]),
      watch: () => () => {},
    },
    connect: async (connections) => {
      this.connections = connections
    },
    inventoryOf: async () => this.#read(),
    isGone: async (_connection, { key }) => this.gone.has(key),
    check: async (connection) => {
      this.checked.push(connection)
      return this.checks
    },
    close: () => Promise.resolve(),
  }

  #read(): Snapshot {
    this.readings += 1
    if (this.broken !== undefined) throw new Error(this.broken)
    const { machines, exposures, warnings } = this
    const keys = new Set(machines.map(({ key }) => key))
    return { machines, warnings, exposuresOf: (machine) => (keys.has(machine) ? exposures : []) }
  }
}

export function aCloudMachine(name: string, more: Partial<Machine> = {}): Machine {
  const id = aMachineId(name)
  return {
    id,
    key: resourceKey(id),
    name,
    location: 'westeurope',
    os: 'Linux',
    privateAddresses: ['10.0.0.4'],
    publicAddresses: [],
    points: [cloudPoint(`${name}-nsg`)],
    ...more,
  }
}

export function cloudPoint(nsg: string): PointId {
  const id = aMachineId(nsg, { type: 'Microsoft.Network/networkSecurityGroups' })
  return `azure:${resourceKey(id)}` as PointId // as the driver names it
}
