/**
 * JIT network access policies: which ports of which machines are protected, and what may be asked for.
 * A policy is parsed to a policy or to *all* its issues (behaviour reference §2.2, §3).
 */
import type { ProtectedPort, Shield } from './desired.ts'
import { isPortNumber, parseSource, type Protocol, type Source } from './net.ts'
import { ok, refusal, refused, type Refusal, type Result } from './refusal.ts'
import { parseResourceId, resourceKey, resourceName, type ResourceId, type ResourceKey } from './resource-id.ts'
import { DAY, formatDuration, MINUTE, parseDuration, type Millis } from './time.ts'

/** A port rule as the wire writes it and the store keeps it. */
export interface PortRuleInput {
  readonly number: number
  readonly protocol: string
  readonly allowedSourceAddressPrefix?: string | null | undefined
  readonly allowedSourceAddressPrefixes?: readonly string[] | null | undefined
  readonly maxRequestAccessDuration: string
}

export interface PolicyMachineInput {
  readonly id: string
  readonly ports: readonly PortRuleInput[]
  readonly publicIpAddress?: string | null | undefined
}

export interface PortRule {
  readonly number: number
  readonly protocol: Protocol
  readonly sources: readonly Source[]
  readonly maxDuration: Millis
  /** As it came, for echoing. */
  readonly written: PortRuleInput
}

export interface PolicyMachine {
  readonly id: ResourceId
  readonly key: ResourceKey
  readonly ports: readonly PortRule[]
  readonly publicIpAddress?: string
}

export interface PolicyBody {
  readonly name: string
  readonly machines: readonly PolicyMachine[]
}

export const SHORTEST_MAXIMUM: Millis = 5 * MINUTE
export const LONGEST_MAXIMUM: Millis = DAY
export const LONGEST_NAMES = 56
export const DEFAULT_PORTS: readonly number[] = [22, 3389, 5985, 5986]

/** What the original proposes when a machine is enabled (behaviour reference §3, Defaults). */
export function defaultPortRules(): PortRuleInput[] {
  return DEFAULT_PORTS.map((number) => ({
    number,
    protocol: '*',
    allowedSourceAddressPrefix: '*',
    maxRequestAccessDuration: 'PT3H',
  }))
}

export function parsePolicy(name: string, machines: readonly PolicyMachineInput[]): Result<PolicyBody> {
  const issues: Refusal[] = [...issuesOfName(name)]
  if (machines.length === 0)
    issues.push(refusal('NoMachines', 'name at least one machine', 'properties.virtualMachines'))
  const parsed = machines.map((machine, index) => parseMachine(name, machine, `properties.virtualMachines[${index}]`))
  for (const machine of parsed) if (!machine.ok) issues.push(...machine.refusals)
  const good = parsed.flatMap((machine) => (machine.ok ? [machine.value] : []))
  issues.push(...issuesOfRepeatedMachines(good))
  return issues.length > 0 ? refused(...issues) : ok({ name, machines: good })
}

/** Azure Resource Manager's rule for resource names, less what its URLs cannot carry. */
function issuesOfName(name: string): Refusal[] {
  if (/^[^\s<>%&\\?/#*:"|\u0000-\u001f]([^<>%&\\?/#*:"|\u0000-\u001f]*[^\s.<>%&\\?/#*:"|\u0000-\u001f])?$/u.test(name))
    return []
  return [
    refusal(
      'InvalidPolicyName',
      `'${name}' is not a policy name; use letters, digits, '-', '_' and '.', not ending in '.'`,
      'name',
    ),
  ]
}

function parseMachine(policyName: string, input: PolicyMachineInput, place: string): Result<PolicyMachine> {
  const issues: Refusal[] = []
  const id = parseResourceId(input.id)
  if (!id.ok) issues.push(...at(`${place}.id`, id.refusals))
  else issues.push(...issuesOfLength(policyName, resourceName(id.value), `${place}.id`))
  if (input.ports.length === 0) issues.push(refusal('NoPorts', 'name at least one port', `${place}.ports`))
  const rules = input.ports.map((rule, index) => parsePortRule(rule, `${place}.ports[${index}]`))
  for (const rule of rules) if (!rule.ok) issues.push(...rule.refusals)
  const ports = rules.flatMap((rule) => (rule.ok ? [rule.value] : []))
  issues.push(...issuesOfRepeatedPorts(ports, place))
  if (!id.ok || issues.length > 0) return refused(...issues)
  const machine = { id: id.value, key: resourceKey(id.value), ports }
  return ok(
    typeof input.publicIpAddress === 'string' ? { ...machine, publicIpAddress: input.publicIpAddress } : machine,
  )
}

function issuesOfLength(policyName: string, machineName: string, place: string): Refusal[] {
  const length = policyName.length + machineName.length
  if (length <= LONGEST_NAMES) return []
  const message = `policy name and machine name may have ${LONGEST_NAMES} characters together; '${policyName}' and '${machineName}' have ${length}`
  return [refusal('NamesTooLong', message, place)]
}

export function parsePortRule(input: PortRuleInput, place: string): Result<PortRule> {
  const issues: Refusal[] = []
  if (!isPortNumber(input.number)) {
    issues.push(
      refusal(
        'InvalidPort',
        `a port is a whole number from 0 to 65535; got ${String(input.number)}`,
        `${place}.number`,
      ),
    )
  }
  const protocol = parseProtocol(input.protocol)
  if (protocol === undefined) {
    issues.push(refusal('InvalidProtocol', `protocol is TCP, UDP or *; got '${input.protocol}'`, `${place}.protocol`))
  }
  const sources = parseAllowedSources(input, place)
  if (!sources.ok) issues.push(...sources.refusals)
  const maxDuration = parseMaximum(input, place)
  if (!maxDuration.ok) issues.push(...maxDuration.refusals)
  if (protocol === undefined || !sources.ok || !maxDuration.ok || issues.length > 0) return refused(...issues)
  return ok({ number: input.number, protocol, sources: sources.value, maxDuration: maxDuration.value, written: input })
}

/** The wire's enum is extensible and the services write `Tcp` as well as `TCP`; case carries no meaning. */
function parseProtocol(text: string): Protocol | undefined {
  const upper = text.toUpperCase()
  return upper === 'TCP' || upper === 'UDP' || upper === '*' ? upper : undefined
}

function parseMaximum(input: PortRuleInput, place: string): Result<Millis> {
  const target = `${place}.maxRequestAccessDuration`
  const parsed = parseDuration(input.maxRequestAccessDuration)
  if (!parsed.ok) return refused(...at(target, parsed.refusals))
  if (parsed.value >= SHORTEST_MAXIMUM && parsed.value <= LONGEST_MAXIMUM) return parsed
  const range = `${formatDuration(SHORTEST_MAXIMUM)} to ${formatDuration(LONGEST_MAXIMUM)}`
  return refused(
    refusal(
      'InvalidMaxRequestAccessDuration',
      `a maximum lasts from ${range}; got '${input.maxRequestAccessDuration}'`,
      target,
    ),
  )
}

function parseAllowedSources(input: PortRuleInput, place: string): Result<readonly Source[]> {
  const texts = sourceTexts(input)
  if (texts === 'both') {
    const message = "give either 'allowedSourceAddressPrefix' or 'allowedSourceAddressPrefixes', not both"
    return refused(refusal('ConflictingSources', message, place))
  }
  if (texts === undefined) {
    const message =
      "say who may ask: 'allowedSourceAddressPrefix' ('*' for any source) or 'allowedSourceAddressPrefixes'"
    return refused(refusal('MissingSources', message, place))
  }
  return parseSources(
    texts,
    typeof input.allowedSourceAddressPrefix === 'string'
      ? `${place}.allowedSourceAddressPrefix`
      : `${place}.allowedSourceAddressPrefixes`,
  )
}

/** Clients that know both fields send the unused one as null or as an empty list. */
export function sourceTexts(input: {
  readonly allowedSourceAddressPrefix?: string | null | undefined
  readonly allowedSourceAddressPrefixes?: readonly string[] | null | undefined
}): readonly string[] | 'both' | undefined {
  const single = input.allowedSourceAddressPrefix ?? undefined
  const list = input.allowedSourceAddressPrefixes?.length ? input.allowedSourceAddressPrefixes : undefined
  if (single !== undefined && list !== undefined) return 'both'
  return single === undefined ? list : [single]
}

export function parseSources(texts: readonly string[], place: string): Result<readonly Source[]> {
  const parsed = texts.map((text, index) => {
    const source = parseSource(text.trim())
    return source.ok ? source : refused(...at(texts.length > 1 ? `${place}[${index}]` : place, source.refusals))
  })
  const issues = parsed.flatMap((source) => (source.ok ? [] : source.refusals))
  return issues.length > 0 ? refused(...issues) : ok(parsed.flatMap((source) => (source.ok ? [source.value] : [])))
}

function issuesOfRepeatedPorts(ports: readonly PortRule[], place: string): Refusal[] {
  return repeats(ports, (rule) => rule.number).map((rule) =>
    refusal(
      'RepeatedPort',
      `port ${rule.number} is listed twice; list it once, with protocol * for both TCP and UDP`,
      `${place}.ports`,
    ),
  )
}

function issuesOfRepeatedMachines(machines: readonly PolicyMachine[]): Refusal[] {
  return repeats(machines, (machine) => machine.key).map((machine) =>
    refusal(
      'RepeatedMachine',
      `${machine.id} is listed twice; put all its ports in one entry`,
      'properties.virtualMachines',
    ),
  )
}

function repeats<T>(items: readonly T[], key: (item: T) => string | number): T[] {
  const seen = new Set<string | number>()
  return items.filter((item) => seen.size === seen.add(key(item)).size)
}

function at(place: string, refusals: readonly Refusal[]): Refusal[] {
  return refusals.map((reason) => ({ ...reason, target: place }))
}

export function machineIn(policy: PolicyBody, key: ResourceKey): PolicyMachine | undefined {
  return policy.machines.find((machine) => machine.key === key)
}

/** What a policy asks of a machine's enforcement points: the ports closed by default. */
export function shieldOf(policy: PolicyBody, machine: PolicyMachine): Shield {
  const ports: ProtectedPort[] = machine.ports.map(({ number, protocol }) => ({ number, protocol }))
  return { machine: machine.id, policy: policy.name, ports }
}
