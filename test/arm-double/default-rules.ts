/**
 * The six rules that every network security group ends with
 * (https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview#default-security-rules;
 * platform reference, B.3 "six default rules 65000/65001/65500").
 */
import type { Json } from './wire.ts'

export const DEFAULT_RULES: readonly { readonly name: string; readonly properties: Json }[] = [
  rule('AllowVnetInBound', 'Allow inbound traffic from all VMs in VNET', [
    65_000,
    'Inbound',
    'Allow',
    'VirtualNetwork',
    'VirtualNetwork',
  ]),
  rule('AllowAzureLoadBalancerInBound', 'Allow inbound traffic from azure load balancer', [
    65_001,
    'Inbound',
    'Allow',
    'AzureLoadBalancer',
    '*',
  ]),
  rule('DenyAllInBound', 'Deny all inbound traffic', [65_500, 'Inbound', 'Deny', '*', '*']),
  rule('AllowVnetOutBound', 'Allow outbound traffic from all VMs to all VMs in VNET', [
    65_000,
    'Outbound',
    'Allow',
    'VirtualNetwork',
    'VirtualNetwork',
  ]),
  rule('AllowInternetOutBound', 'Allow outbound traffic from all VMs to Internet', [
    65_001,
    'Outbound',
    'Allow',
    '*',
    'Internet',
  ]),
  rule('DenyAllOutBound', 'Deny all outbound traffic', [65_500, 'Outbound', 'Deny', '*', '*']),
]

type Facts = readonly [priority: number, direction: string, access: string, source: string, destination: string]

function rule(name: string, description: string, facts: Facts): { name: string; properties: Json } {
  const [priority, direction, access, sourceAddressPrefix, destinationAddressPrefix] = facts
  const properties = {
    description,
    protocol: '*',
    sourcePortRange: '*',
    destinationPortRange: '*',
    sourceAddressPrefix,
    destinationAddressPrefix,
    access,
    priority,
    direction,
    sourcePortRanges: [],
    destinationPortRanges: [],
    sourceAddressPrefixes: [],
    destinationAddressPrefixes: [],
  }
  return { name, properties }
}
