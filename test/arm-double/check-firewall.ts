/**
 * What Azure refuses in the classic rules of a firewall: priorities from 100 to 65000, one collection per priority and
 * type, DNAT to one address and one port (AzureFirewallRuleInvalidDnatPortOrRangeFormat:
 * hashicorp/terraform-provider-azurerm pull request 18353), and no classic rules where a policy rules
 * (https://learn.microsoft.com/azure/firewall-manager/policy-overview). A text marked "ours" was found nowhere.
 */
import { keyOf } from './address.ts'
import type { Stored, StoredResources } from './stored-resources.ts'
import { ArmError, isJson, listAt, objectAt, textAt, type Json } from './wire.ts'

const COLLECTIONS = ['natRuleCollections', 'networkRuleCollections', 'applicationRuleCollections'] as const

export function checkedFirewall(properties: Json, known: Stored | undefined): Json {
  const collections = COLLECTIONS.flatMap((list) => listAt(properties, list))
  if (isJson(properties['firewallPolicy']) && collections.length > 0)
    throw bad(
      'AzureFirewallPolicyAndRuleCollectionsConflict',
      'AzureFirewall: rule collections cannot be set when a firewall policy is attached.',
    ) // text ours
  for (const list of COLLECTIONS) checkCollections(listAt(properties, list), list)
  const lists = Object.fromEntries(COLLECTIONS.map((list) => [list, listAt(properties, list)]))
  return { ...properties, ...lists, ipConfigurations: addressed(properties, known) }
}

/** A group of a firewall policy: its number is its own in the policy, and its translations are as those of classic rules. */
export function checkRuleGroup(resources: Pick<StoredResources, 'list'>, id: string, properties: Json): void {
  const [policy = ''] = id.split(/\/ruleCollectionGroups\//i)
  const groups = resources.list(GROUP_TYPE, policy, { as: 'now', now: 0 })
  const { priority } = properties
  if (typeof priority !== 'number' || priority < 100 || priority > 65_000)
    throw bad(
      'FirewallPolicyRuleCollectionGroupInvalidPriority',
      'RuleCollectionGroup: priority must be between 100 and 65000.',
    ) // text ours
  if (groups.some((group) => keyOf(group.id) !== keyOf(id) && group.properties['priority'] === priority))
    throw bad(
      'FirewallPolicyRuleCollectionGroupPriorityConflict',
      `RuleCollectionGroup: priority ${priority} is used by another group.`,
    ) // text ours
  for (const collection of listAt(properties, 'ruleCollections'))
    if (textAt(collection, 'ruleCollectionType') === 'FirewallPolicyNatRuleCollection')
      for (const rule of listAt(collection, 'rules'))
        checkNatRule({ ...objectAt({ rule }, 'rule'), protocols: listAt(rule, 'ipProtocols') })
}

const GROUP_TYPE = 'microsoft.network/firewallpolicies/rulecollectiongroups'

function checkCollections(collections: readonly unknown[], list: string): void {
  const priorities = new Set<unknown>()
  const names = new Set<string>()
  for (const collection of collections) {
    const name = textAt(collection, 'name') ?? ''
    const priority = objectAt(collection, 'properties')['priority']
    if (typeof priority !== 'number' || priority < 100 || priority > 65_000)
      throw bad(
        'AzureFirewallRuleCollectionInvalidPriority',
        `AzureFirewallRuleCollection ${name}: priority must be between 100 and 65000.`,
      ) // text ours
    if (priorities.has(priority))
      throw bad(
        'AzureFirewallRuleCollectionPriorityConflict',
        `AzureFirewallRuleCollection ${name}: priority ${priority} is used by another collection.`,
      ) // text ours
    if (name === '' || names.has(name.toLowerCase()))
      throw bad(
        'AzureFirewallRuleCollectionDuplicateName',
        `AzureFirewallRuleCollection '${name}': every collection needs a name of its own.`,
      ) // text ours
    priorities.add(priority)
    names.add(name.toLowerCase())
    const rules = listAt(objectAt(collection, 'properties'), 'rules')
    if (rules.length === 0)
      throw bad(
        'AzureFirewallRuleCollectionEmpty',
        `AzureFirewallRuleCollection ${name}: a collection needs at least one rule.`,
      ) // text ours
    if (list === 'natRuleCollections') rules.forEach(checkNatRule)
  }
}

function checkNatRule(rule: unknown): void {
  const name = textAt(rule, 'name') ?? ''
  if (!/^\d{1,5}$/.test(textAt(rule, 'translatedPort') ?? ''))
    throw bad(
      'AzureFirewallRuleInvalidDnatPortOrRangeFormat',
      `AzureFirewallRule ${name}: Invalid DNat port value or range. Multiple values, * and ranges are not supported for DNAT translated port.`,
    )
  const ports = listAt(rule, 'destinationPorts')
  if (ports.length !== 1 || !/^\d{1,5}$/.test(String(ports[0])))
    throw bad(
      'AzureFirewallRuleInvalidDnatPortOrRangeFormat',
      `AzureFirewallRule ${name}: Invalid DNat port value or range.`,
    )
  const protocols = listAt(rule, 'protocols').map((one) => String(one).toUpperCase())
  if (protocols.length === 0 || protocols.some((one) => one !== 'TCP' && one !== 'UDP'))
    throw bad('AzureFirewallRuleInvalidProtocol', `AzureFirewallRule ${name}: only TCP and UDP are supported for DNAT.`) // text ours
}

/** Azure gives each configuration its private address in the firewall's subnet. */
function addressed(properties: Json, known: Stored | undefined): Json[] {
  const before = listAt(known?.properties, 'ipConfigurations')
  return listAt(properties, 'ipConfigurations')
    .filter(isJson)
    .map((configuration) => {
      const old = before.find((one) => textAt(one, 'name') === textAt(configuration, 'name'))
      const { privateIPAddress } = objectAt(old, 'properties')
      const given = objectAt(configuration, 'properties')
      return { ...configuration, properties: { ...(privateIPAddress !== undefined && { privateIPAddress }), ...given } }
    })
}

function bad(code: string, message: string): ArmError {
  return new ArmError(400, { code, message })
}
