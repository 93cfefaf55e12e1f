/**
 * Machines by a part of their name or id, in the order in which they are shown. What was found is kept as long as the same
 * machines are there; who types on is answered from what was found before.
 */
import { inTurns } from '../in-turns.ts'
import type { Place, PostureRow } from './posture-row.ts'

type Rows = readonly PostureRow[]

interface Search {
  readonly text: string
  readonly found: Promise<Rows>
}

/** Of each order. */
const MOST_KEPT = 20
const AT_ONCE = 5_000

const kept = new WeakMap<Rows, readonly Search[]>()

export function searchRows(rows: Rows, asked: string): Promise<Rows> {
  const text = asked.toLowerCase()
  const before = kept.get(rows) ?? []
  const same = before.find((search) => search.text === text)
  const wider = before
    .filter((search) => text.includes(search.text))
    .toSorted(byLength)
    .at(-1)
  const search = same ?? {
    text,
    found: wider === undefined ? find(rows, text) : wider.found.then((some) => find(some, text)),
  }
  kept.set(rows, [...before.filter((other) => other !== search), search].slice(-MOST_KEPT))
  return search.found
}

function byLength(a: Search, b: Search): number {
  return a.text.length - b.text.length
}

async function find(rows: Rows, text: string): Promise<Rows> {
  const isFound = finder(text)
  const found: PostureRow[] = []
  await inTurns(rows, AT_ONCE, (row) => {
    if (isFound(row)) found.push(row)
  })
  return found
}

/** Ids are long and begin alike: where machines lie is looked at once. */
function finder(text: string): (row: PostureRow) => boolean {
  const places = new Map<Place, boolean>()
  const isOfPlace = (place: Place): boolean => {
    const isFound = places.get(place) ?? `${place.scope}/`.includes(text)
    places.set(place, isFound)
    return isFound
  }
  const isPath = text.includes('/')
  return ({ place, words, key }) => isOfPlace(place) || words.includes(text) || (isPath && key.includes(text))
}
