import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { onceAtRest } from './once-at-rest.ts'

const TIMES = { rest: 100, atMost: 1_000 }

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('acts once, when what calls for it has rested', () => {
  const act = vi.fn<() => void>()
  const { soon } = onceAtRest(act, TIMES)
  for (let call = 0; call < 5; call += 1) {
    soon()
    vi.advanceTimersByTime(99)
  }
  expect(act).not.toHaveBeenCalled()
  vi.advanceTimersByTime(1)
  expect(act).toHaveBeenCalledTimes(1)
  vi.advanceTimersByTime(10_000)
  expect(act).toHaveBeenCalledTimes(1)
})

it('acts once a second for what never rests', () => {
  const act = vi.fn<() => void>()
  const { soon } = onceAtRest(act, TIMES)
  for (let call = 0; call < 500; call += 1) {
    soon()
    vi.advanceTimersByTime(20)
  }
  expect(act.mock.calls.length).toBeGreaterThanOrEqual(9)
  expect(act.mock.calls.length).toBeLessThanOrEqual(10)
})

it('does nothing any more once it was stopped', () => {
  const act = vi.fn<() => void>()
  const { soon, stop } = onceAtRest(act, TIMES)
  soon()
  stop()
  vi.advanceTimersByTime(10_000)
  expect(act).not.toHaveBeenCalled()
})
