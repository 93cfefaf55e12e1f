import { array, assert, constantFrom, integer, nat, property, tuple } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { inLanes, placeIn, ticksOf } from './lanes.ts'

describe('the timeline', () => {
  it('puts windows that follow each other into one lane, and those that overlap into two', () => {
    const first = { from: 0, to: 10 }
    const next = { from: 10, to: 20 }
    const meanwhile = { from: 5, to: 15 }
    const { laned, lanes } = inLanes([next, meanwhile, first])
    expect(lanes).toBe(2)
    expect(laned).toEqual([
      { window: first, lane: 0 },
      { window: meanwhile, lane: 1 },
      { window: next, lane: 0 },
    ])
  })

  it('never draws one window over another', () => {
    const window = tuple(nat(1_000), integer({ min: 1, max: 100 })).map(([from, length]) => ({
      from,
      to: from + length,
    }))
    assert(
      property(array(window), (windows) => {
        const { laned } = inLanes(windows)
        const clash = laned.some((a, i) =>
          laned.some(
            (b, j) => i < j && a.lane === b.lane && a.window.from < b.window.to && b.window.from < a.window.to,
          ),
        )
        expect([laned.length, clash]).toEqual([windows.length, false])
      }),
    )
  })

  it('cuts off what lies outside of what is shown', () => {
    expect(placeIn({ from: 100, to: 200 }, { from: 50, to: 150 })).toEqual({ left: 0, width: 50 })
    expect(placeIn({ from: 100, to: 200 }, { from: 175, to: 900 })).toEqual({ left: 75, width: 25 })
  })

  it('marks between one and a dozen round instants whatever is shown', () => {
    const start = integer({ min: 1.6e12, max: 1.9e12 })
    const length = constantFrom(3_600_000, 86_400_000, 7 * 86_400_000)
    assert(
      property(start, length, (from, span) => {
        const ticks = ticksOf({ from, to: from + span })
        expect(ticks.length).toBeGreaterThan(0)
        expect(ticks.length).toBeLessThanOrEqual(13)
        expect(ticks.every((at) => at >= from && at < from + span)).toBe(true)
      }),
    )
  })
})
