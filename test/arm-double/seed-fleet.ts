/**
 * A fleet such as people have: most machines with a security group of their own or a shared one, some with two network
 * interfaces, several addresses, IPv6, application security groups, a group on the subnet, none at all; some behind a
 * firewall with classic rules or one that a policy rules; a few classic machines. The same seed makes the same fleet.
 */
import { Random } from '../simulation/random.ts'
import type { ArmDouble } from './arm-double.ts'
import {
  asgId,
  azureFirewall,
  classicMachine,
  networkInterface,
  publicAddress,
  resourceAt,
  securityGroup,
  SUBSCRIPTION,
  virtualMachine,
  virtualNetwork,
  type IpConfiguration,
  type Rule,
  type Where,
} from './estate.ts'

export interface FleetWish {
  readonly machines: number
  readonly seed: number
  readonly subscription?: string
  readonly location?: string
}

/** Machines of one virtual network: a resource group, its subnets, perhaps a firewall. */
const PER_NETWORK = 50

export function seedFleet(double: ArmDouble, wish: FleetWish): void {
  const random = new Random(wish.seed)
  const { subscription = SUBSCRIPTION, location = 'westeurope' } = wish
  for (let first = 0; first < wish.machines; first += PER_NETWORK) {
    const index = first / PER_NETWORK
    const where = { subscription, location, group: `team-${index}` }
    const count = Math.min(PER_NETWORK, wish.machines - first)
    seedNetwork(double, {
      random,
      index,
      where,
      firewall: (['classic', 'none', 'policy', 'none'] as const)[index % 4] ?? 'none',
    })
    for (let number = 0; number < count; number += 1) seedMachine(double, { random, number, first, where, index })
    double.place(classicMachine(`old-${index}`, where))
  }
}

interface Network {
  readonly random: Random
  readonly index: number
  readonly where: Where
  readonly firewall: 'classic' | 'policy' | 'none'
}

function seedNetwork(double: ArmDouble, { random, index, where, firewall }: Network): void {
  const net = `10.${index % 250}`
  double.place(securityGroup('shared', someRules(random, where), where))
  double.place(securityGroup('front-subnet', someRules(random, where), where))
  double.place({ id: asgId('web', where), location: where.location ?? '', properties: {} })
  double.place(
    virtualNetwork(
      'net',
      [
        { name: 'front', prefix: `${net}.1.0/24`, nsg: 'front-subnet' },
        { name: 'back', prefix: `${net}.2.0/24` },
        { name: 'AzureFirewallSubnet', prefix: `${net}.255.0/26` },
      ],
      where,
    ),
  )
  if (firewall === 'none') return
  const policy = resourceAt('Microsoft.Network/firewallPolicies', 'policy', where)
  if (firewall === 'policy')
    double.place({
      id: policy,
      location: where.location ?? '',
      properties: { threatIntelMode: 'Alert', ruleCollectionGroups: [] },
    })
  for (const number of [1, 2])
    double.place(publicAddress(`firewall-${number}`, `198.51.${index % 250}.${number}`, where))
  double.place(
    azureFirewall(
      {
        name: 'firewall',
        network: 'net',
        publicIps: ['firewall-1', 'firewall-2'],
        privateIp: `${net}.255.4`,
        ...(firewall === 'policy' && { policy }),
      },
      where,
    ),
  )
}

interface Member {
  readonly random: Random
  readonly number: number
  readonly first: number
  readonly index: number
  readonly where: Where
}

function seedMachine(double: ArmDouble, { random, number, first, index, where }: Member): void {
  const name = `vm-${first + number}`
  const own = random.chance(0.4)
  if (own) double.place(securityGroup(`${name}-nsg`, someRules(random, where), where))
  const group = own ? { nsg: `${name}-nsg` } : random.chance(0.6) ? { nsg: 'shared' } : {}
  const nics = random.chance(0.12) ? 2 : 1
  const names = Array.from({ length: nics }, (_, nic) => `${name}-nic${nic}`)
  const hasPublic = random.chance(0.3)
  if (hasPublic) double.place(publicAddress(`${name}-ip`, `203.0.${index % 250}.${number + 1}`, where))
  names.forEach((nic, at) => {
    const subnet = ['net', at === 0 && random.chance(0.5) ? 'front' : 'back'] as const
    const addresses = addressesOf({
      random,
      index,
      number,
      at,
      ...(hasPublic && at === 0 && { publicIp: `${name}-ip` }),
    })
    double.place(
      networkInterface({ name: nic, subnet, ...group, addresses, machine: name, isPrimary: at === 0 }, where),
    )
  })
  const os = random.chance(0.35) ? 'Windows' : 'Linux'
  const power = random.chance(0.08) ? 'deallocated' : 'running'
  double.place(virtualMachine({ name, nics: names, os, power, vmId: random.uuid() }, where))
}

interface Place {
  readonly random: Random
  readonly index: number
  readonly number: number
  readonly at: number
  readonly publicIp?: string
}

function addressesOf({ random, index, number, at, publicIp }: Place): IpConfiguration[] {
  const host = 4 + number * 4 + at * 2
  const main = {
    privateIp: `10.${index % 250}.2.${host}`,
    ...(publicIp !== undefined && { publicIp }),
    ...(random.chance(0.2) && { asgs: ['web'] }),
  }
  const second = random.chance(0.08) ? [{ privateIp: `10.${index % 250}.2.${host + 1}` }] : []
  const six = random.chance(0.1) ? [{ privateIp: `fd00:${(index % 250).toString(16)}::${host.toString(16)}` }] : []
  return [main, ...second, ...six]
}

function someRules(random: Random, where: Where): Rule[] {
  const asg = [{ id: asgId('web', where) }]
  const kinds: readonly Omit<Rule, 'priority'>[] = [
    { name: 'ssh-from-anywhere', ports: '22' },
    { name: 'rdp-from-internet', ports: '3389', source: 'Internet' },
    { name: 'ssh-from-office', ports: '22', source: '198.51.100.0/24' },
    { name: 'web', ports: ['80', '443'] },
    { name: 'everything-inside', ports: '*', source: '10.0.0.0/8', protocol: '*' },
    { name: 'management', ports: ['22', '3389', '5985-5986'], source: '192.0.2.7' },
    { name: 'no-telnet', ports: '23', access: 'Deny', protocol: '*' },
    { name: 'monitoring', ports: '9100', source: 'AzureMonitor' },
    {
      name: 'to-the-web-group',
      ports: '22',
      more: { destinationAddressPrefix: undefined, destinationApplicationSecurityGroups: asg },
    },
  ]
  const chosen = kinds.filter(() => random.chance(0.35))
  const priorities = [100, 110, 300, 1000, 1001, 1002, 2000, 4095, 4096]
  return chosen.map((kind, index) => ({ ...kind, priority: priorities[index] ?? 3000 + index }))
}
