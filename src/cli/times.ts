/**
 * Times as people write and read them: `2h30m`, `--until` an instant, an end in local time with its zone and what is
 * left of it. Pure: the caller gives the zone and the present.
 */
import { ok, refusal, refused, type Result } from '../domain/refusal.ts'
import { DAY, HOUR, MINUTE, parseDuration, parseInstant, SECOND, type Instant, type Millis } from '../domain/time.ts'

const SHORT = /^(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/i

/** `2h30m`, `90m`, `1d` or ISO-8601 such as `PT2H30M`. */
export function parseHumanDuration(text: string): Result<Millis> {
  const iso = parseDuration(text.toUpperCase())
  if (iso.ok) return iso
  const match = SHORT.exec(text)
  if (match === null || text === '' || text.length > 40) return notADuration(text)
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = match.slice(1).map((part) => Number(part ?? 0))
  return ok(days * DAY + hours * HOUR + minutes * MINUTE + seconds * SECOND)
}

function notADuration(text: string): Result<never> {
  const message = `'${text}' is not a length of time; write one like 2h30m, 90m or PT2H30M`
  return refused(refusal('InvalidDuration', message))
}

/** An instant, or a length of time before `now`: `2026-01-31T18:00:00Z`, `24h`. */
export function parseSince(text: string, now: Instant): Result<Instant> {
  const instant = parseInstant(text)
  if (instant.ok) return instant
  const length = parseHumanDuration(text)
  if (length.ok) return ok(now - length.value)
  const message = `'${text}' is neither a time nor a length of time; write one like 2026-01-31T18:00:00Z or 24h`
  return refused(refusal('InvalidInstant', message))
}

export interface TimeView {
  readonly utc: boolean
  /** An IANA name; undefined for the machine's own. */
  readonly timeZone: string | undefined
}

/** `2026-01-31 19:00:00 CET`, or `2026-01-31 18:00:00Z` in UTC. */
export function formatLocal(instant: Instant, view: TimeView): string {
  if (view.utc) return `${new Date(instant).toISOString().slice(0, 19).replace('T', ' ')}Z`
  const parts = new Map(
    formatter(view.timeZone)
      .formatToParts(instant)
      .map(({ type, value }) => [type, value]),
  )
  const part = (type: Intl.DateTimeFormatPartTypes): string => parts.get(type) ?? ''
  const date = `${part('year')}-${part('month')}-${part('day')}`
  return `${date} ${part('hour')}:${part('minute')}:${part('second')} ${part('timeZoneName')}`
}

function formatter(timeZone: string | undefined): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en-GB', {
    ...(timeZone === undefined ? {} : { timeZone }),
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'short',
  })
}

/** The two largest units, rounded down: `2 h 30 min`, `45 s`. Nothing left is `0 s`. */
export function formatLength(millis: Millis): string {
  const seconds = Math.max(0, Math.floor(millis / SECOND))
  const units: readonly (readonly [number, string])[] = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3_600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ]
  const first = units.findIndex(([amount]) => amount > 0)
  if (first === -1) return '0 s'
  return units
    .slice(first, first + 2)
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${amount} ${unit}`)
    .join(' ')
}

/** `2026-01-31 19:00:00 CET, 59 min 12 s left`. */
export function formatEnd(until: Instant, now: Instant, view: TimeView): string {
  const left = until > now ? `${formatLength(until - now)} left` : `ended ${formatLength(now - until)} ago`
  return `${formatLocal(until, view)}, ${left}`
}

/** What the wire wrote, as an instant; text that is none is shown as it came. */
export function formatWireTime(text: string, view: TimeView): string {
  const instant = parseInstant(text)
  return instant.ok ? formatLocal(instant.value, view) : text
}
