import { array, assert, integer, property, record } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { behind, createClock } from './clock.ts'

function aSource(): { wall: number; steady: number; source: { wall(): number; steady(): number } } {
  const times = { wall: 1_000_000, steady: 5, source: { wall: () => times.wall, steady: () => times.steady } }
  return times
}

describe('the clock', () => {
  it('goes on with the steady clock when the wall clock is set back', () => {
    const times = aSource()
    const clock = createClock(0, times.source)
    times.wall -= 3_600_000
    times.steady += 250
    expect(clock.now()).toBe(1_000_250)
  })

  it('follows the wall clock forwards at once, so that a paused machine closes what has ended', () => {
    const times = aSource()
    const clock = createClock(0, times.source)
    times.wall += 20_000
    expect(clock.now()).toBe(1_020_000)
  })

  it('does not begin before the latest instant on record', () => {
    const times = aSource()
    expect(createClock(2_000_000, times.source).now()).toBe(2_000_000)
    expect(behind(2_000_000, times.source)).toBe(1_000_000)
  })

  it('never goes back, whatever the wall clock does', () => {
    const step = record({ wall: integer({ min: -1e7, max: 1e7 }), steady: integer({ min: 0, max: 1e5 }) })
    assert(
      property(array(step, { maxLength: 50 }), (steps) => {
        const times = aSource()
        const clock = createClock(0, times.source)
        let last = clock.now()
        for (const { wall, steady } of steps) {
          times.wall += wall
          times.steady += steady
          const now = clock.now()
          expect(now).toBeGreaterThanOrEqual(last + steady)
          last = now
        }
      }),
    )
  })
})
