/**
 * Who gets in to a machine, through the security group of the subnet and that of the NIC: a packet must pass both; and who
 * comes through the firewall before it. Pure.
 */
import { admissions, meeting, type Admission, type Door } from '../../domain/security-groups/admissions.ts'
import type { AzureSettings } from '../../domain/clouds/connection.ts'
import type { ProtectedPort } from '../../domain/access/desired.ts'
import { admitsEverybody } from '../../domain/security-groups/effective.ts'
import type { GrantId } from '../../domain/access/hole.ts'
import { isOwned, markedGrant } from '../../domain/security-groups/jit-rule.ts'
import { formatIpPrefix } from '../../domain/net.ts'
import type { Exposure, ExposingRule } from '../../domain/posture.ts'
import type { ResourceKey } from '../../domain/resource-id.ts'
import {
  formatRuleAddress,
  parseSecurityRule,
  type RuleAddress,
  type SecurityRule,
} from '../../domain/security-groups/security-rule.ts'
import { pointOf } from './azure-points.ts'
import type { Estate, EstateAddress, EstateNic } from './estate.ts'
import { behindFirewall, waysThroughFirewall } from './firewall-exposures.ts'
import { firewallServing, seenFromFirewall } from './firewall-serving.ts'
import type { FirewallRow, GroupRow } from './graph-rows.ts'

/** None for a machine that is not in the estate. */
export function exposuresOf(estate: Estate, { machine: key, ports, settings }: ExposureQuestion): Exposure[] {
  const machine = estate.machines.get(key)
  if (machine === undefined) return []
  const firewall = firewallServing(estate, machine, settings)
  return machine.nics.flatMap((nic) =>
    nic.addresses.flatMap((address) =>
      ports.flatMap((port) =>
        protocolsOf(port).flatMap((protocol) => at(estate, { nic, address, port, protocol, firewall })),
      ),
    ),
  )
}

export interface ExposureQuestion {
  readonly machine: ResourceKey
  readonly ports: readonly ProtectedPort[]
  readonly settings: Pick<AzureSettings, 'firewallPolicies'>
}

export interface Place {
  readonly nic: EstateNic
  readonly address: EstateAddress
  readonly port: ProtectedPort
  readonly protocol: 'TCP' | 'UDP'
  readonly firewall: FirewallRow | undefined
}

function protocolsOf({ protocol }: ProtectedPort): readonly ('TCP' | 'UDP')[] {
  return protocol === '*' ? ['TCP', 'UDP'] : [protocol]
}

function at(estate: Estate, place: Place): Exposure[] {
  const { nic, address, port, protocol } = place
  const door = { address: address.address, groups: address.groups, port: port.number, protocol }
  const keys = [address.subnetGroup, nic.group].filter((key) => key !== undefined)
  if (keys.length === 0) return place.firewall === undefined ? [unguarded(place)] : translated(estate, place, undefined)
  const [outer = [], ...others] = keys.map((key) => waysThrough(estate, key, door))
  const ways = others.reduce((all, inner) => all.flatMap((way) => inner.flatMap((next) => both(way, next))), outer)
  return [...ways.map((way) => exposureOf(way, place)), ...translated(estate, place, ways)]
}

/** Without security groups the firewall alone decides. */
function translated(estate: Estate, place: Place, inner: readonly Way[] | undefined): Exposure[] {
  const { firewall } = place
  if (firewall === undefined) return []
  const seenFrom = seenFromFirewall(estate, firewall)
  return waysThroughFirewall(firewall, place)
    .map((way) => (inner === undefined ? way : behindFirewall(way, inner, seenFrom)))
    .filter((way) => way !== undefined)
    .map((way) => ({ ...exposureOf(way, place), publicAddress: way.publicAddress }))
}

export interface Way {
  readonly from: RuleAddress
  readonly letIn: 'yes' | 'maybe'
  readonly through: readonly ExposingRule[]
  readonly grants: readonly GrantId[]
  /** Whether every rule on the way is a hole of ours. */
  readonly isHole: boolean
}

function waysThrough(estate: Estate, key: ResourceKey, door: Door): Way[] {
  const group = estate.groups.get(key)
  return group === undefined ? [] : admissions(rulesOf(group), door).map((admission) => wayOf(admission, key))
}

function wayOf({ rule, from, letIn }: Admission, group: ResourceKey): Way {
  const grant = isOwned(rule) ? markedGrant(rule.description) : undefined
  return {
    // Two halves of the internet in one rule are the internet.
    from: admitsEverybody(rule.sources) ? '*' : from,
    letIn,
    through: [
      {
        rule: rule.name,
        priority: rule.priority,
        of: `NSG ${group.slice(group.lastIndexOf('/') + 1)}`,
        point: pointOf(group),
      },
    ],
    // A rule tells its grant by the beginning of a digest, which is all that can be known from the cloud.
    grants: grant === undefined ? [] : [grant as GrantId],
    isHole: grant !== undefined,
  }
}

function both(outer: Way, inner: Way): Way[] {
  const met = meeting(outer.from, inner.from)
  if (met === undefined) return []
  const isHole = outer.isHole || inner.isHole
  return [
    {
      from: met.from,
      letIn: outer.letIn === 'yes' && inner.letIn === 'yes' ? met.letIn : 'maybe',
      through: [...outer.through, ...inner.through],
      grants: isHole ? [...new Set([...outer.grants, ...inner.grants])] : [],
      isHole,
    },
  ]
}

function exposureOf({ from, letIn, through, grants }: Way, { address, port, protocol }: Place): Exposure {
  return {
    port: port.number,
    protocol,
    breadth: admitsEverybody([from]) ? 'everybody' : 'some',
    from: [formatRuleAddress(from)],
    letIn,
    address: formatIpPrefix(address.address),
    ...(address.publicAddress === undefined ? {} : { publicAddress: address.publicAddress }),
    through,
    grants,
  }
}

/** Without any security group an address is open, unless its public address is of the kind that is closed by default. */
function unguarded(place: Place): Exposure {
  const through = [{ rule: 'no network security group', of: `NIC ${place.nic.name}` }]
  return exposureOf({ from: '*', letIn: 'maybe', through, grants: [], isHole: false }, place)
}

/** Rules are understood when they are first asked for, and remembered with the row that they came in. */
const understood = new WeakMap<GroupRow, readonly SecurityRule[]>()

export function rulesOf(group: GroupRow): readonly SecurityRule[] {
  const known = understood.get(group)
  if (known !== undefined) return known
  const rules = (group.rules ?? []).flatMap((rule) => {
    const parsed = parseSecurityRule(rule, group.id)
    return parsed.ok ? [parsed.value] : []
  })
  understood.set(group, rules)
  return rules
}
