/** What the activity log is narrowed to: kept in the address, so that a list can be sent to a colleague. Pure. */
import type { Asked } from '../../api/call.ts'

export const PERIODS = {
  hour: 3_600_000,
  day: 86_400_000,
  week: 7 * 86_400_000,
  month: 30 * 86_400_000,
  all: undefined,
} as const

export interface ActivityFilter {
  readonly period: keyof typeof PERIODS
  readonly actor: string
  readonly machine: string
  readonly action: string
  readonly outcome: string
  readonly request: string
}

const TEXTS = ['actor', 'machine', 'action', 'outcome', 'request'] as const

export const NO_FILTER: ActivityFilter = {
  period: 'week',
  actor: '',
  machine: '',
  action: '',
  outcome: '',
  request: '',
}

export function filterFrom(search: string): ActivityFilter {
  const query = new URLSearchParams(search)
  const text = (name: string): string => query.get(name) ?? ''
  const period = text('period')
  return {
    period: period in PERIODS ? (period as keyof typeof PERIODS) : query.has('request') ? 'all' : NO_FILTER.period, // just looked up
    actor: text('actor'),
    machine: text('machine'),
    action: text('action'),
    outcome: text('outcome'),
    request: text('request'),
  }
}

export function searchOf(filter: ActivityFilter): string {
  const query = new URLSearchParams(filter.period === NO_FILTER.period ? {} : { period: filter.period })
  for (const name of TEXTS) if (filter[name] !== '') query.set(name, filter[name])
  return query.toString()
}

/** `now` in whole minutes keeps one question the same question while it is looked at. */
export function auditQueryOf(filter: ActivityFilter, now: number): NonNullable<Asked['query']> {
  const length = PERIODS[filter.period]
  const given = TEXTS.flatMap((name) => (filter[name] === '' ? [] : [[name, filter[name]] as const]))
  return {
    ...Object.fromEntries(given),
    ...(length === undefined ? {} : { since: new Date(Math.floor(now / 60_000) * 60_000 - length).toISOString() }),
  }
}
