/** What the activity log is narrowed to: kept in the address, so that a list can be sent to a colleague. Pure. */
import type { Asked } from '../../api/call.ts'

export const PERIODS = {
  hour: 3_600_000,
  day: 86_400_000,
  week: 7 * 86_400_000,
  month: 30 * 86_400_000,
  all: undefined,
  /** From one instant to another. */
  between: undefined,
} as const

export interface ActivityFilter {
  readonly period: keyof typeof PERIODS
  /** Of the period `between`: ISO-8601, empty for without end. */
  readonly since: string
  readonly until: string
  readonly actor: string
  readonly machine: string
  readonly action: string
  readonly outcome: string
  readonly request: string
}

const TEXTS = ['actor', 'machine', 'action', 'outcome', 'request'] as const

export const NO_FILTER: ActivityFilter = {
  period: 'week',
  since: '',
  until: '',
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
    ...(period === 'between' ? { since: text('since'), until: text('until') } : { since: '', until: '' }),
    actor: text('actor'),
    machine: text('machine'),
    action: text('action'),
    outcome: text('outcome'),
    request: text('request'),
  }
}

export function searchOf(filter: ActivityFilter): string {
  const query = new URLSearchParams(filter.period === NO_FILTER.period ? {} : { period: filter.period })
  const ends = filter.period === 'between' ? (['since', 'until'] as const) : []
  for (const name of [...ends, ...TEXTS]) if (filter[name] !== '') query.set(name, filter[name])
  return query.toString()
}

/** `now` in whole minutes keeps one question the same question while it is looked at. */
export function auditQueryOf(filter: ActivityFilter, now: number): NonNullable<Asked['query']> {
  const length = PERIODS[filter.period]
  const given = TEXTS.flatMap((name) => (filter[name] === '' ? [] : [[name, filter[name]] as const]))
  const { period, since, until } = filter
  return {
    ...Object.fromEntries(given),
    ...(period === 'between' && { ...(since !== '' && { since }), ...(until !== '' && { until }) }),
    ...(length === undefined ? {} : { since: new Date(Math.floor(now / 60_000) * 60_000 - length).toISOString() }),
  }
}

/** As a field for the reader's own day and time writes an instant; empty for none. */
export function localTimeFrom(instant: string): string {
  const at = Date.parse(instant)
  return Number.isNaN(at) ? '' : new Date(at - new Date(at).getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}

/** Empty for what is no day and time. */
export function instantFrom(localTime: string): string {
  const at = Date.parse(localTime)
  return Number.isNaN(at) ? '' : new Date(at).toISOString()
}
