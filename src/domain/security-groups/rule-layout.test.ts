import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { layOut, type ForeignPlace, type GuardPlace, type Layout } from './rule-layout.ts'
import { FIRST_PRIORITY, LAST_PRIORITY } from './security-rule.ts'

type Machine = Pick<GuardPlace, 'name' | 'above' | 'below'>

const FOREIGN = fc.uniqueArray(
  fc.oneof(fc.integer({ min: 4084, max: 4096 }), fc.integer({ min: FIRST_PRIORITY, max: LAST_PRIORITY })),
  { maxLength: 8 },
)

/** Which machines are protected, and beneath or above which rule (by its index, as far as there are so many). */
const WISH = fc
  .array(fc.record({ side: fc.constantFrom('above', 'below', 'nowhere'), index: fc.nat(7), is: fc.boolean() }), {
    maxLength: 7,
  })
  .map(
    (machines) =>
      (count: number): Machine[] =>
        machines.flatMap(({ side, index, is }, number) => {
          const name = `deny-${number}`
          if (!is) return []
          return [side === 'nowhere' || index >= count ? { name } : { name, [side]: index }]
        }),
  )

/** As a plan asks: where each stands is known, and those that stand come first. */
function layOutAgain(originals: readonly number[], machines: readonly Machine[], before: Layout): Layout {
  const foreign: ForeignPlace[] = originals.map((original, index) => ({
    name: `rule-${index}`,
    original,
    moved: (before.get(`rule-${index}`) ?? original) !== original,
  }))
  const guards = machines
    .map((machine) => {
      const current = before.get(machine.name)
      return { ...machine, ...(current === undefined ? {} : { current }) }
    })
    .sort((a, b) => (a.current ?? LAST_PRIORITY + 1) - (b.current ?? LAST_PRIORITY + 1))
  return layOut({
    foreign,
    guards,
    first: FIRST_PRIORITY,
    room: 64,
    denyBand: { first: FIRST_PRIORITY, last: LAST_PRIORITY },
  })
}

const byName = (layout: Layout): [string, number][] => [...layout].sort(([a], [b]) => (a < b ? -1 : 1))

it('numbers that were given are given again, whatever was protected before', () => {
  fc.assert(
    fc.property(FOREIGN, fc.array(WISH, { minLength: 1, maxLength: 6 }), (priorities, wishes) => {
      const originals = [...priorities].sort((a, b) => a - b)
      let layout: Layout = new Map()
      for (const wish of wishes) {
        const machines = wish(originals.length)
        layout = layOutAgain(originals, machines, layout)
        expect(byName(layOutAgain(originals, machines, layout))).toEqual(byName(layout))
        expect(new Set(layout.values()).size).toBe(originals.length + machines.length)
      }
    }),
    { numRuns: 1000 },
  )
})

it('every deny rule stands on its side of the rule it was placed by, and foreign rules keep their order', () => {
  fc.assert(
    fc.property(FOREIGN, fc.array(WISH, { minLength: 1, maxLength: 6 }), (priorities, wishes) => {
      const originals = [...priorities].sort((a, b) => a - b)
      let layout: Layout = new Map()
      for (const wish of wishes) {
        const machines = wish(originals.length)
        layout = layOutAgain(originals, machines, layout)
        const foreign = originals.map((_, index) => layout.get(`rule-${index}`) ?? 0)
        expect(foreign).toEqual([...foreign].sort((a, b) => a - b))
        for (const { name, above = foreign.length, below = -1 } of machines) {
          const at = layout.get(name) ?? 0
          expect(at).toBeLessThan(foreign[above] ?? LAST_PRIORITY + 1)
          expect(at).toBeGreaterThan(foreign[below] ?? 0)
        }
      }
    }),
    { numRuns: 1000 },
  )
})
