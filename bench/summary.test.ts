import { array, assert, double, property } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { summaryOf, sumByRound } from './summary.ts'

describe('a summary', () => {
  it('names values that were measured, by nearest rank', () => {
    const oneToHundred = Array.from({ length: 100 }, (_, index) => 100 - index)
    expect(summaryOf(oneToHundred)).toEqual({ n: 100, p50: 50, p99: 99, min: 1, max: 100 })
    expect(summaryOf([7])).toEqual({ n: 1, p50: 7, p99: 7, min: 7, max: 7 })
    expect(summaryOf([2, 1])).toMatchObject({ p50: 1, p99: 2 })
  })

  it('of fewer than a hundred, the 99th percentile is the slowest', () => {
    expect(summaryOf([...Array.from({ length: 98 }, () => 1), 50]).p99).toBe(50)
  })

  it('orders numbers and not texts', () => {
    expect(summaryOf([9, 10, 100])).toMatchObject({ min: 9, p50: 10, max: 100 })
  })

  it('at least half of all values are not above the median, and at least half not below', () => {
    assert(
      property(array(double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1 }), (values) => {
        const { p50 } = summaryOf(values)
        expect(values.filter((value) => value <= p50).length).toBeGreaterThanOrEqual(values.length / 2)
        expect(values.filter((value) => value >= p50).length).toBeGreaterThanOrEqual(values.length / 2)
        expect(values).toContain(p50)
      }),
    )
  })

  it('is refused for nothing, and for what is not a number: neither may become a result', () => {
    expect(() => summaryOf([])).toThrow('at least one measurement')
    expect(() => summaryOf([1, Number.NaN])).toThrow('finite')
  })
})

describe('a floor of several parts', () => {
  it('is summed round by round, so that a slow moment of one part counts once', () => {
    expect(sumByRound([1, 10], [10, 1], [0, 0])).toEqual([11, 11])
  })

  it('needs every part in every round', () => {
    expect(() => sumByRound([1, 2], [1])).toThrow('as many rounds')
  })
})
