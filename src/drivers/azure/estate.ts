/**
 * Machines and what stands before them, put together from the rows of the resource graph. Pure. Everything is found by
 * its key, an id in lower case. A machine's security groups are those of its NICs and those of their subnets: a packet
 * must pass both.
 */
import { parseIpPrefix, type IpPrefix } from '../../domain/net.ts'
import type { GuardedMachine, GuardedNic } from '../../domain/security-groups/plan-rules.ts'
import {
  parseResourceId,
  resourceKey,
  resourceName,
  type ResourceId,
  type ResourceKey,
} from '../../domain/resource-id.ts'
import type {
  FirewallRow,
  GraphRows,
  GroupRow,
  InterfaceRow,
  IpConfigurationRow,
  MachineRow,
  SubnetRow,
} from './graph-rows.ts'

export interface EstateMachine {
  readonly id: ResourceId
  readonly key: ResourceKey
  readonly name: string
  readonly location: string
  readonly os: 'Linux' | 'Windows'
  readonly isClassic: boolean
  readonly vmId: string
  /** Undefined when Azure does not tell. */
  readonly power?: 'running' | 'stopped'
  readonly nics: readonly EstateNic[]
}

export interface EstateNic {
  readonly id: string
  readonly key: string
  readonly name: string
  /** The security group on the NIC itself. */
  readonly group?: ResourceKey
  readonly addresses: readonly EstateAddress[]
}

export interface EstateAddress {
  readonly address: IpPrefix
  readonly subnet: string
  /** The virtual network's key. */
  readonly network: string
  /** The security group on its subnet. */
  readonly subnetGroup?: ResourceKey
  readonly publicAddress?: string
  /** Keys of its application security groups. */
  readonly groups: ReadonlySet<string>
}

export interface Estate {
  /** By key. */
  readonly machines: ReadonlyMap<ResourceKey, EstateMachine>
  readonly groups: ReadonlyMap<ResourceKey, GroupRow>
  readonly firewalls: readonly FirewallRow[]
  readonly subnets: ReadonlyMap<string, SubnetRow>
  /** Addresses by the key of their resource. */
  readonly publicAddresses: ReadonlyMap<string, string>
  /** The machines that a security group filters. */
  readonly behind: ReadonlyMap<ResourceKey, readonly EstateMachine[]>
}

/** What an interface's row is read with. */
type Surroundings = Pick<Estate, 'subnets' | 'publicAddresses'>

export function estateFrom(rows: GraphRows): Estate {
  const around = {
    subnets: byKey(rows.subnets),
    publicAddresses: new Map(rows.addresses.map(({ id, address }) => [id.toLowerCase(), address])),
  }
  const interfaces = byKey(rows.interfaces)
  const machines = new Map<ResourceKey, EstateMachine>()
  for (const row of rows.machines) {
    const machine = machineFrom(row, interfaces, around)
    if (machine !== undefined) machines.set(machine.key, machine)
  }
  return {
    ...around,
    machines,
    groups: new Map(rows.groups.map((group) => [group.id.toLowerCase() as ResourceKey, group])), // an id of Azure's own
    firewalls: rows.firewalls,
    behind: behindGroups(machines.values()),
  }
}

/** The same estate after one of a machine's interfaces was read directly. */
export function withNic(estate: Estate, machine: EstateMachine, row: InterfaceRow): Estate {
  const nic = nicFrom(row, estate)
  const nics = machine.nics.map((one) => (one.key === nic.key ? nic : one))
  const machines = new Map(estate.machines).set(machine.key, { ...machine, nics })
  return { ...estate, machines, behind: behindGroups(machines.values()) }
}

/** With the rules of a security group as they were read directly: who gets in is told by what was seen last. */
export function withGroup(estate: Estate, key: ResourceKey, rules: readonly unknown[]): Estate {
  const row = estate.groups.get(key)
  return row === undefined ? estate : { ...estate, groups: new Map(estate.groups).set(key, { ...row, rules }) }
}

/** With a machine that was read directly, in the place of what was known of it. */
export function withMachine(estate: Estate, rows: Pick<GraphRows, 'machines' | 'interfaces'>): Estate {
  const interfaces = byKey(rows.interfaces)
  const read = rows.machines.flatMap((row) => machineFrom(row, interfaces, estate) ?? [])
  const machines = new Map([...estate.machines, ...read.map((machine) => [machine.key, machine] as const)])
  return { ...estate, machines, behind: behindGroups(machines.values()) }
}

export function withoutMachine(estate: Estate, key: ResourceKey): Estate {
  const machines = new Map(estate.machines)
  machines.delete(key)
  return { ...estate, machines, behind: behindGroups(machines.values()) }
}

/** Every security group that filters packets to the machine. */
export function groupsOf({ nics }: Pick<EstateMachine, 'nics'>): ResourceKey[] {
  const keys = nics.flatMap(({ group, addresses }) => [group, ...addresses.map(({ subnetGroup }) => subnetGroup)])
  return [...new Set(keys.filter((key) => key !== undefined))].sort()
}

/** The machine as a security group sees it: of each NIC, the addresses that it filters; `seenFrom` where a firewall stands before it. */
export function guardedBy(
  group: ResourceKey,
  { id, nics }: EstateMachine,
  seenFrom: readonly IpPrefix[] | undefined,
): GuardedMachine {
  return {
    id,
    nics: nics.flatMap((nic) => guardedNic(group, nic)),
    ...(seenFrom === undefined ? {} : { seenFrom }),
  }
}

function guardedNic(group: ResourceKey, { name, group: own, addresses }: EstateNic): GuardedNic[] {
  const filtered = addresses.filter(({ subnetGroup }) => own === group || subnetGroup === group)
  if (filtered.length === 0) return []
  const groups = new Set(filtered.flatMap((one) => [...one.groups]))
  return [{ name, addresses: filtered.map(({ address }) => address), groups }]
}

/** Undefined for a row without a proper id, which nobody could ask for. */
function machineFrom(
  row: MachineRow,
  interfaces: ReadonlyMap<string, InterfaceRow>,
  around: Surroundings,
): EstateMachine | undefined {
  const id = parseResourceId(row.id)
  if (!id.ok) return undefined
  const power = powerOf(row.power)
  return {
    id: id.value,
    key: resourceKey(id.value),
    name: resourceName(id.value),
    location: row.location,
    os: row.os.toLowerCase() === 'windows' ? 'Windows' : 'Linux',
    isClassic: row.type.toLowerCase().startsWith('microsoft.classiccompute/'),
    vmId: row.vmId,
    ...(power === undefined ? {} : { power }),
    nics: (row.networkInterfaces ?? []).flatMap(({ id: nic = '' }) => {
      const found = interfaces.get(nic.toLowerCase())
      return found === undefined ? [] : [nicFrom(found, around)]
    }),
  }
}

/** `PowerState/deallocated` and `PowerState/stopped` are off; on the way up or down it may be reached. */
function powerOf(code: string): EstateMachine['power'] {
  const [, word] = /^PowerState\/(\w+)$/i.exec(code) ?? []
  if (word === undefined) return undefined
  return ['deallocated', 'stopped'].includes(word.toLowerCase()) ? 'stopped' : 'running'
}

export function nicFrom(row: InterfaceRow, around: Surroundings): EstateNic {
  const key = row.id.toLowerCase()
  return {
    id: row.id,
    key,
    name: key.slice(key.lastIndexOf('/') + 1),
    ...(row.group === '' ? {} : { group: row.group.toLowerCase() as ResourceKey }), // an id of Azure's own
    addresses: (row.ipConfigurations ?? []).flatMap((configuration) => addressFrom(configuration, around)),
  }
}

/** None for a configuration that has no address yet. */
function addressFrom({ properties = {} }: IpConfigurationRow, around: Surroundings): EstateAddress[] {
  const address = parseIpPrefix(properties.privateIPAddress ?? '')
  if (!address.ok) return []
  const subnet = properties.subnet?.id?.toLowerCase() ?? ''
  const row = around.subnets.get(subnet)
  const publicAddress = around.publicAddresses.get(properties.publicIPAddress?.id?.toLowerCase() ?? '')
  const groups = (properties.applicationSecurityGroups ?? []).flatMap(({ id }) => id?.toLowerCase() ?? [])
  return [
    {
      address: address.value,
      subnet,
      network: subnet.replace(/\/subnets\/[^/]*$/, ''),
      ...(row === undefined || row.group === '' ? {} : { subnetGroup: row.group.toLowerCase() as ResourceKey }), // as above
      ...(publicAddress === undefined || publicAddress === '' ? {} : { publicAddress }),
      groups: new Set(groups),
    },
  ]
}

function behindGroups(machines: Iterable<EstateMachine>): Map<ResourceKey, EstateMachine[]> {
  const behind = new Map<ResourceKey, EstateMachine[]>()
  for (const machine of machines) {
    for (const group of groupsOf(machine)) {
      const others = behind.get(group)
      if (others === undefined) behind.set(group, [machine])
      else others.push(machine)
    }
  }
  return behind
}

function byKey<T extends { readonly id: string }>(rows: readonly T[]): Map<string, T> {
  return new Map(rows.map((row) => [row.id.toLowerCase(), row]))
}
