import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { desired, type Shield } from './desired.ts'
import { HOUR } from '../time.ts'
import { aMachineId, anOpening, NOON } from '../../../test/support/builders.ts'

const SHIELDS: readonly Shield[] = [
  { machine: aMachineId(), policy: 'default', ports: [{ number: 22, protocol: '*' }] },
]

it('a hole is open until just before its end, and closed at the instant of its end', () => {
  const openings = [anOpening({ until: NOON })]
  expect(desired(SHIELDS, openings, NOON - 1).holes).toHaveLength(1)
  expect(desired(SHIELDS, openings, NOON).holes).toEqual([])
  expect(desired(SHIELDS, openings, NOON + 1).holes).toEqual([])
})

it('protected ports stay closed with no opening, and stay protected whatever ends', () => {
  expect(desired(SHIELDS, [], NOON)).toEqual({ shields: SHIELDS, holes: [] })
  expect(desired(SHIELDS, [anOpening()], NOON + HOUR).shields).toEqual(SHIELDS)
})

it('an end that is not a number opens nothing', () => {
  expect(desired(SHIELDS, [anOpening({ until: Number.NaN })], NOON).holes).toEqual([])
})

it('the end of one grant takes nothing from another that shares its hole', () => {
  const openings = [anOpening({ grant: 'short', until: NOON }), anOpening({ grant: 'long', until: NOON + HOUR })]
  expect(desired([], openings, NOON).holes).toMatchObject([{ until: NOON + HOUR, grants: ['long'] }])
})

it('as time passes holes only close, and each at the latest end of its grants', () => {
  const some = fc.array(
    fc
      .record({
        grant: fc.constantFrom('g1', 'g2', 'g3'),
        from: fc.constantFrom('10.0.0.1', '10.0.0.2'),
        until: fc.integer({ min: NOON, max: NOON + 20 }),
      })
      .map(anOpening),
    { maxLength: 6 },
  )
  fc.assert(
    fc.property(some, fc.nat({ max: 25 }), (openings, passed) => {
      const now = NOON + passed
      const before = new Set(desired([], openings, now - 1).holes.map(({ key }) => key))
      const { holes } = desired([], openings, now)
      for (const hole of holes) {
        expect(before).toContain(hole.key)
        expect(hole.until).toBeGreaterThan(now)
      }
      expect(holes.length > 0).toBe(openings.some(({ until }) => now < until))
    }),
  )
})
