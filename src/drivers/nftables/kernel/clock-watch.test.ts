import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { watchClock } from './clock-watch.ts'

describe('the watch over the clock', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  function watched() {
    const at = { offset: 0 }
    const moves: number[] = []
    watchClock(
      () => at.offset,
      (moved) => moves.push(moved),
    )
    return { at, moves }
  }

  it('tells once that the clock was set, and how far', () => {
    const { at, moves } = watched()
    at.offset = 3_600_000
    vi.advanceTimersByTime(5_000)
    expect(moves).toEqual([3_600_000])
  })

  it('tells of a clock that is slewed, a little each second, once it adds up', () => {
    const { at, moves } = watched()
    for (let second = 1; second <= 10; second += 1) {
      at.offset += 9
      vi.advanceTimersByTime(1_000)
    }
    expect(moves).toEqual([27, 27, 27])
  })

  it('says nothing while the clock goes as the kernel counts', () => {
    const { moves } = watched()
    vi.advanceTimersByTime(60_000)
    expect(moves).toEqual([])
  })
})
