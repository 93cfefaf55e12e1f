/**
 * Rules of a firewall policy as Azure writes them, in rule collection groups, and the group of our own that carries ours:
 * nothing of others' is ever written, and with the last of our rules the group goes.
 * Source: https://learn.microsoft.com/azure/firewall-manager/policy-overview
 */
import { listAt, recordAt, textAt, type Json } from './arm-answer.ts'
import { collectionName, groupName, type FirewallRule, type RuleCollection } from './firewall-rule.ts'
import { freePriority, isBroken, readRule } from './firewall-wire.ts'

export interface PolicyGroup {
  readonly name: string
  /** Undefined when it does not stand. */
  readonly etag: string | undefined
  readonly priority: number
  /** As of a firewall. */
  readonly isBroken: boolean
  readonly collections: readonly RuleCollection[]
}

const KIND: Readonly<Record<string, FirewallRule['kind']>> = {
  firewallpolicynatrulecollection: 'nat',
  firewallpolicyfilterrulecollection: 'network',
}
const ACTION = { nat: 'DNAT', network: 'Allow' } as const
const TYPE = { nat: 'FirewallPolicyNatRuleCollection', network: 'FirewallPolicyFilterRuleCollection' } as const
const RULE_TYPE = { nat: 'NatRule', network: 'NetworkRule' } as const
/** Numbers of collections within our own group. */
const PRIORITY = { nat: 100, network: 200 } as const

export function readGroup(body: Json): PolicyGroup {
  const properties = recordAt(body, 'properties')
  return {
    name: textAt(body, 'name') ?? '',
    etag: textAt(body, 'etag'),
    priority: Number(properties['priority']),
    isBroken: isBroken(properties),
    collections: listAt(properties, 'ruleCollections').flatMap(readCollection),
  }
}

/** Application rules let nobody in to a machine. */
function readCollection(collection: unknown): RuleCollection[] {
  const kind = KIND[textAt(collection, 'ruleCollectionType')?.toLowerCase() ?? '']
  if (kind === undefined) return []
  const rules = listAt(collection, 'rules').filter((rule) => textAt(rule, 'ruleType') === RULE_TYPE[kind])
  return [
    {
      kind,
      name: textAt(collection, 'name') ?? '',
      priority: Number(recordAt({ collection }, 'collection')['priority']),
      isOpening: textAt(recordAt(collection, 'action'), 'type')?.toLowerCase() === ACTION[kind].toLowerCase(),
      rules: rules.map((rule) => readRule(kind, rule, 'ipProtocols')),
    },
  ]
}

/** Before the groups of others where there is room: theirs may deny what a hole lets in. */
export function groupWith(groups: readonly PolicyGroup[], firewall: string, rules: readonly FirewallRule[]): Json {
  const own = groupName(firewall)
  const others = groups.filter(({ name }) => name !== own)
  const priority = groups.find(({ name }) => name === own)?.priority ?? freePriority(others.map((one) => one.priority))
  const kinds = (['nat', 'network'] as const).filter((kind) => rules.some((rule) => rule.kind === kind))
  return {
    properties: {
      priority,
      ruleCollections: kinds.map((kind) => ({
        ruleCollectionType: TYPE[kind],
        name: collectionName(firewall, kind),
        priority: PRIORITY[kind],
        action: { type: ACTION[kind] },
        rules: rules.filter((rule) => rule.kind === kind).map(policyRule),
      })),
    },
  }
}

function policyRule({ kind, name, description, protocols, sources, destinations, ports, to }: FirewallRule): Json {
  return {
    ruleType: RULE_TYPE[kind],
    name,
    description,
    ipProtocols: protocols,
    sourceAddresses: sources,
    sourceIpGroups: [],
    destinationAddresses: destinations,
    ...(to === undefined
      ? { destinationIpGroups: [], destinationFqdns: [] }
      : { translatedAddress: to.address, translatedPort: to.port }),
    destinationPorts: ports,
  }
}
