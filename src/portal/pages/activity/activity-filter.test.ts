import { describe, expect, it } from 'vitest'
import { auditQueryOf, filterFrom, instantFrom, localTimeFrom, NO_FILTER, searchOf } from './activity-filter.ts'

describe('a list of one’s own times', () => {
  const since = '2026-11-17T00:00:00.000Z'
  const until = '2026-11-18T00:00:00.000Z'
  const filter = { ...NO_FILTER, period: 'between' as const, since, until }

  it('is found again by its address, whatever the reader’s time zone, and asks for just that', () => {
    expect(filterFrom(searchOf(filter))).toEqual(filter)
    expect(auditQueryOf(filter, 0)).toEqual({ since, until })
  })

  it('may have no end', () => {
    expect(auditQueryOf({ ...filter, until: '' }, 0)).toEqual({ since })
  })

  it('is typed in the reader’s own time', () => {
    expect(instantFrom(localTimeFrom(since))).toBe(since)
    expect([instantFrom(''), localTimeFrom('yesterday')]).toEqual(['', ''])
  })

  it('leaves nothing behind where another time is chosen', () => {
    const query = auditQueryOf({ ...NO_FILTER, since, until }, 8 * 86_400_000)
    expect(query).toEqual({ since: '1970-01-02T00:00:00.000Z' })
  })
})
