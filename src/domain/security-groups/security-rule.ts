/**
 * One rule of a network security group: Azure Resource Manager's text on one side, what a judgement needs on the other.
 * The text is kept whole ({@link SecurityRule.written}), so that whatever this program does not know survives a rewrite.
 * What cannot be understood exactly (service tags, application security groups) is kept as a tag, never dropped.
 */
import { formatSource, parseSource, type Source } from '../net.ts'
import { ANY_PORT, formatPortRange, parsePortRange, type PortRange } from './port-range.ts'
import { ok, refusal, refused, type Refusal, type Result } from '../refusal.ts'

/** The wire's shape, with whatever else it carries. */
export interface ArmSecurityRule {
  readonly name: string
  readonly properties: Readonly<Record<string, unknown>>
  readonly [member: string]: unknown
}

/** `Internet`, `VirtualNetwork`, `Storage.WestEurope`, or `asg:<id>`. Compared without case. */
export interface Tag {
  readonly tag: string
}

export type RuleAddress = Source | Tag

export interface SecurityRule {
  readonly name: string
  readonly description: string
  /** 100–4096; the smallest number is judged first. Unique within a direction. */
  readonly priority: number
  readonly direction: 'Inbound' | 'Outbound'
  readonly access: 'Allow' | 'Deny'
  /** Upper case: `TCP`, `UDP`, `*`, or one without ports such as `ICMP`. */
  readonly protocol: string
  readonly sources: readonly RuleAddress[]
  readonly sourcePorts: readonly PortRange[]
  readonly destinations: readonly RuleAddress[]
  readonly destinationPorts: readonly PortRange[]
  readonly written: ArmSecurityRule
}

export const FIRST_PRIORITY = 100
export const LAST_PRIORITY = 4096

export function isTag(address: RuleAddress): address is Tag {
  return address !== '*' && 'tag' in address
}

/** Parses to a rule, or to all its issues with their places. */
export function parseSecurityRule(input: unknown, place: string): Result<SecurityRule> {
  if (!isRecord(input)) return wrong(place, 'a rule is an object', input)
  const name = input['name']
  const properties = input['properties']
  const issues: Refusal[] = []
  if (typeof name !== 'string' || name === '') issues.push(...issue(`${place}.name`, 'a rule has a name', name))
  if (!isRecord(properties))
    return refused(...issues, ...issue(`${place}.properties`, 'a rule has properties', properties))
  const parsed = parseProperties(properties, `${place}.properties`)
  if (!parsed.ok) issues.push(...parsed.refusals)
  if (typeof name !== 'string' || !parsed.ok || issues.length > 0) return refused(...issues)
  return ok({ name, ...parsed.value, written: { ...input, name, properties } })
}

/** The same rule at another place in the order; nothing else of it changes. */
export function withPriority(rule: SecurityRule, priority: number): SecurityRule {
  const written = { ...rule.written, properties: { ...rule.written.properties, priority } }
  return { ...rule, priority, written }
}

/** What a rule does and says, apart from its place in the order: equal texts are the same rule. */
export function fingerprint(rule: SecurityRule): string {
  const { description, direction, access, protocol } = rule
  const ports = (ranges: readonly PortRange[]): string[] => ranges.map(formatPortRange).sort()
  const places = (addresses: readonly RuleAddress[]): string[] => addresses.map(formatRuleAddress).sort()
  const from = [places(rule.sources), ports(rule.sourcePorts)]
  const to = [places(rule.destinations), ports(rule.destinationPorts)]
  return JSON.stringify([description, direction, access, protocol, from, to])
}

export function formatRuleAddress(address: RuleAddress): string {
  return isTag(address) ? address.tag.toLowerCase() : formatSource(address)
}

type Parsed = Omit<SecurityRule, 'name' | 'written'>

function parseProperties(given: Readonly<Record<string, unknown>>, place: string): Result<Parsed> {
  const description = given['description'] ?? ''
  const priority = given['priority']
  const direction = oneOf(given['direction'], ['Inbound', 'Outbound'] as const)
  const access = oneOf(given['access'], ['Allow', 'Deny'] as const)
  const protocol = given['protocol']
  const issues: Refusal[] = []
  if (typeof description !== 'string')
    issues.push(...issue(`${place}.description`, 'a description is text', description))
  if (!isPriority(priority))
    issues.push(...issue(`${place}.priority`, 'a priority is a whole number from 100 to 4096', priority))
  if (direction === undefined)
    issues.push(...issue(`${place}.direction`, 'a direction is Inbound or Outbound', given['direction']))
  if (access === undefined) issues.push(...issue(`${place}.access`, 'access is Allow or Deny', given['access']))
  if (typeof protocol !== 'string' || protocol === '')
    issues.push(...issue(`${place}.protocol`, 'a protocol is Tcp, Udp, Icmp, Esp, Ah or *', protocol))
  const lists = parseLists(given, place)
  if (!lists.ok) issues.push(...lists.refusals)
  if (
    typeof description !== 'string' ||
    !isPriority(priority) ||
    direction === undefined ||
    access === undefined ||
    typeof protocol !== 'string' ||
    !lists.ok ||
    issues.length > 0
  )
    return refused(...issues)
  return ok({ description, priority, direction, access, protocol: protocol.toUpperCase(), ...lists.value })
}

type Lists = Pick<SecurityRule, 'sources' | 'sourcePorts' | 'destinations' | 'destinationPorts'>

function parseLists(given: Readonly<Record<string, unknown>>, place: string): Result<Lists> {
  const sources = addressesOf(given, 'source', place)
  const destinations = addressesOf(given, 'destination', place)
  const sourcePorts = portsOf(given, 'source', place)
  const destinationPorts = portsOf(given, 'destination', place)
  if (sources.ok && destinations.ok && sourcePorts.ok && destinationPorts.ok) {
    return ok({
      sources: sources.value,
      sourcePorts: sourcePorts.value,
      destinations: destinations.value,
      destinationPorts: destinationPorts.value,
    })
  }
  return refused(
    ...[sources, destinations, sourcePorts, destinationPorts].flatMap((list) => (list.ok ? [] : list.refusals)),
  )
}

/** One prefix, a list of prefixes and application security groups may stand side by side; Azure sends empty lists. */
function addressesOf(given: Readonly<Record<string, unknown>>, side: string, place: string): Result<RuleAddress[]> {
  const texts = textsOf(given, `${side}AddressPrefix`, `${side}AddressPrefixes`, place)
  if (!texts.ok) return texts
  const groups = given[`${side}ApplicationSecurityGroups`]
  const tags = Array.isArray(groups) ? groups.map(groupTag) : []
  const addresses = [...texts.value.map(ruleAddress), ...tags]
  if (addresses.length > 0) return ok(addresses)
  return wrong(`${place}.${side}AddressPrefix`, "name an address, a CIDR prefix, a service tag or '*'", undefined)
}

function groupTag(group: unknown): Tag {
  return { tag: `asg:${isRecord(group) ? String(group['id']) : String(group)}` }
}

/** What is not an address is a service tag: an open list that grows without notice. */
function ruleAddress(text: string): RuleAddress {
  if (text.toLowerCase() === 'any') return '*'
  const parsed = parseSource(text)
  return parsed.ok ? parsed.value : { tag: text }
}

/** A rule without ports is one of a protocol without ports; Azure writes `*` there. */
function portsOf(given: Readonly<Record<string, unknown>>, side: string, place: string): Result<PortRange[]> {
  const texts = textsOf(given, `${side}PortRange`, `${side}PortRanges`, place)
  if (!texts.ok) return texts
  if (texts.value.length === 0) return ok([ANY_PORT])
  const parsed = texts.value.map(parsePortRange)
  const issues = parsed.flatMap((range) => (range.ok ? [] : range.refusals))
  if (issues.length > 0) return refused(...issues.map((reason) => ({ ...reason, target: `${place}.${side}PortRange` })))
  return ok(parsed.flatMap((range) => (range.ok ? [range.value] : [])))
}

function textsOf(given: Readonly<Record<string, unknown>>, one: string, many: string, place: string): Result<string[]> {
  const single = given[one] ?? undefined
  const list = given[many] ?? []
  if (single !== undefined && typeof single !== 'string') return wrong(`${place}.${one}`, 'expected text', single)
  if (!Array.isArray(list) || !list.every((item) => typeof item === 'string'))
    return wrong(`${place}.${many}`, 'expected a list of texts', list)
  return ok(single === undefined || single === '' ? list : [single, ...list])
}

function oneOf<T extends string>(given: unknown, words: readonly T[]): T | undefined {
  return words.find((word) => typeof given === 'string' && word.toLowerCase() === given.toLowerCase())
}

function isPriority(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= FIRST_PRIORITY && value <= LAST_PRIORITY
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function issue(target: string, expected: string, got: unknown): Refusal[] {
  return [refusal('InvalidSecurityRule', `${expected}; got ${JSON.stringify(got) ?? 'nothing'}`, target)]
}

function wrong(target: string, expected: string, got: unknown): Result<never> {
  return refused(...issue(target, expected, got))
}
