import { expect, it } from 'vitest'
import { FailureBudget } from './failure-budget.ts'

const NOON = Date.parse('2026-03-01T12:00:00Z')

it('a flood of failures is told in part, and the next event counts the rest', () => {
  const budget = new FailureBudget()
  const told = Array.from({ length: 150 }, () => budget.take(NOON)).filter((taken) => taken !== undefined)
  expect(told).toHaveLength(100)
  expect(budget.take(NOON + 49)).toBeUndefined()
  expect(budget.take(NOON + 100)).toBe(51)
  expect(budget.take(NOON + 150)).toBe(0)
})
