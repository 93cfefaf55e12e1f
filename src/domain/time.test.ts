import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  DAY,
  formatDuration,
  formatInstant,
  HOUR,
  LAST_INSTANT,
  MINUTE,
  parseDuration,
  parseInstant,
  SECOND,
} from './time.ts'
import { valueOf } from '../../test/support/builders.ts'

const FIRST_INSTANT = Date.parse('0000-01-01T00:00:00Z')
const duration = (text: string): number => valueOf(parseDuration(text))
const instant = (text: string): number => valueOf(parseInstant(text))

describe('a duration', () => {
  it.each([
    ['PT3H', 3 * HOUR],
    ['PT30M', 30 * MINUTE],
    ['P1D', 24 * HOUR],
    ['P1DT1H', 25 * HOUR],
    ['P0DT24H0M0S', DAY],
    ['PT90M', 90 * MINUTE],
    ['PT86400S', DAY],
    ['PT0S', 0],
    ['P0D', 0],
    ['PT0.25S', 250],
    ['PT1.001S', 1_001],
    ['PT0.29S', 290],
    ['PT010M', 10 * MINUTE],
  ])('%s is %d milliseconds', (text, millis) => {
    expect(duration(text)).toBe(millis)
  })

  it.each(['PT0.0019999S', 'PT0.0010001S'])('%s does not last longer than was written', (text) => {
    expect(duration(text)).toBe(1)
  })

  it.each([
    '',
    'P',
    'PT',
    'P1DT',
    'T1H',
    '1H',
    '3H',
    'PT3',
    'PT3H ',
    ' PT3H',
    'PT3H\n',
    'pt3h',
    'P1H',
    'PT1D',
    'PT1M1H',
    'PT1H1H',
    '-PT1H',
    'PT-1H',
    '+PT1H',
    'P1Y',
    'P1M',
    'P1W',
    'P1Y2M3DT4H',
    'PT1.5H',
    'PT1,5S',
    'PT.5S',
    'PT1.S',
    'PT1.00000001S',
    'PT1e3S',
    'PT0x10S',
    'PTInfinityS',
    'PT٣H',
    '03:00:00',
    '1.00:00:00',
  ])('%j is refused, and the refusal says what to write', (text) => {
    const parsed = parseDuration(text)
    expect(parsed).toMatchObject({ ok: false, refusals: [{ code: 'InvalidDuration' }] })
    expect(JSON.stringify(parsed)).toContain('PT3H')
  })

  it.each(['P9007199254740993D', `PT${'9'.repeat(30)}S`, `PT${'9'.repeat(1_000_000)}S`])(
    'one too long to count is refused (%#)',
    (text) => {
      expect(parseDuration(text).ok).toBe(false)
    },
  )

  it('comes back from its own text', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: LAST_INSTANT }), (millis) => {
        expect(duration(formatDuration(millis))).toBe(millis)
      }),
    )
  })

  it('is the sum of its parts', () => {
    const part = fc.nat({ max: 100_000 })
    fc.assert(
      fc.property(part, part, part, part, fc.nat({ max: 999 }), (days, hours, minutes, seconds, millis) => {
        const text = `P${days}DT${hours}H${minutes}M${seconds}.${String(millis).padStart(3, '0')}S`
        const sum = days * DAY + hours * HOUR + minutes * MINUTE + seconds * SECOND + millis
        expect(duration(text)).toBe(sum)
      }),
    )
  })

  it.each([
    [0, 'PT0S'],
    [1, 'PT0.001S'],
    [5 * MINUTE, 'PT5M'],
    [90 * MINUTE, 'PT1H30M'],
    [DAY, 'P1D'],
    [DAY + SECOND, 'P1DT1S'],
  ])('of %d milliseconds is written %s', (millis, text) => {
    expect(formatDuration(millis)).toBe(text)
  })
})

describe('an instant', () => {
  it.each([
    ['1970-01-01T00:00:00Z', 0],
    ['2026-01-31T18:00:00Z', Date.UTC(2026, 0, 31, 18)],
    ['2026-01-31t18:00:00z', Date.UTC(2026, 0, 31, 18)],
    ['2026-01-31T18:00Z', Date.UTC(2026, 0, 31, 18)],
    ['2026-01-31T18:00:00.1Z', Date.UTC(2026, 0, 31, 18, 0, 0, 100)],
    ['2018-07-22T13:02:55.21337Z', Date.UTC(2018, 6, 22, 13, 2, 55, 213)],
    ['2026-01-31T18:00:00.1239999Z', Date.UTC(2026, 0, 31, 18, 0, 0, 123)],
    ['2026-01-31T18:00:00+02:00', Date.UTC(2026, 0, 31, 16)],
    ['2026-01-31T18:00:00-05:30', Date.UTC(2026, 0, 31, 23, 30)],
    ['2026-01-31T18:00:00+0530', Date.UTC(2026, 0, 31, 12, 30)],
    ['2024-02-29T00:00:00Z', Date.UTC(2024, 1, 29)],
    ['2000-02-29T00:00:00Z', Date.UTC(2000, 1, 29)],
    ['9999-12-31T23:59:59.999Z', LAST_INSTANT],
  ])('%s is %d', (text, millis) => {
    expect(instant(text)).toBe(millis)
  })

  it.each([
    ['no zone', '2026-01-31T18:00:00'],
    ['a date alone', '2026-01-31'],
    ['the 31st of February', '2026-02-31T00:00:00Z'],
    ['the 31st of April', '2026-04-31T00:00:00Z'],
    ['a leap day in a common year', '2025-02-29T00:00:00Z'],
    ['a leap day in 1900', '1900-02-29T00:00:00Z'],
    ['month 13', '2026-13-01T00:00:00Z'],
    ['month 0', '2026-00-01T00:00:00Z'],
    ['day 0', '2026-01-00T00:00:00Z'],
    ['hour 24', '2026-01-31T24:00:00Z'],
    ['minute 60', '2026-01-31T18:60:00Z'],
    ['second 60', '2026-01-31T18:00:60Z'],
    ['eight digits', '2026-01-31T18:00:00.12345678Z'],
    ['an empty fraction', '2026-01-31T18:00:00.Z'],
    ['a comma', '2026-01-31T18:00:00,5Z'],
    ['a space for the T', '2026-01-31 18:00:00Z'],
    ['a space at the end', '2026-01-31T18:00:00Z '],
    ['a line after it', '2026-01-31T18:00:00Z\n'],
    ['a zone by name', '2026-01-31T18:00:00 CET'],
    ['a zone too far', '2026-01-31T18:00:00+15:00'],
    ['a zone of 60 minutes', '2026-01-31T18:00:00+01:60'],
    ['hours alone as zone', '2026-01-31T18:00:00+02'],
    ['a six-digit year', '+012026-01-31T18:00:00Z'],
    ['a year below 0 in UTC', '0000-01-01T00:00:00+14:00'],
    ['a year above 9999 in UTC', '9999-12-31T23:59:59-14:00'],
    ['seconds since the epoch', '1769882400'],
    ['the word now', 'now'],
    ['nothing', ''],
    ['a long text', `2026-01-31T18:00:00.${'1'.repeat(1_000_000)}Z`],
  ])('with %s is refused', (_, text) => {
    expect(parseInstant(text)).toMatchObject({ ok: false, refusals: [{ code: 'InvalidInstant' }] })
  })

  it('comes back from its own text, which has seven digits', () => {
    const whole = fc.integer({ min: FIRST_INSTANT, max: LAST_INSTANT })
    fc.assert(
      fc.property(whole, (millis) => {
        const text = formatInstant(millis)
        expect(text).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}0000Z$/)
        expect(instant(text)).toBe(millis)
      }),
    )
  })

  it('is the same whatever the zone it is written in', () => {
    const zone = fc.integer({ min: -14 * 60, max: 14 * 60 })
    fc.assert(
      fc.property(fc.integer({ min: 0, max: LAST_INSTANT - DAY }), zone, (millis, minutes) => {
        const local = new Date(millis + minutes * MINUTE).toISOString().slice(0, 23)
        const ahead = Math.abs(minutes)
        const digits = [Math.floor(ahead / 60), ahead % 60].map((part) => String(part).padStart(2, '0')).join(':')
        expect(instant(`${local}${minutes < 0 ? '-' : '+'}${digits}`)).toBe(millis)
      }),
    )
  })
})
