/** Builders for things to place in the double: each returns the resource as Azure would keep it, with sound defaults. */
import type { Placed } from './arm-double.ts'
import type { Program } from './directory.ts'
import type { Json } from './wire.ts'

export const TENANT = '72f988bf-0000-4000-8000-2d7cd011db47'
export const SUBSCRIPTION = '11111111-2222-4333-8444-555555555555'
export const OTHER_SUBSCRIPTION = '66666666-7777-4888-8999-000000000000'

/** Owner of everything, with every way to sign in but a certificate. */
export const OWNER: Program = {
  tenant: TENANT,
  clientId: 'aaaaaaaa-0000-4000-8000-000000000001',
  objectId: 'bbbbbbbb-0000-4000-8000-000000000001',
  secret: 'a-secret-of-the-double',
  federated: {
    issuer: 'https://token.actions.githubusercontent.com',
    subject: 'repo:example/sallyport:ref:refs/heads/main',
  },
  isManaged: true,
  assignments: [{ scope: '/', role: { actions: ['*'], notActions: [] } }],
}

export interface Where {
  readonly subscription?: string
  readonly group?: string
  readonly location?: string
}

export function resourceAt(
  type: string,
  name: string,
  { subscription = SUBSCRIPTION, group = 'shop' }: Where = {},
): string {
  return `/subscriptions/${subscription}/resourceGroups/${group}/providers/${type}/${name}`
}

export const vmId = (name: string, where?: Where): string =>
  resourceAt('Microsoft.Compute/virtualMachines', name, where)
const nicId = (name: string, where?: Where): string => resourceAt('Microsoft.Network/networkInterfaces', name, where)
export const nsgId = (name: string, where?: Where): string =>
  resourceAt('Microsoft.Network/networkSecurityGroups', name, where)
const vnetId = (name: string, where?: Where): string => resourceAt('Microsoft.Network/virtualNetworks', name, where)
const publicIpId = (name: string, where?: Where): string =>
  resourceAt('Microsoft.Network/publicIPAddresses', name, where)
export const firewallId = (name: string, where?: Where): string =>
  resourceAt('Microsoft.Network/azureFirewalls', name, where)
export const asgId = (name: string, where?: Where): string =>
  resourceAt('Microsoft.Network/applicationSecurityGroups', name, where)

export interface Rule {
  readonly name: string
  readonly priority: number
  readonly access?: 'Allow' | 'Deny'
  readonly source?: string
  readonly ports?: string | readonly string[]
  readonly destination?: string
  readonly protocol?: string
  readonly direction?: 'Inbound' | 'Outbound'
  readonly more?: Json
}

function securityRule(rule: Rule): Json {
  const {
    name,
    priority,
    access = 'Allow',
    source = '*',
    ports = '22',
    destination = '*',
    protocol = 'Tcp',
    more = {},
  } = rule
  const several = typeof ports !== 'string'
  const properties = {
    protocol,
    sourcePortRange: '*',
    ...(several ? { destinationPortRanges: ports } : { destinationPortRange: ports, destinationPortRanges: [] }),
    sourceAddressPrefix: source,
    destinationAddressPrefix: destination,
    access,
    priority,
    direction: rule.direction ?? 'Inbound',
    sourcePortRanges: [],
    sourceAddressPrefixes: [],
    destinationAddressPrefixes: [],
    ...more,
  }
  return { name, properties }
}

export function securityGroup(name: string, rules: readonly Rule[], where?: Where): Placed {
  const properties = { securityRules: rules.map(securityRule) }
  return { id: nsgId(name, where), location: where?.location ?? 'westeurope', properties }
}

export interface Subnet {
  readonly name: string
  readonly prefix: string
  /** The name of its security group. */
  readonly nsg?: string
}

export function virtualNetwork(name: string, subnets: readonly Subnet[], where?: Where): Placed {
  const list = subnets.map(({ name: subnet, prefix, nsg }) => {
    const group = nsg === undefined ? {} : { networkSecurityGroup: { id: nsgId(nsg, where) } }
    return { name: subnet, properties: { addressPrefix: prefix, ...group, privateEndpointNetworkPolicies: 'Disabled' } }
  })
  const properties = { addressSpace: { addressPrefixes: subnets.map(({ prefix }) => prefix) }, subnets: list }
  return { id: vnetId(name, where), location: where?.location ?? 'westeurope', properties }
}

export interface IpConfiguration {
  readonly privateIp: string
  /** The name of a public address. */
  readonly publicIp?: string
  readonly asgs?: readonly string[]
}

export interface Nic {
  readonly name: string
  readonly subnet: readonly [network: string, subnet: string]
  readonly nsg?: string
  readonly addresses: readonly IpConfiguration[]
  /** The name of its machine. */
  readonly machine?: string
  readonly isPrimary?: boolean
}

export function networkInterface(nic: Nic, where?: Where): Placed {
  const { name, subnet, nsg, addresses, machine, isPrimary = true } = nic
  const ipConfigurations = addresses.map(({ privateIp, publicIp, asgs = [] }, index) => ({
    name: `ipconfig${index + 1}`,
    properties: {
      privateIPAddress: privateIp,
      privateIPAllocationMethod: 'Dynamic',
      privateIPAddressVersion: privateIp.includes(':') ? 'IPv6' : 'IPv4',
      subnet: { id: `${vnetId(subnet[0], where)}/subnets/${subnet[1]}` },
      primary: index === 0,
      ...(publicIp !== undefined && { publicIPAddress: { id: publicIpId(publicIp, where) } }),
      ...(asgs.length > 0 && { applicationSecurityGroups: asgs.map((asg) => ({ id: asgId(asg, where) })) }),
    },
  }))
  const properties = {
    ipConfigurations,
    primary: isPrimary,
    enableIPForwarding: false,
    ...(nsg !== undefined && { networkSecurityGroup: { id: nsgId(nsg, where) } }),
    ...(machine !== undefined && { virtualMachine: { id: vmId(machine, where) } }),
  }
  return { id: nicId(name, where), location: where?.location ?? 'westeurope', properties }
}

export function publicAddress(name: string, ipAddress: string, where?: Where): Placed {
  const properties = {
    ipAddress,
    publicIPAllocationMethod: 'Static',
    publicIPAddressVersion: ipAddress.includes(':') ? 'IPv6' : 'IPv4',
  }
  return {
    id: publicIpId(name, where),
    location: where?.location ?? 'westeurope',
    properties,
    rest: { sku: { name: 'Standard' } },
  }
}

export interface Vm {
  readonly name: string
  readonly nics: readonly string[]
  readonly os?: 'Linux' | 'Windows'
  readonly power?: string
  readonly vmId?: string
}

export function virtualMachine(
  { name, nics, os = 'Linux', power = 'running', vmId: unique }: Vm,
  where?: Where,
): Placed {
  const networkInterfaces = nics.map((nic, index) => ({ id: nicId(nic, where), properties: { primary: index === 0 } }))
  const properties = {
    vmId:
      unique ??
      `00000000-0000-4000-8000-${name.length.toString(16).padStart(2, '0')}${Buffer.from(name).toString('hex').slice(-10).padStart(10, '0')}`,
    hardwareProfile: { vmSize: 'Standard_D2s_v5' },
    storageProfile: { osDisk: { osType: os, createOption: 'FromImage' } },
    osProfile: { computerName: name },
    networkProfile: { networkInterfaces },
    timeCreated: '2026-01-05T08:00:00Z',
  }
  return { id: vmId(name, where), location: where?.location ?? 'westeurope', properties, power }
}

export interface Firewall {
  readonly name: string
  readonly network: string
  /** Names of its public addresses. */
  readonly publicIps: readonly string[]
  readonly privateIp: string
  /** The id of the policy that rules it. */
  readonly policy?: string
  readonly collections?: Json
}

export function azureFirewall(firewall: Firewall, where?: Where): Placed {
  const { name, network, publicIps, privateIp, policy, collections = {} } = firewall
  const ipConfigurations = publicIps.map((publicIp, index) => ({
    name: `configuration${index + 1}`,
    properties: {
      ...(index === 0 && {
        privateIPAddress: privateIp,
        subnet: { id: `${vnetId(network, where)}/subnets/AzureFirewallSubnet` },
      }),
      privateIPAllocationMethod: 'Dynamic',
      publicIPAddress: { id: publicIpId(publicIp, where) },
    },
  }))
  const properties = {
    sku: { name: 'AZFW_VNet', tier: 'Standard' },
    threatIntelMode: 'Alert',
    additionalProperties: {},
    ipConfigurations,
    natRuleCollections: [],
    networkRuleCollections: [],
    applicationRuleCollections: [],
    ...(policy !== undefined && { firewallPolicy: { id: policy } }),
    ...collections,
  }
  return { id: firewallId(name, where), location: where?.location ?? 'westeurope', properties }
}

/** A machine of the time before Resource Manager. */
export function classicMachine(name: string, where?: Where): Placed {
  const id = resourceAt('Microsoft.ClassicCompute/virtualMachines', name, where)
  const properties = {
    hardwareProfile: { platformGuestAgent: true, size: 'Small' },
    instanceView: { status: 'ReadyRole' },
  }
  return { id, location: where?.location ?? 'westeurope', properties }
}
