/** The machines that never change while the server runs, and those of the clouds, as one inventory. */
import type { Clouds } from './clouds.ts'
import type { Inventory, Machine } from './ports.ts'

export function liveInventory(
  base: Inventory,
  clouds: Pick<Clouds, 'machines' | 'onMachines' | 'exposuresOf'>,
): Inventory {
  let all: readonly Machine[] | undefined
  clouds.onMachines(() => {
    all = undefined
  })
  return {
    find: (key) => base.find(key) ?? first(clouds.machines(), ({ byKey }) => byKey.get(key)),
    list() {
      all ??= merged(base, clouds)
      return all
    },
    behind(point) {
      const found = base.behind(point)
      return found.length > 0 ? found : (first(clouds.machines(), ({ byPoint }) => byPoint.get(point)) ?? [])
    },
    exposuresOf: (machine, ports) => base.exposuresOf?.(machine, ports) ?? clouds.exposuresOf(machine, ports),
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
function merged(base: Inventory, clouds: Pick<Clouds, 'machines'>): readonly Machine[] {
  const read = clouds.machines()
  if (read.length === 0) return base.list()
  return [...base.list(), ...read.flatMap(({ sorted }) => sorted)].sort((a, b) => (a.key < b.key ? -1 : 1))
}
