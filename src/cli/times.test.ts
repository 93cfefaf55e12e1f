import { assert, integer, property } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { anInstant, valueOf } from '../../test/support/builders.ts'
import { DAY, formatDuration, HOUR, MINUTE, SECOND } from '../domain/time.ts'
import { formatEnd, formatLength, formatLocal, formatWireTime, parseHumanDuration, parseSince } from './times.ts'

const BERLIN = { utc: false, timeZone: 'Europe/Berlin' }
const NOW = anInstant('2026-01-31T17:00:00Z')

describe('a length of time', () => {
  test.each([
    ['2h30m', 2 * HOUR + 30 * MINUTE],
    ['90m', 90 * MINUTE],
    ['45s', 45 * SECOND],
    ['1d', DAY],
    ['PT2H30M', 2 * HOUR + 30 * MINUTE],
    ['pt5m', 5 * MINUTE],
  ])('%s is understood', (text, expected) => {
    expect(valueOf(parseHumanDuration(text))).toBe(expected)
  })

  test.each(['', '2', 'h', '2h30', '30m2h', '-1h', '1.5h', '1w', 'PT', '2 h'])(
    '%j is refused, with an example',
    (text) => {
      const parsed = parseHumanDuration(text)
      expect(parsed.ok ? undefined : parsed.refusals[0]?.message).toContain('2h30m')
    },
  )

  test('whatever the API writes is understood as the same length', () => {
    assert(
      property(integer({ min: 1, max: 30 * 24 * 3_600 }), (seconds) => {
        expect(valueOf(parseHumanDuration(formatDuration(seconds * SECOND)))).toBe(seconds * SECOND)
      }),
    )
  })

  test('it is shown in its two largest units, rounded down', () => {
    expect([0, 999, 45_000, 59 * MINUTE + 12_900, 2 * HOUR + 30 * MINUTE, DAY + 59_000].map(formatLength)).toEqual([
      '0 s',
      '0 s',
      '45 s',
      '59 min 12 s',
      '2 h 30 min',
      '1 d',
    ])
  })
})

describe('a point in time', () => {
  test('it is shown in local time with its zone', () => {
    expect(formatLocal(NOW, BERLIN)).toBe('2026-01-31 18:00:00 CET')
  })

  test('--utc shows it in UTC', () => {
    expect(formatLocal(NOW, { ...BERLIN, utc: true })).toBe('2026-01-31 17:00:00Z')
  })

  test('midnight is 00:00, not 24:00', () => {
    expect(formatLocal(anInstant('2026-01-31T23:00:00Z'), BERLIN)).toBe('2026-02-01 00:00:00 CET')
  })

  test('an end says what is left of it, and one that has passed says so', () => {
    expect(formatEnd(NOW + 90 * MINUTE, NOW, BERLIN)).toBe('2026-01-31 19:30:00 CET, 1 h 30 min left')
    expect(formatEnd(NOW - MINUTE, NOW, BERLIN)).toBe('2026-01-31 17:59:00 CET, ended 1 min ago')
  })

  test('text that is no time is shown as it came', () => {
    expect(formatWireTime('soon', BERLIN)).toBe('soon')
    expect(formatWireTime('2026-01-31T17:00:00.1230000Z', BERLIN)).toBe('2026-01-31 18:00:00 CET')
  })

  test('--since takes a time or how long ago', () => {
    expect(valueOf(parseSince('24h', NOW))).toBe(NOW - DAY)
    expect(valueOf(parseSince('2026-01-30T17:00:00Z', NOW))).toBe(NOW - DAY)
    expect(parseSince('yesterday', NOW).ok).toBe(false)
  })
})
