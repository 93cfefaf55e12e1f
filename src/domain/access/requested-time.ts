/** Until when a request wants its hole: an end or a duration, judged by the policy's rule for the port. */
import type { PortRule } from '../policy/policy.ts'
import { ok, placedAt, quoted, refusal, refused, withFacts, type Refusal, type Result } from '../refusal.ts'
import { INVALID_INPUT } from './request-codes.ts'
import type { Allowed, Asked } from './request.ts'
import {
  formatDuration,
  formatInstant,
  LAST_INSTANT,
  parseDuration,
  parseInstant,
  SECOND,
  type Instant,
  type Millis,
} from '../time.ts'

export interface WrittenTime {
  readonly endTimeUtc?: string | null | undefined
  readonly duration?: string | null | undefined
}

const SHORTEST_REQUEST: Millis = SECOND

export function decideTime({ port, rule, circumstances, place }: Asked): Result<Pick<Allowed, 'until' | 'endTimeUtc'>> {
  const { now } = circumstances
  const end = port.endTimeUtc ?? undefined
  const duration = port.duration ?? undefined
  if ((end === undefined) === (duration === undefined)) {
    return refused(refusal(INVALID_INPUT, "Only one of fields 'EndTimeUtc' and 'Duration' can be set.", place))
  }
  const field = `${place}.${end === undefined ? 'duration' : 'endTimeUtc'}`
  const until = end === undefined ? untilFromDuration(duration ?? '', now) : parseInstant(end)
  if (!until.ok) return refused(...placedAt(field, until.refusals))
  const length = until.value - now
  if (length < SHORTEST_REQUEST) return refused(tooShort(length, end, now, field))
  if (rule !== undefined && length > rule.maxDuration) return refused(tooLong(rule, length, field))
  if (until.value > LAST_INSTANT) return refused(refusal('InvalidDuration', 'access ends before the year 10000', field))
  return ok({
    until: until.value,
    endTimeUtc: end === undefined ? formatInstant(until.value) : echoInstant(end, until.value),
  })
}

function untilFromDuration(text: string, now: Instant): Result<Instant> {
  const parsed = parseDuration(text)
  return parsed.ok ? ok(now + parsed.value) : parsed
}

/** The caller's own digits when they are RFC 3339 in UTC (behaviour reference, R10); anything else is written so. */
function echoInstant(written: string, instant: Instant): string {
  return /^[-\d]+T\d\d:\d\d:[.\d]+Z$/.test(written) ? written : formatInstant(instant)
}

function tooShort(length: Millis, end: string | undefined, now: Instant, target: string): Refusal {
  if (end !== undefined && length <= 0) {
    return refusal(
      'EndTimeInThePast',
      `the end ${quoted(end)} has passed; the server's clock says ${formatInstant(now)}`,
      target,
    )
  }
  return refusal('DurationTooShort', `access lasts at least ${formatDuration(SHORTEST_REQUEST)}`, target)
}

function tooLong(rule: PortRule, length: Millis, target: string): Refusal {
  const message = `port ${rule.number} allows at most ${formatDuration(rule.maxDuration)}; you asked for ${formatDuration(length)}`
  const facts = { port: rule.number, longest: formatDuration(rule.maxDuration), asked: formatDuration(length) }
  return withFacts(refusal('DurationTooLong', message, target), facts)
}
