/** How many machines of each kind a caller sees: by what is kept where they lie, or one by one where they were searched for. */
import type { Kind, PostureRow, Tally } from './posture-row.ts'
import type { Judged } from './postures.ts'
import { isSeen, type Sight } from './sight.ts'

export function tallyOfAll({ places, find }: Pick<Judged, 'places' | 'find'>, sight: Sight): Tally {
  const tally = new Map<Kind, number>()
  for (const place of places) {
    const share = sight(place)
    if (share === 'all') for (const [kind, count] of place.tally) addTo(tally, kind, count)
    else
      for (const key of share) {
        const row = find(key)
        if (row?.place === place) addTo(tally, row.kind, 1)
      }
  }
  return tally
}

export function tallyOf(rows: readonly PostureRow[], sight: Sight): Tally {
  const tally = new Map<Kind, number>()
  for (const row of rows) if (isSeen(sight, row)) addTo(tally, row.kind, 1)
  return tally
}

export function addTo(tally: Map<Kind, number>, kind: Kind, count: number): void {
  tally.set(kind, (tally.get(kind) ?? 0) + count)
}

export function sumOf(tally: Tally, isCounted: (kind: Kind) => boolean): number {
  return [...tally].reduce((sum, [kind, count]) => (isCounted(kind) ? sum + count : sum), 0)
}
