import { expect, it } from 'vitest'
import type { Drift } from './host-pass.ts'
import type { Seen } from './teller.ts'
import { keepUntold } from './untold.ts'

const drift = (at: number): Drift => ({ at, steps: ['open 22/TCP'], repaired: true })
const seen = (...found: Drift[]): Seen => ({
  state: { version: '', shields: [], held: [], lingering: [], impossible: [], left: [] },
  answers: [],
  drift: found,
  cut: [],
  isCaughtUp: true,
})

it('what others did while nobody listened is told as soon as somebody does, and once', () => {
  const told: number[][] = []
  let isHeard = false
  const onSeen = keepUntold((one) => {
    if (isHeard) told.push(one.drift.map(({ at }) => at))
    return isHeard
  })
  onSeen(seen(drift(1)))
  onSeen(seen(drift(2)))
  isHeard = true
  onSeen(seen())
  onSeen(seen(drift(3)))
  expect(told).toEqual([[1, 2], [3]])
})

it('what piles up for days is no more than a thousand', () => {
  let kept = 0
  const onSeen = keepUntold((one) => {
    kept = one.drift.length
    return false
  })
  for (let at = 0; at < 1_500; at += 1) onSeen(seen(drift(at)))
  expect(kept).toBe(1_000)
})
