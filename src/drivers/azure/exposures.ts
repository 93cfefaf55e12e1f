/**
 * Who gets in to a machine, through the security group of the subnet and that of the NIC: a packet must pass both. Pure.
 */
import { admissions, meeting, type Admission, type Door } from '../../domain/admissions.ts'
import type { ProtectedPort } from '../../domain/desired.ts'
import { admitsEverybody } from '../../domain/effective.ts'
import type { GrantId } from '../../domain/hole.ts'
import { isOwned, markedGrant } from '../../domain/jit-rule.ts'
import { formatIpPrefix } from '../../domain/net.ts'
import type { Exposure, ExposingRule } from '../../domain/posture.ts'
import type { ResourceKey } from '../../domain/resource-id.ts'
import {
  formatRuleAddress,
  parseSecurityRule,
  type RuleAddress,
  type SecurityRule,
} from '../../domain/security-rule.ts'
import { pointOf } from './azure-points.ts'
import type { Estate, EstateAddress, EstateNic } from './estate.ts'
import type { GroupRow } from './graph-rows.ts'

/** None for a machine that is not in the estate. */
export function exposuresOf(estate: Estate, machine: ResourceKey, ports: readonly ProtectedPort[]): Exposure[] {
  const nics = estate.machines.get(machine)?.nics ?? []
  return nics.flatMap((nic) =>
    nic.addresses.flatMap((address) =>
      ports.flatMap((port) => protocolsOf(port).flatMap((protocol) => at(estate, { nic, address, port, protocol }))),
    ),
  )
}

interface Place {
  readonly nic: EstateNic
  readonly address: EstateAddress
  readonly port: ProtectedPort
  readonly protocol: 'TCP' | 'UDP'
}

function protocolsOf({ protocol }: ProtectedPort): readonly ('TCP' | 'UDP')[] {
  return protocol === '*' ? ['TCP', 'UDP'] : [protocol]
}

function at(estate: Estate, place: Place): Exposure[] {
  const { nic, address, port, protocol } = place
  const door = { address: address.address, groups: address.groups, port: port.number, protocol }
  const keys = [address.subnetGroup, nic.group].filter((key) => key !== undefined)
  if (keys.length === 0) return [unguarded(place)]
  const [outer = [], ...others] = keys.map((key) => waysThrough(estate, key, door))
  return others
    .reduce((ways, inner) => ways.flatMap((way) => inner.flatMap((next) => both(way, next))), outer)
    .map((way) => exposureOf(way, place))
}

interface Way {
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

function rulesOf(group: GroupRow): readonly SecurityRule[] {
  const known = understood.get(group)
  if (known !== undefined) return known
  const rules = (group.rules ?? []).flatMap((rule) => {
    const parsed = parseSecurityRule(rule, group.id)
    return parsed.ok ? [parsed.value] : []
  })
  understood.set(group, rules)
  return rules
}
