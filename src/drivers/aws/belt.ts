/**
 * The second belt: for each opening a one-time schedule in the account, which revokes the rule at its end even when
 * nothing of ours runs any more. It only ever closes. A schedule's name says which rule it closes when, so that the list
 * of names is all that must be read; the service deletes it once it has run.
 *
 * Openings and closings never wait for it: what fails here is a warning.
 */
import type { Instant } from '../../domain/time.ts'

/** The service's schedules, as far as they are ours. */
export interface Belt {
  /** Names that begin so. */
  list(prefix: string, signal: AbortSignal): Promise<string[]>
  /** Done when there is one of the name already. */
  put(schedule: Schedule, signal: AbortSignal): Promise<void>
  /** Done when there is none. */
  remove(name: string, signal: AbortSignal): Promise<void>
}

export interface Schedule {
  readonly name: string
  readonly group: string
  readonly rule: string
  readonly at: Instant
}

/** What all schedules for a VPC begin with. */
export function schedulePrefix(vpc: string): string {
  return `${vpc}_`
}

/** At most 64 characters, which the service allows. */
export function scheduleName(vpc: string, rule: string, until: Instant): string {
  return `${schedulePrefix(vpc)}${rule}_${Math.ceil(until / 1_000)}`
}

/** The rule that a schedule closes; undefined for a name of others. */
export function ruleOfSchedule(name: string): string | undefined {
  return /_(sgr-[0-9a-f]+)_\d+$/.exec(name)?.[1]
}
