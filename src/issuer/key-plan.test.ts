import { describe, expect, it } from 'vitest'
import type { SigningKey } from '../domain/roles/identity.ts'
import { DAY, HOUR } from '../domain/time.ts'
import { inSigningOrder, OVERLAP, planKeys, SIGNS_FOR } from './key-plan.ts'

const NOON = Date.parse('2026-03-01T12:00:00Z')

function key(id: string, signsFrom: number): SigningKey {
  return { id, publicKey: '{}', sealedPrivateKey: '', createdAt: signsFrom, signsFrom }
}

describe('signing keys', () => {
  it('begin with one that signs at once', () => {
    expect(planKeys([], NOON)).toEqual({ make: NOON, remove: [] })
  })

  it('get a successor an hour before the month is over, which signs after that hour', () => {
    const keys = [key('a', NOON)]
    expect(planKeys(keys, NOON + SIGNS_FOR - HOUR - 1).make).toBeUndefined()
    const at = NOON + SIGNS_FOR - HOUR
    const { make = 0 } = planKeys(keys, at)
    expect(make).toBe(at + HOUR)
    const both = [key('b', make), ...keys]
    expect(inSigningOrder(both, at).map(({ id }) => id)).toEqual(['a', 'b'])
    expect(inSigningOrder(both, make).map(({ id }) => id)).toEqual(['b', 'a'])
    expect(planKeys(both, make)).toEqual({ make: undefined, remove: [] })
  })

  it('are removed when the last token they signed has ended, and not before', () => {
    const keys = [key('b', NOON), key('a', NOON - 30 * DAY)]
    expect(planKeys(keys, NOON + OVERLAP - 1).remove).toEqual([])
    expect(planKeys(keys, NOON + OVERLAP).remove).toEqual(['a'])
  })

  it('are found again after a long time off', () => {
    const plan = planKeys([key('a', NOON)], NOON + 400 * DAY)
    expect(plan).toEqual({ make: NOON + 400 * DAY + HOUR, remove: [] })
    expect(inSigningOrder([key('a', NOON)], NOON + 400 * DAY)[0]?.id).toBe('a')
  })
})
