/** The orders that machines are shown in: each is made when somebody first asks for it. Equal ones stand as their names do. */
import type { Severity } from '../../domain/posture.ts'
import type { PostureRow } from './postures.ts'

export type MachineSort = 'name' | 'resourceGroup' | 'location' | 'severity'

export interface Order {
  readonly sort: MachineSort
  readonly descending: boolean
}

const RANKS = {
  resourceGroup: ({ groupKey }: PostureRow) => groupKey,
  location: ({ location = '' }: PostureRow) => location,
}

export class MachineOrders {
  readonly rows: readonly PostureRow[]
  readonly #made = new Map<string, readonly PostureRow[]>()

  constructor(rows: readonly PostureRow[]) {
    this.rows = rows
  }

  /** For {@link bySeverity} as by name: severity changes while machines stay where they are. */
  by(order: Order): readonly PostureRow[] {
    const name = `${order.sort} ${order.descending}`
    const made = this.#made.get(name) ?? this.#make(order)
    this.#made.set(name, made)
    return made
  }

  #make({ sort, descending }: Order): readonly PostureRow[] {
    const byName = { sort: 'name', descending: false } as const
    if (sort === 'severity') return this.by(byName)
    if (sort === 'name')
      return descending
        ? this.by(byName).toReversed()
        : this.rows.toSorted((a, b) => compared(a.nameKey, b.nameKey) || compared(a.key, b.key))
    const rank = RANKS[sort]
    const sign = descending ? -1 : 1
    return this.by(byName).toSorted((a, b) => sign * compared(rank(a), rank(b)))
  }
}

/** Worst first. */
const SEVERITIES: readonly (Severity | undefined)[] = ['High', 'Low', 'Healthy', undefined]

export function bySeverity(
  rows: readonly PostureRow[],
  { descending }: Pick<Order, 'descending'>,
): readonly PostureRow[] {
  const found = Map.groupBy(rows, ({ posture }) => posture.severity)
  const order = descending ? SEVERITIES.toReversed() : SEVERITIES
  return order.flatMap((severity) => found.get(severity) ?? [])
}

function compared(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
