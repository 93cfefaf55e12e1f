/** A security group as Azure Resource Manager answers a GET for it, with the six rules that every group ends with. */
import type { ResourceKey } from '../../domain/resource-id.ts'
import { resourceName } from '../../domain/resource-id.ts'
import type { ArmSecurityRule } from '../../domain/security-groups/security-rule.ts'
import { pointOfGroup, type SecurityGroups, type SecurityGroupState } from './security-groups.ts'

export interface ArmSecurityGroup {
  readonly id: string
  readonly name: string
  readonly type: string
  readonly location: string
  readonly etag: string
  readonly properties: {
    readonly provisioningState: string
    readonly securityRules: ArmSecurityRule[]
    readonly defaultSecurityRules: ArmSecurityRule[]
    readonly [member: string]: unknown
  }
  readonly [member: string]: unknown
}

const TYPE = 'Microsoft.Network/networkSecurityGroups'

export function findSecurityGroup(groups: SecurityGroups, key: ResourceKey): ArmSecurityGroup | undefined {
  const group = groups.get(pointOfGroup(key))
  return group === undefined ? undefined : armSecurityGroup(group)
}

export function listSecurityGroups(groups: SecurityGroups, within: string): ArmSecurityGroup[] {
  return groups.list(within).map(armSecurityGroup)
}

function armSecurityGroup(group: SecurityGroupState): ArmSecurityGroup {
  return {
    id: group.id,
    name: resourceName(group.id),
    type: TYPE,
    location: group.location,
    etag: etagOf(group),
    properties: {
      provisioningState: 'Succeeded',
      securityRules: group.rules.map(({ written }) => listed(group, written, 'securityRules')),
      defaultSecurityRules: DEFAULT_RULES.map((rule) => listed(group, rule, 'defaultSecurityRules')),
    },
  }
}

function etagOf({ version }: SecurityGroupState): string {
  return `W/"${version.toString(16).padStart(8, '0')}-0000-4000-8000-000000000000"`
}

function listed(group: SecurityGroupState, rule: ArmSecurityRule, list: string): ArmSecurityRule {
  return {
    ...rule,
    id: `${group.id}/${list}/${rule.name}`,
    etag: etagOf(group),
    type: `${TYPE}/${list}`,
    properties: { ...rule.properties, provisioningState: 'Succeeded' },
  }
}

/** https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview#default-security-rules */
const DEFAULT_RULES: readonly ArmSecurityRule[] = [
  defaultRule('AllowVnetInBound', 'Allow inbound traffic from all VMs in VNET', [
    'VirtualNetwork',
    'VirtualNetwork',
    'Allow',
    65_000,
    'Inbound',
  ]),
  defaultRule('AllowAzureLoadBalancerInBound', 'Allow inbound traffic from azure load balancer', [
    'AzureLoadBalancer',
    '*',
    'Allow',
    65_001,
    'Inbound',
  ]),
  defaultRule('DenyAllInBound', 'Deny all inbound traffic', ['*', '*', 'Deny', 65_500, 'Inbound']),
  defaultRule('AllowVnetOutBound', 'Allow outbound traffic from all VMs to all VMs in VNET', [
    'VirtualNetwork',
    'VirtualNetwork',
    'Allow',
    65_000,
    'Outbound',
  ]),
  defaultRule('AllowInternetOutBound', 'Allow outbound traffic from all VMs to Internet', [
    '*',
    'Internet',
    'Allow',
    65_001,
    'Outbound',
  ]),
  defaultRule('DenyAllOutBound', 'Deny all outbound traffic', ['*', '*', 'Deny', 65_500, 'Outbound']),
]

function defaultRule(
  name: string,
  description: string,
  [sourceAddressPrefix, destinationAddressPrefix, access, priority, direction]: readonly [
    string,
    string,
    string,
    number,
    string,
  ],
): ArmSecurityRule {
  const ports = { sourcePortRange: '*', destinationPortRange: '*', sourcePortRanges: [], destinationPortRanges: [] }
  const addresses = {
    sourceAddressPrefix,
    destinationAddressPrefix,
    sourceAddressPrefixes: [],
    destinationAddressPrefixes: [],
  }
  return { name, properties: { description, protocol: '*', ...ports, ...addresses, access, priority, direction } }
}
