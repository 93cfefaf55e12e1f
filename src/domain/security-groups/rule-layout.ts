/**
 * Which priority every inbound rule of a security group gets. Pure arithmetic on an order; it never changes the
 * order of foreign rules among themselves, and gives each the number it had whenever that is possible.
 *
 * A deny rule goes directly above the topmost foreign rule that opens its ports to everybody, and takes that rule's
 * number; the rule and its neighbours in the way move down (behaviour reference §5.3). Without such a rule it takes the
 * highest free number, below every narrower rule, so that those keep working.
 */
import { FIRST_PRIORITY, LAST_PRIORITY } from './security-rule.ts'

/** A rule that is not ours, in the order of its current priority. */
export interface ForeignPlace {
  readonly name: string
  /** The number its owner gave it. */
  readonly original: number
  /** True if it stands elsewhere now because we moved it. */
  readonly moved: boolean
}

export interface GuardPlace {
  readonly name: string
  /** Index of the topmost foreign rule that opens a protected port to everybody. */
  readonly above?: number
  /** Index of the last foreign rule that opens a protected port to some; it should stay above the deny rule. */
  readonly below?: number
  /** The deny rule's current number, if it stands. */
  readonly current?: number
}

export interface LayoutInput {
  readonly foreign: readonly ForeignPlace[]
  readonly guards: readonly GuardPlace[]
  /** First number for allow rules. */
  readonly first: number
  /** How many free numbers must remain above each deny rule for the holes. */
  readonly room: number
  /** Where deny rules may stand, both inclusive; one above a foreign rule may stand beyond the last. */
  readonly denyBand: { readonly first: number; readonly last: number }
}

/** Name → number, for foreign and deny rules. A number below 100 means that there is no place at all. */
export type Layout = ReadonlyMap<string, number>

interface Item {
  readonly name: string
  readonly wanted: number
}

export function layOut(input: LayoutInput): Layout {
  const numbers = new Map<string, number>()
  const sequence = sequenceOf(input)
  for (const [index, at] of spread(sequence).entries()) {
    const item = sequence[index]
    if (item !== undefined) numbers.set(item.name, at)
  }
  placeAtTheEnd(numbers, input)
  return numbers
}

/** Foreign rules in their order, with the deny rules that must stand directly above one of them. */
function sequenceOf({ foreign, guards, first, room, denyBand }: LayoutInput): Item[] {
  const sequence: Item[] = []
  const wanted = wantedNumbers(foreign)
  for (const [index, rule] of foreign.entries()) {
    const number = wanted[index] ?? rule.original
    for (const guard of guards) {
      if (guard.above !== index) continue
      // Everything before it may stand inside the holes' numbers, so that many more are needed.
      sequence.push({ name: guard.name, wanted: Math.max(number, denyBand.first, first + room + sequence.length) })
    }
    sequence.push({ name: rule.name, wanted: number })
  }
  return sequence
}

/** A rule that we moved yields when somebody has meanwhile put another where it was. */
function wantedNumbers(foreign: readonly ForeignPlace[]): number[] {
  const wanted = foreign.map((rule) => rule.original)
  let ceiling = LAST_PRIORITY + 1
  for (let index = wanted.length - 1; index >= 0; index -= 1) {
    const own = wanted[index] ?? 0
    const number = foreign[index]?.moved === true ? Math.min(own, ceiling - 1) : own
    wanted[index] = number
    ceiling = Math.min(ceiling, number)
  }
  return wanted
}

/** The wanted numbers, made strictly rising by moving down; what does not fit at the end moves up. */
function spread(sequence: readonly Item[]): number[] {
  const numbers: number[] = []
  let free = FIRST_PRIORITY
  for (const { wanted } of sequence) {
    const number = Math.max(wanted, free)
    numbers.push(number)
    free = number + 1
  }
  let limit = LAST_PRIORITY
  for (let index = numbers.length - 1; index >= 0; index -= 1) {
    limit = Math.min(limit, numbers[index] ?? limit)
    numbers[index] = limit
    limit -= 1
  }
  return numbers
}

// ── Deny rules that displace nothing ───────────────────────────────────────────────────────────────────────────────

interface EndPlace {
  readonly name: string
  readonly current?: number
  /** The last foreign rule that should stay above it. */
  readonly below?: string
  /** Where that rule stands when nothing makes way; 0 without one. */
  readonly lowest: number
}

/**
 * Those that stand well stay; the others fill up from the highest number. Whoever has the fewest numbers to choose from
 * goes first, and one that stood well looks for another number when it is in the way of a rule that must move up. So
 * the numbers do not depend on who came first: otherwise the plan on the result of a plan would not be empty.
 */
function placeAtTheEnd(numbers: Map<string, number>, input: LayoutInput): void {
  const places = endPlaces(numbers, input)
  const settled = new Map(places.filter(standsWell(numbers, input)).map((place) => [place.name, place]))
  const homeless = places.filter(({ name }) => !settled.has(name)).sort(byChoice)
  for (const { name, current = 0 } of settled.values()) numbers.set(name, current)
  for (let place = homeless.shift(); place !== undefined; place = homeless.shift()) {
    const yielded = house(place, numbers, { settled, last: input.denyBand.last })
    if (yielded === undefined) continue
    settled.delete(yielded.name)
    homeless.push(yielded)
    homeless.sort(byChoice)
  }
}

function endPlaces(numbers: ReadonlyMap<string, number>, { foreign, guards }: LayoutInput): EndPlace[] {
  return guards
    .filter(({ above }) => above === undefined)
    .map(({ name, current, below: index = -1 }) => {
      const below = foreign[index]?.name
      return {
        name,
        ...(current === undefined ? {} : { current }),
        ...(below === undefined ? {} : { below }),
        lowest: numbers.get(below ?? '') ?? 0,
      }
    })
}

function standsWell(
  numbers: ReadonlyMap<string, number>,
  { first, room, denyBand }: LayoutInput,
): (place: EndPlace) => boolean {
  const taken = new Set(numbers.values())
  return ({ current, lowest }) => {
    if (current === undefined || taken.has(current) || current <= lowest) return false
    if (current < denyBand.first || current > denyBand.last) return false
    const crowd = [...taken].filter((number) => number >= first && number < current).length
    return current >= first + room + crowd
  }
}

/** The fewest numbers first; among equals those that stand come first, in their order. */
function byChoice(a: EndPlace, b: EndPlace): number {
  return b.lowest - a.lowest || (b.current ?? 0) - (a.current ?? 0)
}

/** Gives it a number; returns who has to look for another one now. */
function house(
  { name, below }: EndPlace,
  numbers: Map<string, number>,
  { settled, last }: { settled: ReadonlyMap<string, EndPlace>; last: number },
): EndPlace | undefined {
  const lowest = numbers.get(below ?? '') ?? 0
  const number = highestFree(new Set(numbers.values()), last)
  if (number <= lowest) return pushIn(numbers, name, lowest, settled)
  numbers.set(name, number)
  return undefined
}

function highestFree(taken: ReadonlySet<number>, last: number): number {
  let number = last
  while (taken.has(number)) number -= 1
  return number
}

/** Takes `at`: whoever stands there, and the neighbours in the way, move up by one, as far as the first that can yield. */
function pushIn(
  numbers: Map<string, number>,
  name: string,
  at: number,
  settled: ReadonlyMap<string, EndPlace>,
): EndPlace | undefined {
  const holders = new Map([...numbers].map(([holder, number]) => [number, holder]))
  numbers.set(name, at)
  for (let number = at; ; number -= 1) {
    const holder = holders.get(number)
    const yielding = settled.get(holder ?? '')
    if (yielding !== undefined) numbers.delete(yielding.name)
    if (holder === undefined || yielding !== undefined) return yielding
    numbers.set(holder, number - 1)
  }
}
