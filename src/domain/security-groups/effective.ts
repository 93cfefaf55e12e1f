/**
 * Is this packet let in? Rules are judged in the order of their priority and the first that matches decides, then the
 * six rules that every network security group ends with (three of them inbound). Where a rule names something only the
 * cloud can resolve, the answer is `maybe` unless a later rule would say the same.
 * Source: https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview
 */
import { prefixContains, sourceContains, type IpPrefix } from '../net.ts'
import { includesPort } from './port-range.ts'
import { isTag, type RuleAddress, type SecurityRule, type Tag } from './security-rule.ts'

/** Where a packet comes from, which its address alone does not tell. */
export type Origin = 'internet' | 'virtualNetwork' | 'loadBalancer'

export interface Packet {
  readonly origin: Origin
  /** One address each. */
  readonly source: IpPrefix
  readonly sourcePort: number
  readonly destination: IpPrefix
  /** The application security groups of the destination, lower case; undefined when nobody knows them. */
  readonly groups?: Groups
  readonly port: number
  readonly protocol: 'TCP' | 'UDP'
}

/** Ids of application security groups, lower case. */
export type Groups = ReadonlySet<string>

export interface Verdict {
  readonly letIn: 'yes' | 'no' | 'maybe'
  /** The rule that decides. */
  readonly by: string
}

type Match = 'yes' | 'no' | 'maybe'

export function effective(rules: readonly SecurityRule[], packet: Packet): Verdict {
  const inOrder = rules.filter((rule) => rule.direction === 'Inbound').sort((a, b) => a.priority - b.priority)
  const doubts: SecurityRule[] = []
  for (const rule of inOrder) {
    const match = matches(rule, packet)
    if (match === 'yes') return withDoubts(rule.access, rule.name, doubts)
    if (match === 'maybe') doubts.push(rule)
  }
  const [access, by] = DEFAULTS[packet.origin]
  return withDoubts(access, by, doubts)
}

const DEFAULTS: Readonly<Record<Origin, readonly ['Allow' | 'Deny', string]>> = {
  virtualNetwork: ['Allow', 'AllowVnetInBound'],
  loadBalancer: ['Allow', 'AllowAzureLoadBalancerInBound'],
  internet: ['Deny', 'DenyAllInBound'],
}

function withDoubts(access: 'Allow' | 'Deny', by: string, doubts: readonly SecurityRule[]): Verdict {
  const doubt = doubts.find((rule) => rule.access !== access)
  if (doubt !== undefined) return { letIn: 'maybe', by: doubt.name }
  return { letIn: access === 'Allow' ? 'yes' : 'no', by }
}

function matches(rule: SecurityRule, packet: Packet): Match {
  if (rule.protocol !== '*' && rule.protocol !== packet.protocol) return 'no'
  if (!includesPort(rule.destinationPorts, packet.port) || !includesPort(rule.sourcePorts, packet.sourcePort))
    return 'no'
  const source = best(rule.sources, (address) => sourceMatches(address, packet))
  const destination = best(rule.destinations, (address) =>
    destinationMatches(address, packet.destination, packet.groups),
  )
  if (source === 'no' || destination === 'no') return 'no'
  return source === 'yes' && destination === 'yes' ? 'yes' : 'maybe'
}

function best(addresses: readonly RuleAddress[], match: (address: RuleAddress) => Match): Match {
  const found = addresses.map(match)
  return found.includes('yes') ? 'yes' : found.includes('maybe') ? 'maybe' : 'no'
}

function sourceMatches(address: RuleAddress, { origin, source }: Packet): Match {
  if (!isTag(address)) return sourceContains(address, source) ? 'yes' : 'no'
  switch (address.tag.toLowerCase()) {
    case 'internet':
      return origin === 'internet' ? 'yes' : 'no'
    case 'virtualnetwork':
      return origin === 'virtualNetwork' ? 'yes' : 'no'
    case 'azureloadbalancer':
      return origin === 'loadBalancer' ? 'yes' : 'no'
    default:
      // The members of an application security group are machines of the virtual network.
      return isGroup(address) && origin !== 'virtualNetwork' ? 'no' : 'maybe'
  }
}

/** A guarded machine's private address is always inside its virtual network. */
export function destinationMatches(address: RuleAddress, destination: IpPrefix, groups?: Groups): Match {
  if (!isTag(address)) return address === '*' || prefixContains(address, destination) ? 'yes' : 'no'
  const tag = address.tag.toLowerCase()
  if (tag === 'virtualnetwork') return 'yes'
  if (!isGroup(address) || groups === undefined) return 'maybe'
  return groups.has(tag.slice(GROUP.length)) ? 'yes' : 'no'
}

/** How a rule that names an application security group is read. */
const GROUP = 'asg:'

function isGroup({ tag }: Tag): boolean {
  return tag.toLowerCase().startsWith(GROUP)
}

/** True if a rule lets everybody in: `*`, `Internet`, or prefixes that together are a whole address family. */
export function admitsEverybody(addresses: readonly RuleAddress[]): boolean {
  const everybody = (address: RuleAddress): boolean =>
    address === '*' || (isTag(address) && address.tag.toLowerCase() === 'internet')
  const prefixes = addresses.flatMap((address) => (address === '*' || isTag(address) ? [] : [address]))
  return addresses.some(everybody) || coversFamily(prefixes, 4) || coversFamily(prefixes, 6)
}

function coversFamily(prefixes: readonly IpPrefix[], family: 4 | 6): boolean {
  const width = family === 4 ? 32n : 128n
  const ranges = prefixes
    .filter((prefix) => prefix.family === family)
    .sort((a, b) => (a.bits < b.bits ? -1 : a.bits > b.bits ? 1 : 0))
  let reached = 0n
  for (const { bits, length } of ranges) {
    if (bits > reached) return false
    const end = bits + (1n << (width - BigInt(length)))
    if (end > reached) reached = end
  }
  return reached === 1n << width
}

export interface Destination {
  readonly addresses: readonly IpPrefix[]
  /** Undefined when nobody knows them. */
  readonly groups?: Groups
}

/** True if the rule may decide about packets to one of these addresses and ports; in doubt, yes. */
export function concerns(rule: SecurityRule, { addresses, groups }: Destination, ports: readonly number[]): boolean {
  if (rule.direction !== 'Inbound' || !['TCP', 'UDP', '*'].includes(rule.protocol)) return false
  if (!ports.some((port) => includesPort(rule.destinationPorts, port))) return false
  return addresses.some((address) => best(rule.destinations, (to) => destinationMatches(to, address, groups)) !== 'no')
}
