/**
 * The judgement on a request for access: the same for a preview and for the real thing. Pure: the caller gives the
 * instant and the address. All refusals come back at once (behaviour reference §2.4, §2.5, §4).
 */
import { isPortNumber, type Protocol, type Source } from '../net.ts'
import { invalidPort, machineIn, type PolicyBody, type PolicyMachine, type PortRule } from '../policy/policy.ts'
import { ok, placedAt, refusal, refused, withFacts, type Refusal, type Result } from '../refusal.ts'
import { INVALID_INPUT, IPV6_UNSUPPORTED, NOT_A_SUBSET } from './request-codes.ts'
import { decideSources } from './requested-sources.ts'
import { decideTime, type WrittenTime } from './requested-time.ts'
import { parseResourceId, resourceKey, resourceName, type ResourceId } from '../resource-id.ts'
import type { Instant } from '../time.ts'
import { countPairs, type WrittenSources } from '../policy/written-sources.ts'

export interface RequestedPort extends WrittenSources, WrittenTime {
  readonly number: number
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

/** Free text for auditors; long enough for a ticket and a reason. */
export const LONGEST_JUSTIFICATION = 4_096
/** Port and source pairs of one request: each is compared with the policy, recorded, and written to a firewall. */
export const MOST_HOLES = 4_000

export function decide(
  policy: PolicyBody,
  request: AccessRequestInput,
  circumstances: Circumstances,
): Result<readonly Allowed[]> {
  // Before anything else: what it bounds is the work of judging.
  const count = countPairs(request.virtualMachines)
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

function tooManyHoles(count: number): Refusal {
  const message = `one request opens at most ${MOST_HOLES} pairs of port and source; you asked for ${count}: ask in several requests`
  return withFacts(refusal('TooManyPorts', message, 'virtualMachines'), { most: MOST_HOLES, asked: count })
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
      withFacts(
        refusal(
          'JustificationTooLong',
          `a justification has at most ${LONGEST_JUSTIFICATION} characters; got ${length}`,
          'justification',
        ),
        { most: LONGEST_JUSTIFICATION, got: length },
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
  const issues: Refusal[] = id.ok ? [] : placedAt(`${place}.id`, id.refusals)
  if (id.ok && machine === undefined) issues.push(notInPolicy(id.value, policy, `${place}.id`))
  if (asked.ports.length === 0) issues.push(refusal('NoPorts', 'name at least one port', `${place}.ports`))
  const judged = asked.ports.map((port, index) => {
    const rule = machine?.ports.find((candidate) => candidate.number === port.number)
    return decidePort({ port, rule, circumstances, place: `${place}.ports[${index}]` }, machine)
  })
  for (const port of judged) if (!port.ok) issues.push(...port.refusals)
  if (!id.ok || machine === undefined || issues.length > 0) return refused(...issues)
  return ok(judged.flatMap((port) => (port.ok ? [{ ...port.value, machine: id.value }] : [])))
}

function notInPolicy(id: ResourceId, policy: PolicyBody, target: string): Refusal {
  const facts = { machine: resourceName(id), policy: policy.name }
  return withFacts(refusal('MachineNotInPolicy', `${id} is not in policy '${policy.name}'`, target), facts)
}

/** One port of the request, and what it is judged by. */
export interface Asked {
  readonly port: RequestedPort
  /** Undefined when the policy has none: the port's own text is still judged, so that every refusal is known at once. */
  readonly rule: PortRule | undefined
  readonly circumstances: Circumstances
  /** Where in the request: `virtualMachines[0].ports[1]`. */
  readonly place: string
}

function decidePort(asked: Asked, machine: PolicyMachine | undefined): Result<Omit<Allowed, 'machine'>> {
  const { port, rule, place } = asked
  const time = decideTime(asked)
  const sources = decideSources(asked)
  const issues = issuesOfNumber(port.number, machine, `${place}.number`)
  if (!time.ok) issues.push(...time.refusals)
  if (!sources.ok) issues.push(...sources.refusals)
  if (rule === undefined || !time.ok || !sources.ok) return refused(...issues)
  return ok({ port: rule.number, protocol: rule.protocol, ...sources.value, ...time.value })
}

function issuesOfNumber(number: number, machine: PolicyMachine | undefined, place: string): Refusal[] {
  if (!isPortNumber(number)) return [invalidPort(number, place)]
  if (machine === undefined || machine.ports.some((rule) => rule.number === number)) return []
  const reason = refusal('PortNotInPolicy', `port ${number} is not in the policy of this machine`, place)
  return [withFacts(reason, { port: number })]
}
