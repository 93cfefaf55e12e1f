/**
 * A part of the plan of a VPC: what it says, and its operations by when they are done.
 *
 * The order is the point. What ends is closed first. Then our groups are made and filled, then rules are added to the
 * groups of others (what is left of a rule, and what is put back), then interfaces change groups, and only then are rules
 * revoked: at the moment when an interface changes its groups, the groups of others hold the rules of before and of after,
 * so no neighbour is closed for a moment. A plan that is cut off at any step leaves more open than it should, never less,
 * and the next pass finishes it.
 */
import type { Step } from '../../app/ports/driver.ts'
import type { GroupRule, NewRule } from './group-rule.ts'
import type { GroupRef, Operation } from './operation.ts'

interface Phases {
  readonly close: readonly Operation[]
  readonly make: readonly Operation[]
  readonly fill: readonly Operation[]
  readonly widen: readonly Operation[]
  readonly attach: readonly Operation[]
  readonly narrow: readonly Operation[]
  readonly clear: readonly Operation[]
}

export const NOTHING: Phases = { close: [], make: [], fill: [], widen: [], attach: [], narrow: [], clear: [] }

export function joined(a: Phases, b: Phases): Phases {
  return {
    close: [...a.close, ...b.close],
    make: [...a.make, ...b.make],
    fill: [...a.fill, ...b.fill],
    widen: [...a.widen, ...b.widen],
    attach: [...a.attach, ...b.attach],
    narrow: [...a.narrow, ...b.narrow],
    clear: [...a.clear, ...b.clear],
  }
}

export interface Part {
  readonly steps: readonly Step[]
  readonly phases: Phases
}

/** The sentences of each in turn, and the operations by when they are done. */
export function together(parts: readonly Part[]): Part {
  return {
    steps: parts.flatMap(({ steps }) => steps),
    phases: parts.map(({ phases }) => phases).reduce(joined, NOTHING),
  }
}

export function inOrder({ close, make, fill, widen, attach, narrow, clear }: Phases): Operation[] {
  return [...close, ...make, ...fill, ...widen, ...attach, ...narrow, ...clear]
}

/** The service gives every rule of a call the same tags. */
export function authorizeAll(group: GroupRef, rules: readonly NewRule[]): Operation[] {
  const byTags = Map.groupBy(rules, ({ tags }) =>
    JSON.stringify(Object.entries(tags).toSorted(([a], [b]) => (a < b ? -1 : 1))),
  )
  return [...byTags.values()].map((ofTags) => ({ kind: 'authorize', group, rules: ofTags }))
}

export function revokeAll(rules: readonly GroupRule[]): Operation[] {
  return [...Map.groupBy(rules, ({ group }) => group)].map(([group, ofGroup]) => ({
    kind: 'revoke',
    group,
    rules: ofGroup.map(({ id }) => id),
  }))
}

/** Those that pass, and those that do not. */
export function split<T>(items: readonly T[], test: (item: T) => boolean): [T[], T[]] {
  return [items.filter(test), items.filter((item) => !test(item))]
}
