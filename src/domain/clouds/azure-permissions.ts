/**
 * What Sallyport's own identity must be allowed in Azure, and nothing more: the role that `sallyport connect azure
 * --print-role` prints, and what `sallyport connect check` tries.
 */

export interface NeededAction {
  readonly action: string
  /** What fails without it. */
  readonly why: string
  /** Only with this. */
  readonly only?: 'firewalls' | 'firewallPolicies'
}

const NETWORK = 'Microsoft.Network'

const NEEDED = [
  { action: 'Microsoft.Resources/subscriptions/read', why: 'to see the subscription at all' },
  { action: 'Microsoft.Resources/subscriptions/resourceGroups/read', why: 'to find machines by their resource group' },
  { action: 'Microsoft.Authorization/permissions/read', why: 'to tell which permissions are missing' },
  { action: 'Microsoft.Compute/virtualMachines/read', why: 'to see machines, and that one was made again' },
  { action: `${NETWORK}/networkInterfaces/read`, why: 'to know the addresses of a machine' },
  { action: `${NETWORK}/virtualNetworks/read`, why: 'to see the security groups of subnets' },
  { action: `${NETWORK}/virtualNetworks/subnets/read`, why: 'to see the security group of a new subnet' },
  { action: `${NETWORK}/publicIPAddresses/read`, why: 'to tell where the internet reaches a machine' },
  { action: `${NETWORK}/networkSecurityGroups/read`, why: 'to see what is open' },
  { action: `${NETWORK}/networkSecurityGroups/write`, why: 'to open and to close' },
  { action: `${NETWORK}/locations/operations/read`, why: 'to follow a change to its end' },
  {
    action: `${NETWORK}/applicationSecurityGroups/joinNetworkSecurityRule/action`,
    why: 'to write back a security group whose rules name application security groups',
  },
  { action: `${NETWORK}/azureFirewalls/read`, why: 'to see the firewalls before machines' },
  { action: `${NETWORK}/azureFirewalls/write`, why: 'to open and to close at a firewall', only: 'firewalls' },
  { action: `${NETWORK}/virtualNetworks/subnets/join/action`, why: 'to write a firewall back', only: 'firewalls' },
  { action: `${NETWORK}/publicIPAddresses/join/action`, why: 'to write a firewall back', only: 'firewalls' },
  {
    action: `${NETWORK}/ipGroups/join/action`,
    why: 'to write back a firewall whose rules name IP groups',
    only: 'firewalls',
  },
  { action: `${NETWORK}/firewallPolicies/read`, why: 'to see the policy of a firewall', only: 'firewallPolicies' },
  {
    action: `${NETWORK}/firewallPolicies/ruleCollectionGroups/read`,
    why: 'to see what the policy of a firewall opens',
    only: 'firewallPolicies',
  },
  {
    action: `${NETWORK}/firewallPolicies/ruleCollectionGroups/write`,
    why: 'to open and to close in the policy of a firewall',
    only: 'firewallPolicies',
  },
  {
    action: `${NETWORK}/firewallPolicies/ruleCollectionGroups/delete`,
    why: 'to leave the policy of a firewall as it was',
    only: 'firewallPolicies',
  },
] as const satisfies readonly NeededAction[]

export const NEEDED_ACTIONS: readonly NeededAction[] = NEEDED

/** Why an action is needed: a page has its own words for each. */
export type Need = (typeof NEEDED)[number]['why']

export interface PrintedRole {
  readonly subscriptions: readonly string[]
  readonly firewallPolicies: boolean
}

/** As `az role definition create --role-definition` reads it. */
export function roleDefinitionFor({ subscriptions, firewallPolicies }: PrintedRole): object {
  return {
    Name: 'Sallyport',
    IsCustom: true,
    Description: 'Reads machines and networks, and opens and closes network security groups and firewalls for a time.',
    Actions: NEEDED_ACTIONS.filter(({ only }) => only !== 'firewallPolicies' || firewallPolicies).map(
      ({ action }) => action,
    ),
    NotActions: [],
    DataActions: [],
    NotDataActions: [],
    AssignableScopes: subscriptions.map((id) => `/subscriptions/${id}`),
  }
}
