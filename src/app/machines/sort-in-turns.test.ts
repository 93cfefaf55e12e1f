import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { sortInTurns } from './sort-in-turns.ts'

test('sorts as a sort at once does, equal ones as they stood', async () => {
  const items = fc.array(fc.record({ rank: fc.nat(50), order: fc.nat() }), { minLength: 900, maxLength: 3_500 })
  const byRank = (a: { rank: number }, b: { rank: number }): number => a.rank - b.rank
  await fc.assert(
    fc.asyncProperty(items, async (given) => {
      expect(await sortInTurns(given, byRank)).toEqual(given.toSorted(byRank))
    }),
    { numRuns: 20 },
  )
})
