import { describe, expect, it } from 'vitest'
import type { Snapshot } from '../../app/ports/clouds.ts'
import type { Machine } from '../../app/ports/inventory.ts'
import { resourceKey } from '../../domain/resource-id.ts'
import { aMachineId, SUBSCRIPTION } from '../../../test/support/builders.ts'
import { snapshotFrom } from './azure-snapshot.ts'
import { estateFrom } from './estate.ts'
import type { FirewallRow, GraphRows, GroupRow, InterfaceRow, MachineRow, SubnetRow } from './graph-rows.ts'

const NETWORK = `/subscriptions/${SUBSCRIPTION}/resourceGroups/default/providers/Microsoft.Network`
const WEB = aMachineId('web')
const NET = `${NETWORK}/virtualNetworks/net`
const ASG = `${NETWORK}/applicationSecurityGroups/web`
const nsg = (name: string): string => `${NETWORK}/networkSecurityGroups/${name}`

const machine: MachineRow = {
  id: WEB,
  type: 'microsoft.compute/virtualmachines',
  location: 'westeurope',
  vmId: 'one',
  os: 'Windows',
  power: 'PowerState/running',
  networkInterfaces: [{ id: `${NETWORK}/networkInterfaces/nic` }],
}
const nic: InterfaceRow = {
  id: `${NETWORK}/NetworkInterfaces/nic`,
  machine: WEB,
  group: nsg('nic'),
  ipConfigurations: [
    {
      properties: {
        privateIPAddress: '10.0.0.4',
        subnet: { id: `${NET}/subnets/front` },
        publicIPAddress: { id: `${NETWORK}/publicIPAddresses/ip` },
        applicationSecurityGroups: [{ id: ASG }],
      },
    },
    { properties: { privateIPAddress: 'fd00::4', subnet: { id: `${NET}/subnets/front` } } },
    { properties: {} },
  ],
}
const subnet: SubnetRow = {
  id: `${NET}/subnets/FRONT`,
  network: NET,
  prefixes: ['10.0.0.0/24'],
  group: '',
  routeTable: '',
}
const aGroup = (name: string, ...rules: readonly object[]): GroupRow => ({
  id: nsg(name),
  location: 'westeurope',
  flushConnection: null,
  rules,
})
const firewall: FirewallRow = {
  id: `${NETWORK}/azureFirewalls/fw`,
  location: 'westeurope',
  tier: 'Standard',
  kind: 'AZFW_VNet',
  policy: `${NETWORK}/firewallPolicies/corp`,
  hub: '',
  ipConfigurations: [
    {
      properties: {
        privateIPAddress: '10.0.255.4',
        subnet: { id: `${NET}/subnets/AzureFirewallSubnet` },
        publicIPAddress: { id: `${NETWORK}/publicIPAddresses/fw` },
      },
    },
  ],
  natRules: [],
  networkRules: [],
}

function read(rows: Partial<GraphRows> = {}): Snapshot {
  const usual: GraphRows = {
    machines: [machine],
    interfaces: [nic],
    subnets: [subnet],
    groups: [aGroup('nic'), aGroup('subnet')],
    addresses: [
      { id: `${NETWORK}/publicIPAddresses/ip`, address: '198.51.100.20' },
      { id: `${NETWORK}/publicIPAddresses/fw`, address: '198.51.100.1' },
    ],
    firewalls: [],
  }
  return snapshotFrom(estateFrom({ ...usual, ...rows }), { firewallPolicies: false })
}

function web(rows?: Partial<GraphRows>): Machine {
  const [found] = read(rows).machines
  if (found === undefined) throw new Error('no machine')
  return found
}

const bare = { ...nic, group: '' }
/** Without a public address of its own a firewall serves it. */
const inner = { ...bare, ipConfigurations: nic.ipConfigurations?.slice(1, 2) ?? [] }

describe('a machine in Azure', () => {
  it('has every address of its NICs, its power, and the security group of its NIC as enforcement point', () => {
    expect(web()).toMatchObject({
      key: resourceKey(WEB),
      os: 'Windows',
      power: 'running',
      vmId: 'one',
      privateAddresses: ['10.0.0.4', 'fd00::4'],
      publicAddresses: ['198.51.100.20'],
      points: [`azure:${nsg('nic').toLowerCase()}`],
    })
  })

  it('has the security group of its subnet too, whatever the case in which Azure writes ids', () => {
    const { points } = web({ subnets: [{ ...subnet, group: nsg('SUBNET') }] })
    expect(points).toEqual([nsg('nic'), nsg('subnet')].map((id) => `azure:${id.toLowerCase()}`))
  })

  it.each<[string, Partial<GraphRows>, string | undefined]>([
    ['is supported behind a security group', {}, undefined],
    ['is classic', { machines: [{ ...machine, type: 'microsoft.classiccompute/virtualmachines' }] }, 'ClassicMachine'],
    ['has no NIC', { machines: [{ ...machine, networkInterfaces: [] }] }, 'NoNetworkInterface'],
    ['has no security group', { interfaces: [bare] }, 'NoSecurityGroup'],
  ])('that %s is told so', (_title, rows, code) => {
    expect(web(rows).unsupported?.code).toBe(code)
  })

  it.each([
    ['PowerState/running', 'running'],
    ['PowerState/starting', 'running'],
    ['PowerState/deallocated', 'stopped'],
    ['PowerState/stopped', 'stopped'],
    ['', undefined],
  ] as const)('of which Azure says %j is %s', (power, expected) => {
    expect(web({ machines: [{ ...machine, power }] }).power).toBe(expected)
  })

  it('has another shape when anything changes that its rules are made from', () => {
    const shapes = [
      web(),
      web({ machines: [{ ...machine, vmId: 'two' }] }),
      web({ interfaces: [{ ...nic, group: nsg('other') }] }),
      web({ interfaces: [inner] }),
      web({ subnets: [{ ...subnet, group: nsg('subnet') }] }),
    ].map(({ shape }) => shape)
    expect(new Set(shapes).size).toBe(shapes.length)
    expect(web().shape).toBe(shapes[0])
  })

  it('is not there when its id is none, and the others are', () => {
    expect(read({ machines: [{ ...machine, id: 'nonsense' }, machine] }).machines).toHaveLength(1)
  })
})

describe('who gets in', () => {
  const allow = {
    access: 'Allow',
    direction: 'Inbound',
    protocol: 'Tcp',
    priority: 300,
    sourcePortRange: '*',
    destinationPortRange: '22',
  }
  const aRule = (name: string, more: object): object => ({
    name,
    properties: { ...allow, sourceAddressPrefix: '*', ...more },
  })
  const ports = [{ number: 22, protocol: 'TCP' }] as const
  const told = (rows: Partial<GraphRows>): string[] =>
    read(rows)
      .exposuresOf(resourceKey(WEB), ports)
      .map(
        ({ from, address, letIn, through }) =>
          `${from.join()} to ${address} by ${through.map(({ rule }) => rule).join(' and ')}${letIn === 'yes' ? '' : '?'}`,
      )

  it('only through the NIC that is in the application security group', () => {
    const more = { destinationApplicationSecurityGroups: [{ id: ASG.toLowerCase() }] }
    expect(told({ groups: [aGroup('nic', aRule('to-web', more))] })).toEqual(['* to 10.0.0.4 by to-web'])
  })

  it('is who both security groups let in', () => {
    const rows = {
      subnets: [{ ...subnet, group: nsg('subnet') }],
      groups: [
        aGroup('nic', aRule('all', { destinationAddressPrefix: '*' })),
        aGroup('subnet', aRule('office', { destinationAddressPrefix: '*', sourceAddressPrefix: '192.0.2.0/24' })),
      ],
    }
    expect(told(rows)).toEqual(['192.0.2.0/24 to 10.0.0.4 by office and all'])
  })

  it('is nobody when one of both lets nobody in', () => {
    const groups = [aGroup('nic', aRule('all', { destinationAddressPrefix: '*' })), aGroup('subnet')]
    expect(told({ subnets: [{ ...subnet, group: nsg('subnet') }], groups })).toEqual([])
  })

  it('is perhaps everybody where no security group stands', () => {
    expect(told({ interfaces: [bare] })[0]).toBe('* to 10.0.0.4 by no network security group?')
  })
})

describe('somebody should know', () => {
  it('when a security group before a machine cuts sessions', () => {
    const cutting = (name: string): GroupRow => ({ ...aGroup(name), flushConnection: true })
    expect(
      read({ groups: [cutting('nic'), cutting('unused')] }).warnings.map(({ code, target }) => [code, target]),
    ).toEqual([['SessionsAreCut', nsg('nic').toLowerCase()]])
  })

  it('when only a policy of a firewall could let anybody in', () => {
    const four = {
      ...bare,
      ipConfigurations: [{ properties: { privateIPAddress: '10.0.0.4', subnet: { id: `${NET}/subnets/front` } } }],
    }
    expect(web({ interfaces: [four], firewalls: [firewall] }).unsupported?.code).toBe('FirewallPolicy')
  })
})
