/** The machines that never change while the server runs, those of the clouds and the hosts, as one inventory. */
import type { Machines } from '../clouds/cloud-reading.ts'
import type { ProtectedPort } from '../../domain/access/desired.ts'
import type { Exposure } from '../../domain/posture.ts'
import type { ResourceKey } from '../../domain/resource-id.ts'
import type { Inventory, Machine } from '../ports/inventory.ts'

/** Machines that come and go. */
export interface MachineSource {
  machines(): readonly Machines[]
  /** Calls back whenever the machines are others. */
  onMachines(listener: () => void): void
  exposuresOf(machine: ResourceKey, ports: readonly ProtectedPort[]): readonly Exposure[] | undefined
}

export function liveInventory(base: Inventory, ...sources: readonly MachineSource[]): Inventory {
  let all: readonly Machine[] | undefined
  for (const source of sources)
    source.onMachines(() => {
      all = undefined
    })
  const read = (): Machines[] => sources.flatMap((source) => source.machines())
  return {
    find: (key) => base.find(key) ?? first(read(), ({ byKey }) => byKey.get(key)),
    list() {
      all ??= merged(base, read())
      return all
    },
    behind(point) {
      const found = base.behind(point)
      return found.length > 0 ? found : (first(read(), ({ byPoint }) => byPoint.get(point)) ?? [])
    },
    exposuresOf: (machine, ports) =>
      base.exposuresOf?.(machine, ports) ?? first(sources, (source) => source.exposuresOf(machine, ports)),
  }
}

function first<T, R>(items: readonly T[], find: (item: T) => R | undefined): R | undefined {
  for (const item of items) {
    const found = find(item)
    if (found !== undefined) return found
  }
  return undefined
}

/** Each list is in the order of its keys already, which a sort of them together makes use of. */
function merged(base: Inventory, read: readonly Machines[]): readonly Machine[] {
  if (read.length === 0) return base.list()
  return [...base.list(), ...read.flatMap(({ sorted }) => sorted)].sort((a, b) => (a.key < b.key ? -1 : 1))
}
