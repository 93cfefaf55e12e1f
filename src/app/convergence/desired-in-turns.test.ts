import { expect, test } from 'vitest'
import { aMachineId, anOpening } from '../../../test/support/builders.ts'
import { desired } from '../../domain/access/desired.ts'
import { AT_ONCE, desiredInTurns } from './desired-in-turns.ts'

const NOW = 1_000
const MANY = 32_000

/** Many share their hole with another, which ends at another time and writes the machine in another case; every fifth is over. */
const OPENINGS = Array.from({ length: MANY }, (_, n) => {
  const place = n % 3 === 0 ? MANY - n : n
  return anOpening({
    grant: `g${n}`,
    machine: aMachineId(n % 2 === 0 ? 'Web' : 'web'),
    from: `10.0.${place >> 8}.${place & 255}`,
    until: n % 5 === 0 ? NOW : NOW + n,
  })
})

test('of very many grants a point should carry the same holes, however they are worked out', async () => {
  const { holes } = await desiredInTurns({ shields: [], openings: OPENINGS, now: NOW }, AT_ONCE)
  expect(holes.toSorted((a, b) => (a.key < b.key ? -1 : 1))).toEqual(desired([], OPENINGS, NOW).holes)
  expect(holes.some(({ grants }) => grants.length > 1)).toBe(true)
})

test('while they are worked out, others get their turn again and again', async () => {
  let [turns, isOver] = [0, false]
  const others = (): void => {
    turns += 1
    if (!isOver) setImmediate(others)
  }
  others()
  await desiredInTurns({ shields: [], openings: OPENINGS, now: NOW }, AT_ONCE)
  isOver = true
  expect(turns).toBeGreaterThan(MANY / AT_ONCE)
})
