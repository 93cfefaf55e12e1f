/**
 * The simulated ground: a few machines, two security groups that share one of them, one host that closes by itself, and
 * what strangers wrote into the groups.
 */
import type { Driver } from '../../src/app/ports/driver.ts'
import type { Inventory, PointId } from '../../src/app/ports/inventory.ts'
import { isOwned } from '../../src/domain/security-groups/jit-rule.ts'
import { resourceKey, type ResourceId } from '../../src/domain/resource-id.ts'
import { parseSecurityRule, withPriority, type SecurityRule } from '../../src/domain/security-groups/security-rule.ts'
import { parseFleet, type Fleet } from '../../src/drivers/memory/fleet.ts'
import { memoryDriver } from '../../src/drivers/memory/memory-driver.ts'
import { fleetInventory } from '../../src/drivers/memory/fleet-inventory.ts'
import { MemoryHosts, pointOfHost } from '../support/host-driver.ts'
import { pointOfGroup, SecurityGroups } from '../../src/drivers/memory/security-groups.ts'
import { aMachineId, valueOf } from '../support/builders.ts'
import { azureCloud, type Groups, type Lifetime } from './azure-cloud.ts'
import type { Random } from './random.ts'
import { vpcCloud, type VpcCloud } from './vpc-cloud.ts'

const WEB = aMachineId('web')
const DB = aMachineId('db')
const CACHE = aMachineId('cache')
export const HOST = aMachineId('host', { type: 'Microsoft.HybridCompute/machines' })
const MACHINES: readonly ResourceId[] = [WEB, DB, CACHE, HOST]
export const HOST_POINT = pointOfHost(resourceKey(HOST))

export interface Cloud {
  readonly fleet: Fleet
  readonly inventory: Inventory
  readonly where: Where
  readonly groups: Groups
  /** The driver of the security groups, in a process of its own. */
  readonly groupDriver: (life: Lifetime) => Driver
  readonly groupPoints: readonly PointId[]
  /** A VPC of AWS, in lives that have one. */
  readonly vpc?: VpcCloud
  /** Every machine that policies may name. */
  readonly machines: readonly ResourceId[]
  readonly hosts: MemoryHosts
  /** What strangers wrote, by group and name, with the priority they gave it. */
  readonly foreign: ReadonlyMap<PointId, Map<string, SecurityRule>>
  /** Groups where strangers changed the order: their rules' numbers need not come back exactly. */
  readonly reordered: Set<PointId>
  /** Whether strangers do that at all in this life. */
  readonly renumbering: boolean
}

export type Where = 'memory' | 'azure' | 'aws'

export function buildCloud(random: Random, now: () => number, where: Where): Cloud {
  const rules = { front: strangersRules(random, where), back: strangersRules(random, where) }
  const nic = (privateIp: string, name: 'front' | 'back'): object => ({
    privateIp,
    nsg: { name, securityRules: rules[name].map(({ written }) => written) },
  })
  const machine = (id: ResourceId, ...nics: object[]): object => ({ id, location: 'here', os: 'Linux', nics })
  const fleet = valueOf(
    parseFleet([
      machine(WEB, nic('10.0.0.4', 'front'), nic('10.1.0.4', 'back')),
      machine(DB, nic('10.0.0.5', 'front')),
      machine(CACHE, nic('10.1.0.6', 'back')),
    ]),
  )
  const groupPoints = fleet.groups.map(({ key }) => pointOfGroup(key))
  const { groups, groupDriver } = where === 'azure' ? inAzure(fleet, now) : inMemory(fleet)
  const vpc = where === 'aws' ? vpcCloud(random, { now }) : undefined
  return {
    fleet,
    inventory: withHost(fleetInventory(fleet), vpc),
    ...(vpc === undefined ? {} : { vpc }),
    machines: [...MACHINES, ...(vpc?.machines ?? []).map(({ id }) => id)],
    where,
    groups,
    groupDriver,
    groupPoints,
    hosts: new MemoryHosts({ now }),
    foreign: new Map(
      fleet.groups.map((group) => [pointOfGroup(group.key), new Map(group.rules.map((rule) => [rule.name, rule]))]),
    ),
    reordered: new Set(),
    renumbering: random.chance(0.4),
  }
}

/** Every enforcement point. */
export function pointsOf({ groupPoints, vpc }: Cloud): PointId[] {
  return [...groupPoints, HOST_POINT, ...(vpc === undefined ? [] : [vpc.point])]
}

function inMemory(fleet: Fleet): Pick<Cloud, 'groups' | 'groupDriver'> {
  const groups = new SecurityGroups(fleet.groups)
  return { groups, groupDriver: () => memoryDriver(fleet, groups) }
}

function inAzure(fleet: Fleet, now: () => number): Pick<Cloud, 'groups' | 'groupDriver'> {
  const { groups, driverIn } = azureCloud(fleet, now)
  return { groups, groupDriver: driverIn }
}

function withHost(inventory: Inventory, vpc: VpcCloud | undefined): Inventory {
  const key = resourceKey(HOST)
  const host = {
    id: HOST,
    key,
    name: 'host',
    location: 'here',
    os: 'Linux',
    privateAddresses: ['10.2.0.4'],
    publicAddresses: [],
    points: [HOST_POINT],
  } as const
  const more = [host, ...(vpc?.machines ?? [])]
  return {
    find: (asked) => more.find((machine) => machine.key === asked) ?? inventory.find(asked),
    list: () => [...inventory.list(), ...more].sort((a, b) => (a.key < b.key ? -1 : 1)),
    behind: (point) => (point === HOST_POINT ? [host] : point === vpc?.point ? vpc.machines : inventory.behind(point)),
  }
}

function strangersRules(random: Random, where: Where): SecurityRule[] {
  const priorities = new Set(
    Array.from({ length: random.int(5) }, () => random.pick([100, 101, 300, 1000, 1001, 1002, 4095, 4096])),
  )
  return [...priorities].map((priority, index) => strangersRule({ random, where }, `stranger-${index}`, priority))
}

function strangersRule(
  { random, where }: { random: Random; where: Where },
  name: string,
  priority: number,
): SecurityRule {
  const properties = {
    priority,
    direction: 'Inbound',
    access: random.chance(0.2) ? 'Deny' : 'Allow',
    protocol: random.pick(['Tcp', '*']),
    sourceAddressPrefix: random.pick(['*', 'Internet', '198.51.100.0/24', '203.0.113.0/24']),
    sourcePortRange: '*',
    destinationAddressPrefix: random.pick(['*', '10.0.0.4', '10.1.0.0/16']),
    destinationPortRange: random.pick(['22', '22-25', '80', '*']),
    // Azure refuses what it does not know; a fleet may carry it.
    [where === 'azure' ? 'description' : 'somethingUnknown']: String(random.int(1_000)),
  }
  return valueOf(parseSecurityRule({ name, properties }, name))
}

const TAMPERING = ['edit', 'delete', 'delete ours', 'widen ours', 'strip our mark'] as const
const RENUMBERING = ['add', 'renumber'] as const

/** A stranger changes a group behind our back, and a record is kept of what is theirs. Says what was done. */
export function disturb(cloud: Cloud, random: Random): { point: PointId; what: string } {
  const { vpc } = cloud
  if (vpc !== undefined && random.chance(0.5)) return { point: vpc.point, what: vpc.disturb(random) }
  const point = random.pick(cloud.groupPoints)
  const group = cloud.groups.get(point)
  const mine = cloud.foreign.get(point)
  if (group === undefined || mine === undefined) throw new Error(`no group at ${point}`)
  const owned = group.rules.filter(isOwned)
  const theirs = group.rules.filter((rule) => !isOwned(rule))
  const what = random.pick([...TAMPERING, ...(cloud.renumbering ? RENUMBERING : [])])
  const change = (next: (rules: readonly SecurityRule[]) => readonly SecurityRule[]): void =>
    cloud.groups.edit(point, next)
  if (what === 'add') {
    const rule = strangersRule(
      { random, where: cloud.where },
      `late-${random.int(1_000_000)}`,
      freePriority(cloud, point, random),
    )
    mine.set(rule.name, rule)
    cloud.reordered.add(point)
    change((rules) => [...rules, rule])
  } else if (what.includes('our') && owned.length > 0) {
    const victim = random.pick(owned)
    change((rules) => rules.flatMap((rule) => (rule === victim ? tampered(rule, what) : [rule])))
  } else if (theirs.length > 0) {
    changeTheirs(cloud, point, { random, what, rule: random.pick(theirs), mine })
  }
  return { point, what }
}

function tampered(rule: SecurityRule, what: string): SecurityRule[] {
  if (what === 'delete ours') return []
  const patch = what === 'widen ours' ? { sourceAddressPrefix: '*' } : { description: '' }
  const { written } = rule
  return [valueOf(parseSecurityRule({ ...written, properties: { ...written.properties, ...patch } }, rule.name))]
}

function changeTheirs(
  cloud: Cloud,
  point: PointId,
  { random, what, rule, mine }: { random: Random; what: string; rule: SecurityRule; mine: Map<string, SecurityRule> },
): void {
  const original = mine.get(rule.name)?.priority ?? rule.priority
  if (what === 'delete') {
    mine.delete(rule.name)
    cloud.groups.edit(point, (rules) => rules.filter((other) => other !== rule))
    return
  }
  const number = what === 'renumber' ? freePriority(cloud, point, random) : rule.priority
  if (what === 'renumber') cloud.reordered.add(point)
  const edited = strangersRule({ random, where: cloud.where }, rule.name, number)
  mine.set(rule.name, withPriority(edited, what === 'renumber' ? number : original))
  cloud.groups.edit(point, (rules) => rules.map((other) => (other === rule ? edited : other)))
}

/** Free now, and nobody's number before we moved things. */
function freePriority(cloud: Cloud, point: PointId, random: Random): number {
  const used = new Set([
    ...(cloud.groups.get(point)?.rules.map(({ priority }) => priority) ?? []),
    ...[...(cloud.foreign.get(point)?.values() ?? [])].map(({ priority }) => priority),
  ])
  for (;;) {
    const number = random.pick([
      110 + random.int(80),
      250 + random.int(50),
      990 + random.int(20),
      4000 + random.int(97),
    ])
    if (!used.has(number)) return number
  }
}
