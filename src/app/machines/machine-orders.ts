/**
 * The orders that machines are shown in: each is made when somebody first asks for it, in turns, and from then on only the
 * machines that came or went are put in and taken out. Equal ones stand as their names do.
 */
import { sortInTurns, type Compare } from './sort-in-turns.ts'
import type { PostureRow } from './posture-row.ts'

export type MachineSort = 'name' | 'resourceGroup' | 'location' | 'severity'

export interface Order {
  /** For severity as by name: it changes while machines stay where they are. */
  readonly sort: MachineSort
  readonly descending: boolean
}

type Rows = readonly PostureRow[]
type Comparing = Compare<PostureRow>

/** If more came or went, the orders are made anew. */
const MOST_MOVED = 100

const byKey: Comparing = (a, b) => compared(a.key, b.key)
const byName: Comparing = (a, b) => compared(a.nameKey, b.nameKey) || byKey(a, b)
const byGroup: Comparing = (a, b) => compared(a.groupKey, b.groupKey)
const byLocation: Comparing = (a, b) => compared(a.location ?? '', b.location ?? '')

const UP: Readonly<Record<MachineSort, Comparing>> = {
  name: byName,
  severity: byName,
  resourceGroup: (a, b) => byGroup(a, b) || byName(a, b),
  location: (a, b) => byLocation(a, b) || byName(a, b),
}
const DOWN: typeof UP = {
  name: (a, b) => byName(b, a),
  severity: byName,
  resourceGroup: (a, b) => byGroup(b, a) || byName(a, b),
  location: (a, b) => byLocation(b, a) || byName(a, b),
}

/** A few of them. */
export function inOrder(rows: Rows, { sort, descending }: Order): Rows {
  return rows.toSorted((descending ? DOWN : UP)[sort])
}

export class MachineOrders {
  /** In the order of their keys. Where machines came or went, the list is another. */
  readonly rows: Rows
  readonly #made: Map<Comparing, Rows>
  readonly #making = new Map<Comparing, Promise<Rows>>()

  constructor(rows: Rows, made: ReadonlyMap<Comparing, Rows> = new Map()) {
    this.rows = rows
    this.#made = new Map(made)
  }

  async by({ sort, descending }: Order): Promise<Rows> {
    const compare = (descending ? DOWN : UP)[sort]
    return this.#made.get(compare) ?? this.#make(compare)
  }

  /** These orders where such machines came and went. */
  async with(came: ReadonlySet<PostureRow>, went: ReadonlySet<PostureRow>): Promise<MachineOrders> {
    if (came.size + went.size > MOST_MOVED) {
      const stayed = this.rows.filter((row) => !went.has(row))
      return new MachineOrders(await sortInTurns([...stayed, ...came], byKey))
    }
    const move = (rows: Rows, compare: Comparing): Rows => moved(rows, { came, went, compare })
    const made = [...this.#made].map(([compare, rows]) => [compare, move(rows, compare)] as const)
    return new MachineOrders(move(this.rows, byKey), new Map(made))
  }

  async #make(compare: Comparing): Promise<Rows> {
    const making = this.#making.get(compare) ?? sortInTurns(this.rows, compare)
    this.#making.set(compare, making)
    const rows = await making
    this.#making.delete(compare)
    this.#made.set(compare, rows)
    return rows
  }
}

interface Moves {
  readonly came: ReadonlySet<PostureRow>
  readonly went: ReadonlySet<PostureRow>
  readonly compare: Comparing
}

function moved(rows: Rows, { came, went, compare }: Moves): Rows {
  const stayed = rows.filter((row) => !went.has(row))
  for (const row of came) stayed.splice(placeOf(row, stayed, compare), 0, row)
  return stayed
}

function placeOf(row: PostureRow, rows: Rows, compare: Comparing): number {
  let [from, to] = [0, rows.length]
  while (from < to) {
    const middle = (from + to) >> 1
    const other = rows[middle]
    if (other !== undefined && compare(other, row) < 0) from = middle + 1
    else to = middle
  }
  return from
}

function compared(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
