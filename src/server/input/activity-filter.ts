/**
 * The `$filter` of the activity log, as Azure Monitor documents it: comparisons joined by `and`. Pure. What it cannot mean
 * is refused, because a filter that is silently ignored shows an auditor the wrong thing.
 * https://learn.microsoft.com/rest/api/monitor/activity-logs/list
 */
import { ok, refusal, refused, type Result } from '../../domain/refusal.ts'
import { parseInstant, type Instant } from '../../domain/time.ts'

export interface ActivityFilter {
  readonly since?: Instant
  /** Exclusive. */
  readonly until?: Instant
  readonly resourceGroup?: string
  readonly resource?: string
  readonly provider?: string
  readonly correlation?: string
  readonly caller?: string
}

const FIELDS: Readonly<Record<string, keyof ActivityFilter>> = {
  resourcegroupname: 'resourceGroup',
  resourceuri: 'resource',
  resourceid: 'resource',
  resourceprovider: 'provider',
  correlationid: 'correlation',
  caller: 'caller',
}

const LONGEST_FILTER = 4_000
/** The command line writes times without quotes. */
const PART = /^\s*(\w+)\s+(eq|ge|gt|le|lt)\s+(?:'((?:[^']|'')*)'|([-+\w:.]+))\s*$/i

export function parseActivityFilter(text: string | undefined): Result<ActivityFilter> {
  const filter: Record<string, Instant | string> = {}
  if ((text?.length ?? 0) > LONGEST_FILTER) return unknownPart(text ?? '')
  for (const part of partsOf(text ?? '')) {
    const [, field = '', operator = '', quotedText, bare = ''] = PART.exec(part) ?? []
    const value = (quotedText ?? bare).replaceAll("''", "'")
    const name = FIELDS[field.toLowerCase()]
    if (field.toLowerCase() === 'eventtimestamp' && operator.toLowerCase() !== 'eq') {
      const instant = instantOf(value)
      if (!instant.ok) return instant
      Object.assign(filter, bound(operator.toLowerCase(), instant.value))
    } else if (name !== undefined && operator.toLowerCase() === 'eq') filter[name] = value
    else if (!isAlwaysTrue(field, operator, value)) return unknownPart(part)
  }
  return ok(filter)
}

/** An `and` within quotes belongs to the text: an even number of quotes must follow it. */
function partsOf(text: string): string[] {
  return text.trim() === '' ? [] : text.split(/\s+and\s+(?=(?:[^']*'[^']*')*[^']*$)/i)
}

function bound(operator: string, instant: Instant): ActivityFilter {
  switch (operator) {
    case 'ge':
      return { since: instant }
    case 'gt':
      return { since: instant + 1 }
    case 'lt':
      return { until: instant }
    default:
      return { until: instant + 1 }
  }
}

/** Clients send `2026-03-01T12:00:00Z`, seven digits of a fraction, or no zone at all, which means UTC. */
function instantOf(text: string): Result<Instant> {
  const parsed = parseInstant(/(?:Z|[+-]\d{2}:?\d{2})$/i.test(text) ? text : `${text}Z`)
  return parsed.ok ? parsed : refused(...parsed.refusals.map((reason) => ({ ...reason, target: '$filter' })))
}

/** Azure's clients ask for channels and levels that have no counterpart here: all of ours are administrative. */
function isAlwaysTrue(field: string, operator: string, value: string): boolean {
  return field.toLowerCase() === 'eventchannels' && operator.toLowerCase() === 'eq' && /admin/i.test(value)
}

function unknownPart(part: string): ReturnType<typeof refused> {
  const known =
    "eventTimestamp (ge, gt, le, lt), resourceGroupName, resourceUri, resourceProvider, correlationId, caller (eq), each with its value in quotes, joined by 'and'"
  return refused(refusal('InvalidFilter', `the $filter takes ${known}; got '${part.slice(0, 100)}'`, '$filter'))
}
