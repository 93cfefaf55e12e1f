/** The options of `request create`, parsed before anything is sent: every mistake is named at once. */
import { formatSource, parseSource } from '../../domain/net.ts'
import { LONGEST_JUSTIFICATION } from '../../domain/access/request.ts'
import { refusal, type Refusal, type Result } from '../../domain/refusal.ts'
import { parseInstant, SECOND, type Millis } from '../../domain/time.ts'
import type { AccessWish } from '../access/access-wish.ts'
import { refusedInput } from '../failure.ts'
import { parsePort } from './port-option.ts'
import { parseHumanDuration } from '../times.ts'

export interface AccessOptions {
  readonly port?: readonly string[]
  readonly for?: string
  readonly until?: string
  readonly from?: string
  readonly justification?: string
  readonly policy?: string
  readonly wait: boolean
  readonly timeout: string
  readonly dryRun?: boolean
}

export interface ParsedAccess {
  readonly ports: AccessWish['ports']
  readonly time: AccessWish['time']
  /** `me` stands for the caller's address, which only the server knows. */
  readonly from: readonly string[]
  readonly timeout: Millis
}

export function parseAccessOptions(options: AccessOptions): ParsedAccess {
  const issues: Refusal[] = []
  const keep = <T>(place: string, result: Result<T>): T | undefined => {
    if (result.ok) return result.value
    issues.push(...result.refusals.map((issue) => ({ ...issue, target: place })))
    return undefined
  }
  const ports = (options.port ?? []).flatMap((text) => text.split(',')).map((text) => keep('--port', parsePort(text)))
  const duration = options.for === undefined ? undefined : keep('--for', parseHumanDuration(options.for))
  const until = options.until === undefined ? undefined : keep('--until', parseInstant(options.until))
  const from = (options.from ?? 'me').split(',').map((text) => parseFrom(text.trim(), keep))
  const timeout = keep('--timeout', parseHumanDuration(options.timeout))
  issues.push(...issuesOfTexts(options, duration))
  if (issues.length > 0) throw refusedInput('the request is not as expected', issues)
  return {
    ports: ports.filter((port) => port !== undefined),
    time: timeOf(duration, until === undefined ? undefined : options.until),
    from: from.filter((source) => source !== undefined),
    timeout: timeout ?? 0,
  }
}

type Keep = <T>(place: string, result: Result<T>) => T | undefined

function parseFrom(text: string, keep: Keep): string | undefined {
  if (text.toLowerCase() === 'me') return 'me'
  const source = keep('--from', parseSource(text))
  return source === undefined ? undefined : formatSource(source)
}

function timeOf(duration: Millis | undefined, until: string | undefined): AccessWish['time'] {
  if (duration !== undefined) return { duration }
  return until === undefined ? undefined : { endTimeUtc: until }
}

function issuesOfTexts({ justification = '' }: AccessOptions, duration: Millis | undefined): Refusal[] {
  const issues: Refusal[] = []
  if (justification.length > LONGEST_JUSTIFICATION) {
    const message = `a justification has at most ${LONGEST_JUSTIFICATION} characters; yours has ${justification.length}`
    issues.push(refusal('JustificationTooLong', message, '--justification'))
  }
  if (duration !== undefined && duration < SECOND) {
    issues.push(refusal('DurationTooShort', 'access lasts at least 1s', '--for'))
  }
  return issues
}
