/**
 * Instants, durations and the two texts that the wire uses for them.
 * Inside, an instant is integer milliseconds since 1970-01-01T00:00:00Z and a duration is integer milliseconds.
 */
import { ok, refusal, refused, type Result } from './refusal.ts'

/** Milliseconds since the epoch, UTC. */
export type Instant = number

/** A length of time in milliseconds. */
export type Millis = number

export const SECOND: Millis = 1_000
export const MINUTE: Millis = 60 * SECOND
export const HOUR: Millis = 60 * MINUTE
export const DAY: Millis = 24 * HOUR

const DURATION = /^P(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d{1,7})?)S)?)?$/

/**
 * ISO-8601 durations of fixed length: days (always 24 h), hours, minutes, seconds. Years, months and weeks are refused:
 * their length depends on the calendar.
 */
export function parseDuration(text: string): Result<Millis> {
  const match = DURATION.exec(text)
  if (match === null || text === 'P' || text.length > 40) return notADuration(text)
  const [days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
  ] // four groups
  const millis = days * DAY + hours * HOUR + minutes * MINUTE + Math.round(seconds * SECOND)
  return Number.isSafeInteger(millis) ? ok(millis) : notADuration(text)
}

function notADuration(text: string): Result<never> {
  return refused(refusal('InvalidDuration', `'${text}' is not an ISO-8601 duration; write one like PT3H, PT30M or P1D`))
}

/** The canonical text: `PT3H`, `PT1H30M`, `P1D`; zero is `PT0S`. */
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

const UTC = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,7}))?)?(Z|[+-]\d{2}:?\d{2})$/i

/** RFC 3339 with an explicit zone and at most seven fraction digits (.NET ticks); ticks below a millisecond are cut off. */
export function parseInstant(text: string): Result<Instant> {
  const match = UTC.exec(text)
  const instant = match === null ? Number.NaN : epochOf(match)
  if (Number.isFinite(instant)) return ok(instant)
  return refused(refusal('InvalidInstant', `'${text}' is not a UTC time; write one like 2026-01-31T18:00:00Z`))
}

/** `Date` accepts the 31st of February by rolling over; the round trip through its own text does not. */
function epochOf(match: RegExpExecArray): number {
  const [, year, month, day, hour, minute, second = '00', fraction = '', zone = 'Z'] = match
  const local = `${year}-${month}-${day}T${hour}:${minute}:${second}`
  const epoch = Date.parse(`${local}Z`)
  if (!Number.isFinite(epoch) || new Date(epoch).toISOString().slice(0, 19) !== local) return Number.NaN
  return epoch + Number(fraction.padEnd(3, '0').slice(0, 3)) - zoneOffset(zone)
}

function zoneOffset(zone: string): Millis {
  if (zone.toUpperCase() === 'Z') return 0
  const sign = zone.startsWith('-') ? -1 : 1
  const hours = Number(zone.slice(1, 3))
  const minutes = Number(zone.slice(-2))
  return hours > 14 || minutes > 59 ? Number.NaN : sign * (hours * HOUR + minutes * MINUTE)
}

/** UTC with seven fraction digits, as the original's server writes its own clock: `2026-01-31T18:00:00.1230000Z`. */
export function formatInstant(instant: Instant): string {
  return `${new Date(instant).toISOString().slice(0, 23)}0000Z`
}
