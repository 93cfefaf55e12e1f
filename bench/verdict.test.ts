import { describe, expect, it } from 'vitest'
import { fact, isMissed, judged, ratio } from './verdict.ts'

describe('a verdict', () => {
  it('is met at the goal itself and missed just beyond it', () => {
    expect(ratio('x', { ours: 3, floor: 2 }, { atMost: 1.5 }).met).toBe(true)
    expect(ratio('x', { ours: 3.01, floor: 2 }, { atMost: 1.5 }).met).toBe(false)
    expect(ratio('x', { ours: 1, floor: 2 }, { atLeast: 0.5 }).met).toBe(true)
    expect(ratio('x', { ours: 0.99, floor: 2 }, { atLeast: 0.5 }).met).toBe(false)
  })

  it('tells how many times the floor it is', () => {
    expect(ratio('x', { ours: 6, floor: 2 })).toEqual({ name: 'x', value: 3, unit: '×' })
  })

  it('is never met by what could not be measured', () => {
    expect(judged('x', Number.NaN, 'ms', { atMost: 1 }).met).toBe(false)
    expect(judged('x', Number.NaN, 'ms', { atLeast: 1 }).met).toBe(false)
    expect(() => ratio('x', { ours: 1, floor: 0 }, { atMost: 1 })).toThrow('a floor above 0')
    expect(() => ratio('x', { ours: 1, floor: Number.NaN }, { atMost: 1 })).toThrow('a floor above 0')
  })

  it('of many, one missed goal is enough; numbers without a goal are not judged', () => {
    const met = judged('x', 1, 'ms', { atMost: 1 })
    const missed = judged('y', 2, 'ms', { atMost: 1 })
    expect(isMissed([met, fact('z', 99, 'ms')])).toBe(false)
    expect(isMissed([met, missed])).toBe(true)
  })
})
