/**
 * JIT network access policies: which ports of which machines are protected, and what may be asked for.
 * A policy is parsed to a policy or to *all* its issues (behaviour reference §2.2, §3).
 */
import type { ProtectedPort, Shield } from '../access/desired.ts'
import { ON_EXPIRY, type OnExpiry } from '../access/flow.ts'
import { issuesOfSelector, type Labels } from './label-selector.ts'
import { isPortNumber, parseIpPrefix, type Protocol, type Source } from '../net.ts'
import { briefly, ok, placedAt, quoted, refusal, refused, withFacts, type Refusal, type Result } from '../refusal.ts'
import {
  isResourceName,
  parseResourceId,
  resourceKey,
  resourceName,
  type ResourceId,
  type ResourceKey,
} from '../resource-id.ts'
import { DAY, formatDuration, MINUTE, parseDuration, type Millis } from '../time.ts'
import { countPairs, parseSources, sourceTexts, type WrittenSources } from './written-sources.ts'

/** A port rule as the wire writes it and the store keeps it. */
export interface PortRuleInput extends WrittenSources {
  readonly number: number
  readonly protocol: string
  readonly maxRequestAccessDuration: string
  /** Ours, and no field of the original's: `keep`, `warn` or `cut` (docs/operate/live-connections.md). */
  readonly onExpiry?: string | null | undefined
}

export interface PolicyMachineInput {
  readonly id: string
  readonly ports: readonly PortRuleInput[]
  readonly publicIpAddress?: string | null | undefined
  /** Ours: the selector that chose it, as text. Without it, whoever wrote the policy named it. */
  readonly chosenBy?: string | null | undefined
}

/** Ours, and nothing of the original's: whatever has these labels is protected so, now and later. */
export interface PolicySelectorInput {
  readonly labels: Labels
  readonly ports: readonly PortRuleInput[]
}

export interface PortRule {
  readonly number: number
  readonly protocol: Protocol
  readonly sources: readonly Source[]
  readonly maxDuration: Millis
  readonly onExpiry: OnExpiry
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
/** UTF-16 units of policy name and machine name together, as .NET counts and so the original. */
export const LONGEST_NAMES = 56
/** Port and source pairs of one policy. All its issues are told at once, and every request parses it. */
export const MOST_PAIRS = 10_000
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

/** With selectors it may name no machine: those that they choose may be still to come. */
export function parsePolicy(
  name: string,
  machines: readonly PolicyMachineInput[],
  selectors: readonly PolicySelectorInput[] = [],
): Result<PolicyBody> {
  const count = countPairs(machines)
  if (count > MOST_PAIRS) return refused(tooManyPairs(count))
  const issues: Refusal[] = [...issuesOfName(name), ...issuesOfSelectors(selectors)]
  if (machines.length === 0 && selectors.length === 0)
    issues.push(refusal('NoMachines', 'name at least one machine', 'properties.virtualMachines'))
  const parsed = machines.map((machine, index) => parseMachine(name, machine, `properties.virtualMachines[${index}]`))
  for (const machine of parsed) if (!machine.ok) issues.push(...machine.refusals)
  issues.push(...issuesOfRepeatedMachines(machines))
  if (issues.length > 0) return refused(...issues)
  return ok({ name, machines: parsed.flatMap((machine) => (machine.ok ? [machine.value] : [])) })
}

const MOST_SELECTORS = 20

function issuesOfSelectors(selectors: readonly PolicySelectorInput[]): Refusal[] {
  const many = `one policy takes at most ${MOST_SELECTORS} selectors; got ${selectors.length}`
  return [
    ...(selectors.length > MOST_SELECTORS
      ? [withFacts(refusal('InvalidSelector', many, 'properties.selectors'), { mostSelectors: MOST_SELECTORS })]
      : []),
    ...selectors.flatMap(({ labels, ports }, index) => {
      const place = `properties.selectors[${index}]`
      const rules = ports.map((rule, port) => parsePortRule(rule, `${place}.ports[${port}]`))
      return [
        ...issuesOfSelector(labels, `${place}.labels`),
        ...(ports.length === 0 ? [refusal('NoPorts', 'name at least one port', `${place}.ports`)] : []),
        ...rules.flatMap((rule) => (rule.ok ? [] : rule.refusals)),
        ...issuesOfRepeatedPorts(ports, `${place}.ports`),
      ]
    }),
  ]
}

function tooManyPairs(count: number): Refusal {
  const message = `one policy takes at most ${MOST_PAIRS} pairs of port and source; got ${count}: write several policies`
  return withFacts(refusal('TooManyPorts', message, 'properties.virtualMachines'), { most: MOST_PAIRS, asked: count })
}

/** The name is the last segment of the policy's own resource id; what Azure reserves in names is refused too. */
function issuesOfName(name: string): Refusal[] {
  if (isResourceName(name) && !/[*:"|]|\.$/.test(name)) return []
  const message = `${quoted(name)} is not a policy name; use letters, digits, '-', '_' and '.', not ending in '.'`
  return [withFacts(refusal('InvalidPolicyName', message, 'name'), { got: briefly(name) })]
}

function parseMachine(policyName: string, input: PolicyMachineInput, place: string): Result<PolicyMachine> {
  const issues: Refusal[] = []
  const id = parseResourceId(input.id)
  if (!id.ok) issues.push(...placedAt(`${place}.id`, id.refusals))
  else issues.push(...issuesOfLength(policyName, resourceName(id.value), `${place}.id`))
  if (input.ports.length === 0) issues.push(refusal('NoPorts', 'name at least one port', `${place}.ports`))
  const rules = input.ports.map((rule, index) => parsePortRule(rule, `${place}.ports[${index}]`))
  for (const rule of rules) if (!rule.ok) issues.push(...rule.refusals)
  issues.push(...issuesOfRepeatedPorts(input.ports, `${place}.ports`))
  const publicIpAddress = input.publicIpAddress ?? undefined
  if (publicIpAddress !== undefined) issues.push(...issuesOfPublicAddress(publicIpAddress, `${place}.publicIpAddress`))
  if (!id.ok || issues.length > 0) return refused(...issues)
  const ports = rules.flatMap((rule) => (rule.ok ? [rule.value] : []))
  const machine = { id: id.value, key: resourceKey(id.value), ports }
  return ok(publicIpAddress === undefined ? machine : { ...machine, publicIpAddress })
}

function issuesOfPublicAddress(text: string, place: string): Refusal[] {
  const parsed = parseIpPrefix(text)
  if (parsed.ok && !text.includes('/')) return []
  const message = `${quoted(text)} is not one IP address; write the firewall's public address, or leave it out`
  return [withFacts(refusal('InvalidPublicIpAddress', message, place), { got: briefly(text) })]
}

function issuesOfLength(policyName: string, machineName: string, place: string): Refusal[] {
  const length = policyName.length + machineName.length
  if (length <= LONGEST_NAMES) return []
  const message = `policy name and machine name may have ${LONGEST_NAMES} characters together; ${quoted(policyName)} and ${quoted(machineName)} have ${length}`
  const facts = { policy: briefly(policyName), machine: briefly(machineName), most: LONGEST_NAMES, length }
  return [withFacts(refusal('NamesTooLong', message, place), facts)]
}

export function parsePortRule(input: PortRuleInput, place: string): Result<PortRule> {
  const issues: Refusal[] = []
  if (!isPortNumber(input.number)) {
    issues.push(invalidPort(input.number, `${place}.number`))
  }
  const protocol = parseProtocol(input.protocol)
  if (protocol === undefined) {
    const message = `protocol is TCP, UDP or *; got ${quoted(input.protocol)}`
    const got = briefly(input.protocol)
    issues.push(withFacts(refusal('InvalidProtocol', message, `${place}.protocol`), { got }))
  }
  const sources = parseAllowedSources(input, place)
  if (!sources.ok) issues.push(...sources.refusals)
  const maxDuration = parseMaximum(input, place)
  if (!maxDuration.ok) issues.push(...maxDuration.refusals)
  const onExpiry = parseOnExpiry(input, place)
  if (!onExpiry.ok) issues.push(...onExpiry.refusals)
  if (protocol === undefined || !sources.ok || !maxDuration.ok || !onExpiry.ok || issues.length > 0)
    return refused(...issues)
  const judged = { protocol, sources: sources.value, maxDuration: maxDuration.value, onExpiry: onExpiry.value }
  return ok({ number: input.number, ...judged, written: input })
}

export function invalidPort(number: number, place: string): Refusal {
  const got = String(number)
  return withFacts(refusal('InvalidPort', `a port is a whole number from 0 to 65535; got ${got}`, place), { got })
}

/** The wire's enum is extensible and the services write `Tcp` as well as `TCP`; case carries no meaning. */
function parseProtocol(text: string): Protocol | undefined {
  const upper = text.toUpperCase()
  return upper === 'TCP' || upper === 'UDP' || upper === '*' ? upper : undefined
}

function parseOnExpiry({ onExpiry }: PortRuleInput, place: string): Result<OnExpiry> {
  const known = ON_EXPIRY.find((each) => each === (onExpiry ?? 'keep').toLowerCase())
  if (known !== undefined) return ok(known)
  const message = `what becomes of who is connected at the end is keep, warn or cut; got ${quoted(onExpiry ?? '')}`
  return refused(refusal('InvalidOnExpiry', message, `${place}.onExpiry`))
}

function parseMaximum(input: PortRuleInput, place: string): Result<Millis> {
  const target = `${place}.maxRequestAccessDuration`
  const parsed = parseDuration(input.maxRequestAccessDuration)
  if (!parsed.ok) return refused(...placedAt(target, parsed.refusals))
  if (parsed.value >= SHORTEST_MAXIMUM && parsed.value <= LONGEST_MAXIMUM) return parsed
  const facts = { shortest: formatDuration(SHORTEST_MAXIMUM), longest: formatDuration(LONGEST_MAXIMUM) }
  const message = `a maximum lasts from ${facts.shortest} to ${facts.longest}; got ${quoted(input.maxRequestAccessDuration)}`
  const reason = refusal('InvalidMaxRequestAccessDuration', message, target)
  return refused(withFacts(reason, facts))
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
  return parseSources(texts, input, place)
}

function issuesOfRepeatedPorts(rules: readonly PortRuleInput[], place: string): Refusal[] {
  return repeats(rules.map(({ number }) => number)).map((index) => {
    const message = `port ${rules[index]?.number} is listed twice; list it once, with protocol * for both TCP and UDP`
    const port = rules[index]?.number ?? 0
    return withFacts(refusal('RepeatedPort', message, `${place}[${index}].number`), { port })
  })
}

function issuesOfRepeatedMachines(machines: readonly PolicyMachineInput[]): Refusal[] {
  return repeats(machines.map(({ id }) => id.toLowerCase())).map((index) => {
    const message = `${quoted(machines[index]?.id ?? '')} is listed twice; put all its ports in one entry`
    const reason = refusal('RepeatedMachine', message, `properties.virtualMachines[${index}].id`)
    return withFacts(reason, { machine: lastNameOf(machines[index]?.id ?? '') })
  })
}

/** What people call it, also when it is no id. */
function lastNameOf(id: string): string {
  return briefly(id.slice(id.lastIndexOf('/') + 1))
}

/** The places of values that came before. */
function repeats(values: readonly (string | number)[]): number[] {
  const seen = new Set<string | number>()
  return values.flatMap((value, index) => (seen.size === seen.add(value).size ? [index] : []))
}

export function machineIn(policy: PolicyBody, key: ResourceKey): PolicyMachine | undefined {
  return policy.machines.find((machine) => machine.key === key)
}

/** What a policy asks of a machine's enforcement points: the ports closed by default. */
export function shieldOf(policy: PolicyBody, machine: PolicyMachine): Shield {
  const ports = machine.ports.map(({ number, protocol, onExpiry }): ProtectedPort => {
    return { number, protocol, ...(onExpiry !== 'keep' && { onExpiry }) }
  })
  const { publicIpAddress } = machine
  return { machine: machine.id, policy: policy.name, ports, ...(publicIpAddress !== undefined && { publicIpAddress }) }
}
