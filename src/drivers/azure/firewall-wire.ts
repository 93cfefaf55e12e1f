/**
 * An Azure Firewall with classic rules as Azure writes it, and the body that puts it back with other rules of ours. What
 * is not ours stays as it was, in its place.
 */
import { isJson, listAt, recordAt, textAt, type Json } from './arm-answer.ts'
import { collectionName, isOwnRule, type FirewallRule, type RuleCollection } from './firewall-rule.ts'

export interface FirewallBody {
  /** Changes with every write. */
  readonly etag: string
  readonly location: string
  readonly collections: readonly RuleCollection[]
  /** Ids of its public addresses, in its own order. */
  readonly addresses: readonly string[]
  /** The policy that rules it. */
  readonly policy?: string
  /** True while Azure still works on an earlier write. */
  readonly isSettling: boolean
  /** True if Azure's last write failed: these rules were asked for, and nobody knows which are in force. */
  readonly isBroken: boolean
  readonly written: Json
}

const LISTS = { nat: 'natRuleCollections', network: 'networkRuleCollections' } as const
const ACTION = { nat: 'Dnat', network: 'Allow' } as const
const KINDS = ['nat', 'network'] as const
/** "100-65000" (https://learn.microsoft.com/azure/firewall/rule-processing). */
const FIRST_PRIORITY = 100

export function readFirewall(body: unknown, what: string): FirewallBody {
  const etag = textAt(body, 'etag')
  if (!isJson(body) || etag === undefined) throw new Error(`${what}: expected a firewall with an etag`)
  const properties = recordAt(body, 'properties')
  const policy = textAt(recordAt(properties, 'firewallPolicy'), 'id')
  return {
    etag,
    location: textAt(body, 'location') ?? '',
    collections: KINDS.flatMap((kind) => listAt(properties, LISTS[kind]).map((one) => readCollection(kind, one))),
    addresses: listAt(properties, 'ipConfigurations').flatMap(
      (one) => textAt(recordAt(recordAt(one, 'properties'), 'publicIPAddress'), 'id') ?? [],
    ),
    ...(policy === undefined ? {} : { policy }),
    isSettling: textAt(properties, 'provisioningState')?.toLowerCase() === 'updating',
    isBroken: isBroken(properties),
    written: body,
  }
}

export function isBroken(properties: Json): boolean {
  return textAt(properties, 'provisioningState')?.toLowerCase() === 'failed'
}

/** Of classic rules; also as the resource graph tells of them. */
export function readCollection(kind: FirewallRule['kind'], collection: unknown): RuleCollection {
  const properties = recordAt(collection, 'properties')
  return {
    kind,
    name: textAt(collection, 'name') ?? '',
    priority: Number(properties['priority']),
    isOpening: textAt(recordAt(properties, 'action'), 'type')?.toLowerCase() === ACTION[kind].toLowerCase(),
    rules: listAt(properties, 'rules').map((rule) => readRule(kind, rule, 'protocols')),
  }
}

/** Members are named alike in both forms, but for the protocols. */
export function readRule(
  kind: FirewallRule['kind'],
  rule: unknown,
  protocols: 'protocols' | 'ipProtocols',
): FirewallRule {
  const texts = (member: string): string[] => listAt(rule, member).map(String)
  const to = { address: textAt(rule, 'translatedAddress') ?? '', port: textAt(rule, 'translatedPort') ?? '' }
  return {
    kind,
    name: textAt(rule, 'name') ?? '',
    description: textAt(rule, 'description') ?? '',
    protocols: texts(protocols)
      .map((one) => one.toUpperCase())
      .sort(),
    sources: texts('sourceAddresses'),
    destinations: texts('destinationAddresses'),
    ports: texts('destinationPorts'),
    ...(kind === 'nat' ? { to } : {}),
  }
}

/** What a PUT sends so that these are our rules and nothing else is changed. */
export function firewallWith(
  { written, collections }: FirewallBody,
  firewall: string,
  rules: readonly FirewallRule[],
): Json {
  const { provisioningState: _, ...properties } = recordAt(written, 'properties')
  const { etag: _etag, name: _name, type: _type, id: _id, ...rest } = written
  const lists = KINDS.map((kind) => {
    const others = listAt(properties, LISTS[kind]).flatMap(withoutOwn)
    const ours = rules.filter((rule) => rule.kind === kind)
    const name = collectionName(firewall, kind)
    return [LISTS[kind], ours.length === 0 ? others : placed(others, { kind, name, collections, rules: ours })]
  })
  return { ...rest, properties: { ...properties, ...Object.fromEntries(lists) } }
}

/** A collection has at least one rule: with the last of ours it goes. */
function withoutOwn(collection: unknown): Json[] {
  if (!isJson(collection)) return []
  const properties = recordAt(collection, 'properties')
  const rules = listAt(properties, 'rules')
  const others = rules.filter(
    (rule) => !isOwnRule({ name: textAt(rule, 'name') ?? '', description: textAt(rule, 'description') ?? '' }),
  )
  if (others.length === rules.length) return [sent(collection)]
  return others.length === 0 ? [] : [sent({ ...collection, properties: { ...properties, rules: others } })]
}

interface OurCollection {
  readonly kind: FirewallRule['kind']
  readonly name: string
  readonly collections: readonly RuleCollection[]
  readonly rules: readonly FirewallRule[]
}

/** At its number if it has one, else at the first that is free; rules that others put into it stay in it. */
function placed(others: readonly Json[], { kind, name, collections, rules }: OurCollection): Json[] {
  const same = others.find((one) => textAt(one, 'name') === name)
  const taken = collections.filter((one) => one.kind === kind && one.name !== name).map(({ priority }) => priority)
  const current = collections.find((one) => one.kind === kind && one.name === name)?.priority
  const properties = {
    priority: current ?? freePriority(taken),
    action: { type: ACTION[kind] },
    rules: [...listAt(recordAt(same, 'properties'), 'rules'), ...rules.map((rule) => classicRule(rule))],
  }
  return [...others.filter((one) => one !== same), { name, properties }]
}

export function freePriority(taken: readonly number[]): number {
  let free = FIRST_PRIORITY
  while (taken.includes(free)) free += 1
  return free
}

/** Without what Azure fills in. */
function sent({ etag: _etag, id: _id, type: _type, ...collection }: Json): Json {
  const { provisioningState: _, ...properties } = recordAt(collection, 'properties')
  return { ...collection, properties }
}

function classicRule({ name, description, protocols, sources, destinations, ports, to }: FirewallRule): Json {
  return {
    name,
    description,
    protocols,
    sourceAddresses: sources,
    destinationAddresses: destinations,
    destinationPorts: ports,
    sourceIpGroups: [],
    ...(to === undefined
      ? { destinationIpGroups: [], destinationFqdns: [] }
      : { translatedAddress: to.address, translatedPort: to.port }),
  }
}
