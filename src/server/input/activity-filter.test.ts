import { describe, expect, it } from 'vitest'
import { parseActivityFilter } from './activity-filter.ts'

describe('the filter of the activity log', () => {
  it('takes times with and without quotes, zone or seven digits, as each client writes them', () => {
    const since = Date.parse('2026-03-01T12:00:00Z')
    for (const time of ["'2026-03-01T12:00:00Z'", '2026-03-01T12:00:00.000000', "'2026-03-01T12:00:00.0000000Z'"])
      expect(parseActivityFilter(`eventTimestamp ge ${time}`)).toEqual({ ok: true, value: { since } })
  })

  it('bounds time on either side, with and without the instant itself', () => {
    const at = Date.parse('2026-03-01T12:00:00Z')
    const written = "eventTimestamp gt '2026-03-01T12:00:00Z' and eventTimestamp le '2026-03-01T12:00:00Z'"
    expect(parseActivityFilter(written)).toEqual({ ok: true, value: { since: at + 1, until: at + 1 } })
  })

  it('reads every documented field, in any case', () => {
    const written =
      "ResourceGroupName eq 'shop' and resourceUri eq '/a' AND resourceProvider eq 'Microsoft.Security' and correlationId eq 'c' and caller eq 'ada'"
    expect(parseActivityFilter(written)).toEqual({
      ok: true,
      value: { resourceGroup: 'shop', resource: '/a', provider: 'Microsoft.Security', correlation: 'c', caller: 'ada' },
    })
  })

  it('leaves an and within quotes, and a doubled quote, where they are', () => {
    expect(parseActivityFilter("caller eq 'Tom and Jerry''s'")).toEqual({
      ok: true,
      value: { caller: "Tom and Jerry's" },
    })
  })

  it('is empty when there is none', () => {
    expect(parseActivityFilter(undefined)).toEqual({ ok: true, value: {} })
    expect(parseActivityFilter(' ')).toEqual({ ok: true, value: {} })
  })

  it.each([
    "color eq 'red'",
    "caller ne 'ada'",
    "eventTimestamp ge 'yesterday'",
    "caller eq 'a' or caller eq 'b'",
    "caller eq 'a' and",
    `caller eq '${'a'.repeat(5_000)}'`,
  ])('is refused when it cannot be applied: %s', (written) => {
    expect(parseActivityFilter(written).ok).toBe(false)
  })
})
