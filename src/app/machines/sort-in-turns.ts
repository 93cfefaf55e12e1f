/** Sorts 100,000 of them without holding up anybody: small parts first, then two and two together. */
import { inTurns, nextTurn } from '../in-turns.ts'

/** Below 0 where `a` stands first. */
export type Compare<T> = (a: T, b: T) => number

/** Sorted, and put together, before others get their turn. */
const SORTED_AT_ONCE = 1_000
const MERGED_AT_ONCE = 5_000

export async function sortInTurns<T>(items: readonly T[], compare: Compare<T>): Promise<readonly T[]> {
  let parts: (readonly T[])[] = []
  await inTurns(partsOf(items, SORTED_AT_ONCE), 1, (part) => parts.push(part.toSorted(compare)))
  let done = 0
  while (parts.length > 1) {
    const longer: T[][] = []
    for (const [first = [], second = []] of partsOf(parts, 2)) {
      const both: T[] = []
      longer.push(both)
      for (const item of merged(first, second, compare)) {
        both.push(item)
        if (++done % MERGED_AT_ONCE === 0) await nextTurn()
      }
    }
    parts = longer
  }
  return parts[0] ?? []
}

function partsOf<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size))
}

/** Of equal ones those of `a` come first. */
function* merged<T>(a: readonly T[], b: readonly T[], compare: Compare<T>): Generator<T> {
  let next = 0
  for (const item of a) {
    for (let other = b[next]; other !== undefined && compare(other, item) < 0; other = b[++next]) yield other
    yield item
  }
  yield* b.slice(next)
}
