/**
 * The judgement on a request for access: the same for a preview and for the real thing. Pure: the caller gives the
 * instant and the address. All refusals come back at once (behaviour reference §2.4, §2.5, §4).
 */
import { formatSource, isPortNumber, parseIpPrefix, sourceContains, type Protocol, type Source } from './net.ts'
import {
  invalidPort,
  machineIn,
  parseSources,
  placeOfSource,
  sourceTexts,
  type PolicyBody,
  type PolicyMachine,
  type PortRule,
  type WrittenSources,
} from './policy.ts'
import { ok, quoted, refusal, refused, type Refusal, type Result } from './refusal.ts'
import { parseResourceId, resourceKey, type ResourceId } from './resource-id.ts'
import {
  formatDuration,
  formatInstant,
  LAST_INSTANT,
  parseDuration,
  parseInstant,
  SECOND,
  type Instant,
  type Millis,
} from './time.ts'

export interface RequestedPort extends WrittenSources {
  readonly number: number
  readonly endTimeUtc?: string | null | undefined
  readonly duration?: string | null | undefined
}

export interface AccessRequestInput {
  readonly virtualMachines: readonly { readonly id: string; readonly ports: readonly RequestedPort[] }[]
  readonly justification?: string | null | undefined
}

export interface Circumstances {
  readonly now: Instant
  /** The caller's address: the source when none is named. Empty when it is not known. */
  readonly callerAddress: string
  /** `refused` answers IPv6 sources as the original does. */
  readonly ipv6: 'allowed' | 'refused'
}

/** One hole that the policy allows, as decided. */
export interface Allowed {
  readonly machine: ResourceId
  readonly port: number
  readonly protocol: Protocol
  readonly sources: readonly Source[]
  /** How the sources were written: one prefix or a list; echoed in the same field. */
  readonly sourcesAs: 'prefix' | 'prefixes'
  readonly until: Instant
  /** The end as the wire echoes it: the requester's own digits, or the server's clock plus the duration. */
  readonly endTimeUtc: string
}

const SHORTEST_REQUEST: Millis = SECOND
/** Free text for auditors; long enough for a ticket and a reason. */
export const LONGEST_JUSTIFICATION = 4_096
/** Port and source pairs of one request: each is compared with the policy, recorded, and written to a firewall. */
export const MOST_HOLES = 4_000

/** Codes whose meaning the original documents as one sentence for the whole request. */
export const NOT_A_SUBSET = 'AccessRequestNotSubsetOfPolicy'
export const INVALID_INPUT = 'InvalidInitiateInput'
export const IPV6_UNSUPPORTED = 'Ipv6SourceUnsupported'

export function decide(
  policy: PolicyBody,
  request: AccessRequestInput,
  circumstances: Circumstances,
): Result<readonly Allowed[]> {
  const count = countHoles(request)
  if (count > MOST_HOLES) return refused(tooManyHoles(count))
  const issues: Refusal[] = issuesOfWhole(request)
  const allowed: Allowed[] = []
  for (const [index, asked] of request.virtualMachines.entries()) {
    const judged = decideMachine(policy, asked, circumstances, `virtualMachines[${index}]`)
    if (judged.ok) allowed.push(...judged.value)
    else issues.push(...judged.refusals)
  }
  return issues.length > 0 ? refused(...issues) : ok(allowed)
}

/** Judged before anything else: what it bounds is the work of judging. */
function countHoles(request: AccessRequestInput): number {
  const sources = ({ allowedSourceAddressPrefixes: list }: WrittenSources): number => Math.max(1, list?.length ?? 0)
  return request.virtualMachines.flatMap(({ ports }) => ports.map(sources)).reduce((sum, count) => sum + count, 0)
}

function tooManyHoles(count: number): Refusal {
  const message = `one request opens at most ${MOST_HOLES} pairs of port and source; you asked for ${count}: ask in several requests`
  return refusal('TooManyPorts', message, 'virtualMachines')
}

/**
 * The documented sentence that stands for a set of refusals on the wire; the refusals themselves are its details.
 * Malformed input comes before what the policy forbids, as the original checks them. A single malformed thing speaks for
 * itself, place and all.
 */
export function summaryOf(refusals: readonly Refusal[], policyId: string): Refusal {
  const first = (code: string): Refusal | undefined => refusals.find((reason) => reason.code === code)
  const malformed =
    first(INVALID_INPUT) ?? first(IPV6_UNSUPPORTED) ?? refusals.find(({ code }) => !SUBSET_CODES.has(code))
  if (malformed !== undefined) return refusals.length === 1 ? malformed : refusal(malformed.code, malformed.message)
  return refusal(
    NOT_A_SUBSET,
    `The given access request is not a subset of policy '${policyId}'. Please make sure that the access request is within the allowed policy properties.`,
  )
}

const SUBSET_CODES: ReadonlySet<string> = new Set([
  'MachineNotInPolicy',
  'PortNotInPolicy',
  'SourceNotAllowed',
  'DurationTooLong',
])

function issuesOfWhole(request: AccessRequestInput): Refusal[] {
  const issues: Refusal[] = []
  if (request.virtualMachines.length === 0)
    issues.push(refusal('NoMachines', 'name at least one machine', 'virtualMachines'))
  const length = request.justification?.length ?? 0
  if (length > LONGEST_JUSTIFICATION) {
    issues.push(
      refusal(
        'JustificationTooLong',
        `a justification has at most ${LONGEST_JUSTIFICATION} characters; got ${length}`,
        'justification',
      ),
    )
  }
  return issues
}

function decideMachine(
  policy: PolicyBody,
  asked: AccessRequestInput['virtualMachines'][number],
  circumstances: Circumstances,
  place: string,
): Result<readonly Allowed[]> {
  const id = parseResourceId(asked.id)
  const machine = id.ok ? machineIn(policy, resourceKey(id.value)) : undefined
  const issues: Refusal[] = id.ok ? [] : id.refusals.map((reason) => ({ ...reason, target: `${place}.id` }))
  if (id.ok && machine === undefined) issues.push(notInPolicy(id.value, policy, `${place}.id`))
  if (asked.ports.length === 0) issues.push(refusal('NoPorts', 'name at least one port', `${place}.ports`))
  const judged = asked.ports.map((port, index) => decidePort(machine, port, circumstances, `${place}.ports[${index}]`))
  for (const port of judged) if (!port.ok) issues.push(...port.refusals)
  if (!id.ok || machine === undefined || issues.length > 0) return refused(...issues)
  return ok(judged.flatMap((port) => (port.ok ? [{ ...port.value, machine: id.value }] : [])))
}

function notInPolicy(id: ResourceId, policy: PolicyBody, target: string): Refusal {
  return refusal('MachineNotInPolicy', `${id} is not in policy '${policy.name}'`, target)
}

/** Without a machine or a rule the port's own text is still judged, so that every refusal is known at once. */
function decidePort(
  machine: PolicyMachine | undefined,
  asked: RequestedPort,
  circumstances: Circumstances,
  place: string,
): Result<Omit<Allowed, 'machine'>> {
  const rule = machine?.ports.find((candidate) => candidate.number === asked.number)
  const time = decideTime(asked, rule, circumstances, place)
  const sources = decideSources(asked, rule, circumstances, place)
  const issues = [...issuesOfNumber(asked.number, machine, `${place}.number`)]
  if (!time.ok) issues.push(...time.refusals)
  if (!sources.ok) issues.push(...sources.refusals)
  if (rule === undefined || !time.ok || !sources.ok) return refused(...issues)
  return ok({ port: rule.number, protocol: rule.protocol, ...sources.value, ...time.value })
}

function issuesOfNumber(number: number, machine: PolicyMachine | undefined, place: string): Refusal[] {
  if (!isPortNumber(number)) return [invalidPort(number, place)]
  if (machine === undefined || machine.ports.some((rule) => rule.number === number)) return []
  return [refusal('PortNotInPolicy', `port ${number} is not in the policy of this machine`, place)]
}

function decideTime(
  asked: RequestedPort,
  rule: PortRule | undefined,
  { now }: Circumstances,
  place: string,
): Result<{ until: Instant; endTimeUtc: string }> {
  const end = asked.endTimeUtc ?? undefined
  const duration = asked.duration ?? undefined
  if ((end === undefined) === (duration === undefined)) {
    return refused(refusal(INVALID_INPUT, "Only one of fields 'EndTimeUtc' and 'Duration' can be set.", place))
  }
  const field = `${place}.${end === undefined ? 'duration' : 'endTimeUtc'}`
  const until = end === undefined ? untilFromDuration(duration ?? '', now) : parseInstant(end)
  if (!until.ok) return refused(...until.refusals.map((reason) => ({ ...reason, target: field })))
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
  return refusal('DurationTooLong', message, target)
}

function decideSources(
  asked: RequestedPort,
  rule: PortRule | undefined,
  { callerAddress, ipv6 }: Circumstances,
  place: string,
): Result<{ sources: readonly Source[]; sourcesAs: 'prefix' | 'prefixes' }> {
  const texts = sourceTexts(asked)
  if (texts === 'both') {
    const message = "give either 'allowedSourceAddressPrefix' or 'allowedSourceAddressPrefixes', not both"
    return refused(refusal(INVALID_INPUT, message, place))
  }
  const written: WrittenSources = texts === undefined ? { allowedSourceAddressPrefix: callerAddress } : asked
  const sources = texts === undefined ? sourceOfCaller(callerAddress, place) : parseSources(texts, asked, place)
  if (!sources.ok) return sources
  const issues = sources.value.flatMap((source, index) =>
    issuesOfSource(source, rule, ipv6, placeOfSource(written, index, place)),
  )
  if (issues.length > 0) return refused(...issues)
  const sourcesAs = typeof written.allowedSourceAddressPrefix === 'string' ? 'prefix' : 'prefixes'
  return ok({ sources: sources.value, sourcesAs })
}

/** One host and nothing else, whatever the server takes for the caller's address: nobody is let in unnamed. */
function sourceOfCaller(address: string, place: string): Result<readonly Source[]> {
  const parsed = parseIpPrefix(address)
  if (parsed.ok && !address.includes('/')) return ok([parsed.value])
  const message = "your own address is not known here; name the source in 'allowedSourceAddressPrefix'"
  return refused(refusal('CallerAddressUnknown', message, `${place}.allowedSourceAddressPrefix`))
}

function issuesOfSource(
  source: Source,
  rule: PortRule | undefined,
  ipv6: Circumstances['ipv6'],
  target: string,
): Refusal[] {
  if (ipv6 === 'refused' && source !== '*' && source.family === 6) {
    const message =
      'The provided access request contains a source IP address in IPv6 format, which is unsupported by Just-In-Time Network Access.'
    return [refusal(IPV6_UNSUPPORTED, message, target)]
  }
  if (rule === undefined || rule.sources.some((allowed) => sourceContains(allowed, source))) return []
  return [
    refusal(
      'SourceNotAllowed',
      `port ${rule.number} may be opened to ${namesOf(rule.sources)}; you asked for ${formatSource(source)}`,
      target,
    ),
  ]
}

const MOST_NAMED = 10

/** A sentence, not a dump: it is said once for every source that is refused. */
function namesOf(sources: readonly Source[]): string {
  const names = sources.slice(0, MOST_NAMED).map(formatSource).join(', ')
  return sources.length > MOST_NAMED ? `${names} and ${sources.length - MOST_NAMED} more` : names
}
