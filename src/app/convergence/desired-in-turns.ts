/**
 * What a point should carry, of a hundred thousand grants: worked out in parts, between which others get their turn. A pass
 * stands in no line with the pages that people look at, which would be later than it must.
 */
import { desired, isInForce, type Desired, type Shield } from '../../domain/access/desired.ts'
import { gatherInto, holesOf, type Gathered, type Hole, type Opening } from '../../domain/access/hole.ts'
import type { Instant } from '../../domain/time.ts'
import { inTurns } from '../in-turns.ts'

/** How many grants a pass looks at before others get their turn: some 30 ms. */
export const AT_ONCE = 10_000

/** One part after the other; those that are few are one part. */
export function inParts<T>(items: readonly T[], atOnce: number, look: (item: T) => void): Promise<void> {
  return inTurns(items, atOnce, look, turnOfOthers)
}

/** Lets others in where there are so many that they have waited already. */
export async function letOthersIn(items: readonly unknown[], atOnce: number): Promise<void> {
  if (items.length > atOnce) await turnOfOthers()
}

interface Asked {
  readonly shields: readonly Shield[]
  readonly openings: readonly Opening[]
  readonly now: Instant
}

/** As {@link desired}; of very many, the holes are in no order. */
export async function desiredInTurns({ shields, openings, now }: Asked, atOnce: number): Promise<Desired> {
  if (openings.length <= atOnce) return desired(shields, openings, now)
  const gathered: Gathered = new Map()
  await inParts(openings, atOnce, (opening) => {
    if (isInForce(opening, now)) gatherInto(gathered, opening)
  })
  const all = [...gathered]
  const holes: Hole[] = []
  for (let from = 0; from < all.length; from += atOnce) {
    await turnOfOthers()
    for (const hole of holesOf(all.slice(from, from + atOnce))) holes.push(hole)
  }
  return { shields, holes }
}

/** A timer, because those are the simulation's to own. */
function turnOfOthers(): Promise<unknown> {
  return new Promise((resolve) => setTimeout(resolve, 0))
}
