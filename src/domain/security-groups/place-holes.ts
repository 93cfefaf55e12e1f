/**
 * Which number each hole's allow rule gets: the lowest free one in the band, above the machine's deny rule and above
 * every foreign rule that would deny the hole first. A rule that stands well stays where it is.
 */

/** Numbers for allow rules, both inclusive. */
export interface Band {
  readonly first: number
  readonly last: number
}

export interface HoleToPlace {
  /** The allow rule's name. */
  readonly name: string
  /** Where it stands now. */
  readonly current?: number
  /** The machine's deny rule. */
  readonly deny?: number
  /** The topmost foreign rule that denies all of the hole. */
  readonly barrier?: { readonly name: string; readonly at: number }
}

export interface PlacedHoles {
  readonly numbers: ReadonlyMap<string, number>
  /** With the rule of others that denies it first, where that is why. */
  readonly impossible: ReadonlyMap<string, Pick<HoleToPlace, 'barrier'>>
}

export function placeHoles(holes: readonly HoleToPlace[], taken: Iterable<number>, band: Band): PlacedHoles {
  const numbers = new Map<string, number>()
  const impossible = new Map<string, Pick<HoleToPlace, 'barrier'>>()
  const used = new Set(taken)
  for (const hole of holes) {
    if (hole.current === undefined || used.has(hole.current) || !fits(hole.current, hole, band)) continue
    numbers.set(hole.name, hole.current)
    used.add(hole.current)
  }
  let free = band.first
  for (const hole of holes) {
    if (numbers.has(hole.name)) continue
    while (used.has(free)) free += 1
    if (!fits(free, hole, band)) impossible.set(hole.name, hole)
    else {
      numbers.set(hole.name, free)
      used.add(free)
    }
  }
  return { numbers, impossible }
}

function fits(number: number, { deny, barrier }: HoleToPlace, band: Band): boolean {
  const above = Math.min(deny ?? Number.POSITIVE_INFINITY, barrier?.at ?? Number.POSITIVE_INFINITY)
  return number >= band.first && number <= band.last && number < above
}
