/**
 * The judgement on a request for access: the same for a preview and for the real thing. Pure: the caller gives the
 * instant and the address. All refusals come back at once (behaviour reference §2.4, §2.5, §4).
 */
import { formatSource, sourceContains, type Protocol, type Source } from './net.ts'
import { machineIn, parseSources, sourceTexts, type PolicyBody, type PortRule } from './policy.ts'
import { ok, refusal, refused, type Refusal, type Result } from './refusal.ts'
import { parseResourceId, resourceKey, type ResourceId } from './resource-id.ts'
import {
  formatDuration,
  formatInstant,
  parseDuration,
  parseInstant,
  SECOND,
  type Instant,
  type Millis,
} from './time.ts'

export interface RequestedPort {
  readonly number: number
  readonly endTimeUtc?: string | null | undefined
  readonly duration?: string | null | undefined
  readonly allowedSourceAddressPrefix?: string | null | undefined
  readonly allowedSourceAddressPrefixes?: readonly string[] | null | undefined
}

export interface AccessRequestInput {
  readonly virtualMachines: readonly { readonly id: string; readonly ports: readonly RequestedPort[] }[]
  readonly justification?: string | null | undefined
}

export interface Circumstances {
  readonly now: Instant
  /** The caller's address: the source when none is named. */
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

/** Codes whose meaning the original documents as one sentence for the whole request. */
export const NOT_A_SUBSET = 'AccessRequestNotSubsetOfPolicy'
export const INVALID_INPUT = 'InvalidInitiateInput'
export const IPV6_UNSUPPORTED = 'Ipv6SourceUnsupported'

export function decide(
  policy: PolicyBody,
  request: AccessRequestInput,
  circumstances: Circumstances,
): Result<readonly Allowed[]> {
  const issues: Refusal[] = issuesOfWhole(request)
  const allowed: Allowed[] = []
  for (const [index, asked] of request.virtualMachines.entries()) {
    const judged = decideMachine(policy, asked, circumstances, `virtualMachines[${index}]`)
    if (judged.ok) allowed.push(...judged.value)
    else issues.push(...judged.refusals)
  }
  return issues.length > 0 ? refused(...issues) : ok(allowed)
}

/**
 * The documented sentence that stands for a set of refusals on the wire; the refusals themselves are its details.
 * Malformed input comes before what the policy forbids, as the original checks them.
 */
export function summaryOf(refusals: readonly Refusal[], policyId: string): Refusal {
  const first = (code: string): Refusal | undefined => refusals.find((reason) => reason.code === code)
  const malformed = first(INVALID_INPUT) ?? first(IPV6_UNSUPPORTED)
  if (malformed !== undefined) return refusal(malformed.code, malformed.message)
  const [only] = refusals
  if (only !== undefined && refusals.every((reason) => !SUBSET_CODES.has(reason.code))) return only
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
  const issues: Refusal[] = []
  if (asked.ports.length === 0) issues.push(refusal('NoPorts', 'name at least one port', `${place}.ports`))
  const id = parseResourceId(asked.id)
  if (!id.ok) return refused(...issues, ...id.refusals.map((reason) => ({ ...reason, target: `${place}.id` })))
  const machine = machineIn(policy, resourceKey(id.value))
  const allowed: Allowed[] = []
  for (const [index, port] of asked.ports.entries()) {
    const rule = machine?.ports.find((candidate) => candidate.number === port.number)
    const judged = decidePort(rule, port, circumstances, `${place}.ports[${index}]`)
    if (!judged.ok) issues.push(...judged.refusals)
    else if (machine !== undefined) allowed.push({ ...judged.value, machine: id.value })
  }
  if (machine === undefined)
    issues.push(refusal('MachineNotInPolicy', `${asked.id} is not in policy '${policy.name}'`, `${place}.id`))
  return issues.length > 0 ? refused(...issues) : ok(allowed)
}

/** Without a rule the port's own text is still judged, so that every refusal is known at once. */
function decidePort(
  rule: PortRule | undefined,
  asked: RequestedPort,
  circumstances: Circumstances,
  place: string,
): Result<Omit<Allowed, 'machine'>> {
  const time = decideTime(asked, rule, circumstances, place)
  const sources = decideSources(asked, rule, circumstances, place)
  const issues = [...(time.ok ? [] : time.refusals), ...(sources.ok ? [] : sources.refusals)]
  if (rule === undefined)
    issues.push(
      refusal('PortNotInPolicy', `port ${asked.number} is not in the policy of this machine`, `${place}.number`),
    )
  if (rule === undefined || !time.ok || !sources.ok) return refused(...issues)
  return ok({ port: rule.number, protocol: rule.protocol, ...sources.value, ...time.value })
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
  return ok({
    until: until.value,
    endTimeUtc: end === undefined ? formatInstant(until.value) : echoInstant(end, until.value),
  })
}

function untilFromDuration(text: string, now: Instant): Result<Instant> {
  const parsed = parseDuration(text)
  return parsed.ok ? ok(now + parsed.value) : parsed
}

/** The caller's own digits when they are already UTC (behaviour reference, R10); any other zone is written as UTC. */
function echoInstant(written: string, instant: Instant): string {
  return /Z$/.test(written) ? written : formatInstant(instant)
}

function tooShort(length: Millis, end: string | undefined, now: Instant, target: string): Refusal {
  if (end !== undefined && length <= 0) {
    return refusal(
      'EndTimeInThePast',
      `the end ${end} has passed; the server's clock says ${formatInstant(now)}`,
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
  const sourcesAs =
    texts !== undefined && (asked.allowedSourceAddressPrefix ?? undefined) === undefined ? 'prefixes' : 'prefix'
  const field = `${place}.${sourcesAs === 'prefix' ? 'allowedSourceAddressPrefix' : 'allowedSourceAddressPrefixes'}`
  const sources = parseSources(texts ?? [callerAddress], field)
  if (!sources.ok) return sources
  const issues = sources.value.flatMap((source) => issuesOfSource(source, rule, ipv6, field))
  return issues.length > 0 ? refused(...issues) : ok({ sources: sources.value, sourcesAs })
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
  const allowed = rule.sources.map(formatSource).join(', ')
  return [
    refusal(
      'SourceNotAllowed',
      `port ${rule.number} may be opened to ${allowed}; you asked for ${formatSource(source)}`,
      target,
    ),
  ]
}
