/**
 * Instants, durations and the two texts that the wire uses for them.
 * Inside, an instant is integer milliseconds since 1970-01-01T00:00:00Z and a duration is integer milliseconds.
 */
import { briefly, ok, quoted, refusal, refused, withFacts, type Result } from './refusal.ts'

/** Milliseconds since the epoch, UTC. */
export type Instant = number

/** A length of time in milliseconds. */
export type Millis = number

export const SECOND: Millis = 1_000
export const MINUTE: Millis = 60 * SECOND
export const HOUR: Millis = 60 * MINUTE
export const DAY: Millis = 24 * HOUR

/** 9999-12-31T23:59:59.999Z: beyond it the texts have no form. */
export const LAST_INSTANT: Instant = 253_402_300_799_999
/** 0000-01-01T00:00:00Z. */
const FIRST_INSTANT: Instant = -62_167_219_200_000

const DURATION = /^P(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.(\d{1,7}))?S)?)?$/
const LONGEST_TEXT = 40

/**
 * ISO-8601 durations of fixed length: days (always 24 h), hours, minutes, seconds. Years, months and weeks are refused:
 * the length of the first two depends on the calendar, and the third does not mix with other units. Ticks below a
 * millisecond are cut off, so that nothing lasts longer than was written.
 */
export function parseDuration(text: string): Result<Millis> {
  const match = text.length > LONGEST_TEXT || text === 'P' ? null : DURATION.exec(text)
  if (match === null) return notADuration(text)
  const [, days = '0', hours = '0', minutes = '0', seconds = '0', fraction = ''] = match
  const whole = Number(days) * DAY + Number(hours) * HOUR + Number(minutes) * MINUTE + Number(seconds) * SECOND
  const millis = whole + millisOf(fraction)
  return Number.isSafeInteger(millis) ? ok(millis) : notADuration(text)
}

/** From the digits and not by multiplying: 1.001 × 1000 is less than 1001 in binary. */
function millisOf(fraction: string): Millis {
  return Number(fraction.slice(0, 3).padEnd(3, '0'))
}

function notADuration(text: string): Result<never> {
  const message = `${quoted(text)} is not an ISO-8601 duration of days, hours, minutes and seconds; write one like PT3H, PT30M or P1D`
  return refused(withFacts(refusal('InvalidDuration', message), { got: briefly(text) }))
}

/** The canonical text of zero or more milliseconds: `PT3H`, `PT1H30M`, `P1D`, `PT0.25S`; zero is `PT0S`. */
export function formatDuration(millis: Millis): string {
  const days = Math.floor(millis / DAY)
  const rest = millis % DAY
  const parts: [number, string][] = [
    [Math.floor(rest / HOUR), 'H'],
    [Math.floor((rest % HOUR) / MINUTE), 'M'],
    [(rest % MINUTE) / SECOND, 'S'],
  ]
  const clock = parts
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${amount}${unit}`)
    .join('')
  if (days === 0 && clock === '') return 'PT0S'
  return `P${days > 0 ? `${days}D` : ''}${clock === '' ? '' : `T${clock}`}`
}

const RFC_3339 = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,7}))?)?(Z|[+-]\d{2}:?\d{2})$/i

/**
 * RFC 3339 with an explicit zone and at most seven fraction digits (.NET ticks), seconds optional as in ISO-8601. Ticks
 * below a millisecond are cut off, so that nothing ends later than was written.
 */
export function parseInstant(text: string): Result<Instant> {
  const match = text.length > LONGEST_TEXT ? null : RFC_3339.exec(text)
  const instant = match === null ? Number.NaN : epochOf(match)
  if (instant >= FIRST_INSTANT && instant <= LAST_INSTANT) return ok(instant)
  return refused(
    refusal(
      'InvalidInstant',
      `${quoted(text)} is not a time with its zone; write one like 2026-01-31T18:00:00Z or 2026-01-31T19:00:00+01:00`,
    ),
  )
}

/** `Date` accepts the 31st of February by rolling over; the round trip through its own text does not. */
function epochOf(match: RegExpExecArray): number {
  const [, year, month, day, hour, minute, second = '00', fraction = '', zone = 'Z'] = match
  const local = `${year}-${month}-${day}T${hour}:${minute}:${second}`
  const epoch = Date.parse(`${local}Z`)
  if (!Number.isFinite(epoch) || new Date(epoch).toISOString().slice(0, 19) !== local) return Number.NaN
  return epoch + millisOf(fraction) - zoneOffset(zone)
}

function zoneOffset(zone: string): Millis {
  if (zone.toUpperCase() === 'Z') return 0
  const sign = zone.startsWith('-') ? -1 : 1
  const hours = Number(zone.slice(1, 3))
  const minutes = Number(zone.slice(-2))
  return hours > 14 || minutes > 59 ? Number.NaN : sign * (hours * HOUR + minutes * MINUTE)
}

/**
 * UTC with seven fraction digits, as the original's server writes its own clock: `2026-01-31T18:00:00.1230000Z`.
 * Only for instants in the years 0000 to 9999, which is all that {@link parseInstant} gives.
 */
export function formatInstant(instant: Instant): string {
  return `${new Date(instant).toISOString().slice(0, 23)}0000Z`
}
