import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { waitBefore } from './backoff.ts'

it('an agent waits a tenth of a second to half a minute, whatever happened before', () => {
  fc.assert(
    fc.property(fc.nat(100_000), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (failures, chance) => {
      const wait = waitBefore(failures, chance)
      expect(wait).toBeGreaterThanOrEqual(100)
      expect(wait).toBeLessThanOrEqual(30_000)
    }),
  )
})

it('thousands of agents that lost their server at one time come back spread over a second, and over half a minute later on', () => {
  const spread = (failures: number): number => waitBefore(failures, 0.999) - waitBefore(failures, 0)
  expect(spread(0)).toBeGreaterThan(850)
  expect(spread(6)).toBeGreaterThan(29_000)
})
