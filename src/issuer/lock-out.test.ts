import { describe, expect, it } from 'vitest'
import type { SignInAttempts } from '../domain/roles/identity.ts'
import { DAY, MINUTE, SECOND } from '../domain/time.ts'
import { afterFailure, afterSuccess, isLocked } from './lock-out.ts'

const NOON = Date.parse('2026-03-01T12:00:00Z')

function failures(count: number): SignInAttempts {
  let attempts: SignInAttempts | undefined
  for (let tried = 0; tried < count; tried += 1) attempts = afterFailure(attempts, 'ada', attempts?.lockedUntil ?? NOON)
  if (attempts === undefined) throw new Error('at least one')
  return attempts
}

describe('after failed sign-ins a name', () => {
  it.each([
    [4, 0],
    [5, 30 * SECOND],
    [6, MINUTE],
    [7, 2 * MINUTE],
    [10, 15 * MINUTE],
    [40, 15 * MINUTE],
  ])('waits after the %ith for %i ms', (count, wait) => {
    const { lockedUntil, lastAt } = failures(count)
    expect(lockedUntil - lastAt).toBe(wait)
  })

  it('does not wait longer because it is tried while it waits', () => {
    const locked = failures(5)
    expect(afterFailure(locked, 'ada', locked.lockedUntil - 1)).toBe(locked)
    expect(isLocked(locked, locked.lockedUntil - 1)).toBe(true)
    expect(isLocked(locked, locked.lockedUntil)).toBe(false)
  })

  it('starts anew after a success or a quiet day', () => {
    expect(afterFailure(afterSuccess('ada', NOON), 'ada', NOON).failures).toBe(1)
    const { lastAt } = failures(9)
    expect(afterFailure(failures(9), 'ada', lastAt + DAY).failures).toBe(1)
  })
})
