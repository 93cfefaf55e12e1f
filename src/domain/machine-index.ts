/** Machines by key and by enforcement point. Made once for each reading of an inventory, and asked often. */
export interface MachineIndex<K extends string, P extends string, M extends Indexed<K, P>> {
  /** In the order of their keys. */
  readonly sorted: readonly M[]
  readonly byKey: ReadonlyMap<K, M>
  /** In the order of their keys too. */
  readonly byPoint: ReadonlyMap<P, readonly M[]>
}

interface Indexed<K, P> {
  readonly key: K
  readonly points: readonly P[]
}

/** Of two with one key the later one counts. */
export function indexMachines<K extends string, P extends string, M extends Indexed<K, P>>(
  machines: Iterable<M & Indexed<K, P>>,
): MachineIndex<K, P, M> {
  const byKey = new Map<K, M>()
  for (const machine of machines) byKey.set(machine.key, machine)
  const sorted = [...byKey.values()].sort((a, b) => (a.key < b.key ? -1 : 1))
  const byPoint = new Map<P, M[]>()
  for (const machine of sorted) {
    for (const point of new Set(machine.points)) {
      const behind = byPoint.get(point)
      if (behind === undefined) byPoint.set(point, [machine])
      else behind.push(machine)
    }
  }
  return { sorted, byKey, byPoint }
}
