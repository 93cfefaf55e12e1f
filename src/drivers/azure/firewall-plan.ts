/**
 * The difference between the holes that a firewall should carry and those that it carries. Pure. A firewall lets in only
 * what a rule names, so nothing is written to protect a port: access is one rule that comes and goes. Rules of others are
 * never changed and never count as ours; a port that one of them translates is never taken.
 */
import type { Shield } from '../../domain/access/desired.ts'
import { slotOf, type Hole, type HoleKey, type Slot } from '../../domain/access/hole.ts'
import { failure, type Failure } from '../../domain/access/failure.ts'
import { tellStep, type ToldStep } from '../../domain/access/step.ts'
import { allowDescription } from '../../domain/security-groups/jit-rule.ts'
import { chooseMappedPort } from '../../domain/hosts/mapped-ports.ts'
import { formatIpPrefix, formatSource, parseSource, type IpPrefix, type Source } from '../../domain/net.ts'
import { readReaches, reachKey, writeReaches, type Reach, type ReachKey } from '../../domain/access/reach.ts'
import { resourceKey, resourceName, type ResourceId, type ResourceKey } from '../../domain/resource-id.ts'
import type { JournalLine } from '../../domain/security-groups/rule-journal.ts'
import { formatInstant } from '../../domain/time.ts'
import {
  collectionName,
  isOwnRule,
  printOf,
  ruleName,
  type FirewallRule,
  type RuleCollection,
} from './firewall-rule.ts'

export interface FirewallInput {
  readonly firewall: ResourceKey
  /** Of the firewall, in its own order. */
  readonly publicAddresses: readonly string[]
  /** All that translate or allow, those of others too. */
  readonly collections: readonly RuleCollection[]
  /** Machines behind it; without an address for one that has no IPv4 address. */
  readonly machines: ReadonlyMap<ResourceKey, ServedMachine>
  readonly shields: readonly Shield[]
  readonly holes: readonly Hole[]
  /** Rules of other slots are left alone. */
  readonly scope: 'all' | ReadonlySet<Slot>
  readonly journal: readonly JournalLine[]
}

export interface ServedMachine {
  readonly id: ResourceId
  readonly address?: IpPrefix
}

export interface FirewallStep extends ToldStep {
  readonly kind: 'open' | 'extend' | 'close' | 'repair'
}

export interface FirewallRulesPlan {
  readonly steps: readonly FirewallStep[]
  /** Every rule of ours as it should stand afterwards, in order. */
  readonly rules: readonly FirewallRule[]
  readonly held: ReadonlySet<HoleKey>
  readonly lingering: ReadonlySet<Slot>
  readonly impossible: ReadonlyMap<HoleKey, Failure>
  readonly journal: readonly JournalLine[]
}

/** Ports on the public address that holes are given: above what people publish, below what the firewall itself uses. */
const MAPPED_PORTS = { from: 50_000, to: 59_999 }
/** "Maximum DNAT rules: 250 … public addresses and unique destinations" (Azure's documented limits of Azure Firewall). */
const MOST_TRANSLATIONS = 250

export function planFirewall(input: FirewallInput): FirewallRulesPlan {
  const own = ownRules(input)
  const { wanted, impossible, reaches } = wantedAccess(input, own)
  const names = new Set(wanted.flatMap(({ rules }) => rules.map(({ name }) => name)))
  const kept = own.filter(({ rule, slot, isFirst }) => isFirst && !names.has(rule.name) && !isInScope(input, slot))
  return {
    steps: [...closings({ own, kept, names }), ...wanted.flatMap((access) => openings(access, own))],
    rules: [...kept.map(({ rule }) => rule), ...wanted.flatMap(({ rules }) => rules)].sort(byName),
    held: new Set(wanted.filter((access) => isHeld(access, own)).flatMap(({ holes }) => holes.map(({ key }) => key))),
    lingering: lingering(input, { own, wanted }),
    impossible,
    journal: writeReaches(reaches),
  }
}

/** What belongs to no slot is judged with everything. */
function isInScope({ scope }: Pick<FirewallInput, 'scope'>, slot: Slot | undefined): boolean {
  return scope === 'all' || (slot !== undefined && scope.has(slot))
}

// ── What is there ──────────────────────────────────────────────────────────────────────────────────────────────────

interface OwnRule {
  readonly rule: FirewallRule
  /** By its name, or by what it opens now; undefined when somebody edited it beyond that, or its machine is gone. */
  readonly slot: Slot | undefined
  /** False for another of the same name. */
  readonly isFirst: boolean
  /** Whether it stands, once, in the collection where it belongs. */
  readonly isWhole: boolean
}

function ownRules(input: FirewallInput): OwnRule[] {
  const { firewall, collections, machines } = input
  const named = slotsByName(input)
  const addressed = [...machines].flatMap(([key, { address }]) =>
    address === undefined ? [] : [[formatIpPrefix(address), key] as const],
  )
  const byAddress = new Map(addressed)
  const seen = new Set<string>()
  return collections.flatMap(({ kind, name, isOpening, rules }) =>
    rules.filter(isOwnRule).map((rule) => {
      const isFirst = !seen.has(rule.name)
      seen.add(rule.name)
      const slot = named.get(rule.name) ?? slotOfRule(rule, byAddress)
      return { rule, slot, isFirst, isWhole: isFirst && isOpening && name === collectionName(firewall, kind) }
    }),
  )
}

function slotsByName({ firewall, scope, holes }: FirewallInput): Map<string, Slot> {
  const slots = new Set([...holes.map(({ slot }) => slot), ...(scope === 'all' ? [] : scope)])
  const kinds = ['nat', 'network'] as const
  return new Map([...slots].flatMap((slot) => kinds.map((kind) => [ruleName(firewall, kind, slot), slot] as const)))
}

function slotOfRule(
  { sources, destinations, ports, to }: FirewallRule,
  machines: ReadonlyMap<string, ResourceKey>,
): Slot | undefined {
  const machine = machines.get(to?.address ?? destinations[0] ?? '')
  const source = parseSource(sources[0] ?? '')
  const port = Number(to?.port ?? ports[0])
  if (machine === undefined || !source.ok || sources.length !== 1 || !Number.isInteger(port)) return undefined
  return slotOf(machine, port, source.value)
}

// ── What should be there ───────────────────────────────────────────────────────────────────────────────────────────

/** One way in: all holes of a slot together. */
interface Access {
  readonly slot: Slot
  readonly holes: readonly Hole[]
  readonly rules: readonly FirewallRule[]
  /** For the sentence. */
  readonly way: Readonly<Record<'port' | 'machine' | 'source' | 'entrance' | 'until', string>>
}

interface WantedAccess {
  readonly wanted: readonly Access[]
  readonly impossible: ReadonlyMap<HoleKey, Failure>
  readonly reaches: ReadonlyMap<ReachKey, Reach>
}

function wantedAccess(input: FirewallInput, own: readonly OwnRule[]): WantedAccess {
  const impossible = new Map<HoleKey, Failure>()
  const wanted: Access[] = []
  const places = new Places(input, own)
  for (const [slot, holes] of Map.groupBy(inScope(input), (hole) => hole.slot)) {
    const found = addressFor(holes, input.machines)
    const place = 'code' in found ? found : places.placeFor(found)
    if ('code' in place) for (const { key } of holes) impossible.set(key, place)
    else wanted.push(accessTo({ input, slot, holes, ...place }))
  }
  return { wanted, impossible, reaches: places.all }
}

function inScope({ holes, scope }: FirewallInput): Hole[] {
  return holes.filter(({ slot }) => scope === 'all' || scope.has(slot))
}

interface Addressed {
  readonly hole: Hole
  readonly address: IpPrefix
}

function addressFor([hole]: readonly Hole[], machines: FirewallInput['machines']): Addressed | Failure {
  if (hole === undefined) throw new Error('a slot without a hole was asked for')
  const address = machines.get(resourceKey(hole.machine))?.address
  if (address === undefined) return failure('NoAddressToTranslate', factsOf(hole))
  if (hole.source !== '*' && hole.source.family === 6) return failure('FirewallWithoutIpv6', factsOf(hole))
  return { hole, address }
}

interface AccessInput {
  readonly input: FirewallInput
  readonly slot: Slot
  readonly holes: readonly Hole[]
  readonly address: IpPrefix
  readonly reach: Reach
}

function accessTo({ input: { firewall, shields }, slot, holes, address, reach }: AccessInput): Access {
  const sorted = [...holes].sort((a, b) => b.until - a.until)
  const [latest = holes[0]] = sorted
  if (latest === undefined) throw new Error(`no hole in slot ${slot}`)
  const { port, source } = latest
  const machine = formatIpPrefix(address)
  const common = {
    description: allowDescription(
      { ...latest, grants: [...new Set(holes.flatMap(({ grants }) => grants))].sort() },
      policyOf(latest, shields),
    ),
    protocols: protocolsOf(holes),
    sources: [sourceText(source)],
  }
  const { publicIpAddress, mappedPort } = reach
  return {
    slot,
    holes,
    way: {
      ...factsOf(latest),
      entrance: `${publicIpAddress}:${mappedPort}`,
      until: formatInstant(latest.until),
    },
    rules: [
      {
        kind: 'nat',
        name: ruleName(firewall, 'nat', slot),
        ...common,
        destinations: [publicIpAddress],
        ports: [String(mappedPort)],
        to: { address: machine, port: String(port) },
      },
      {
        kind: 'network',
        name: ruleName(firewall, 'network', slot),
        ...common,
        destinations: [machine],
        ports: [String(port)],
      },
    ],
  }
}

/** A translation has no protocol for everything. */
function protocolsOf(holes: readonly Hole[]): string[] {
  return [...new Set(holes.flatMap(({ protocol }) => (protocol === '*' ? ['TCP', 'UDP'] : [protocol])))].sort()
}

function sourceText(source: Source): string {
  return source === '*' || source.length === 0 ? '*' : formatSource(source)
}

function policyOf({ machine, port }: Hole, shields: readonly Shield[]): string {
  const ofMachine = shields.filter((shield) => resourceKey(shield.machine) === resourceKey(machine))
  return (ofMachine.find(({ ports }) => ports.some(({ number }) => number === port)) ?? ofMachine[0])?.policy ?? ''
}

function factsOf({ port, protocol, machine, source }: Hole): Record<'port' | 'machine' | 'source', string> {
  return { port: `${port}/${protocol}`, machine: resourceName(machine), source: formatSource(source) }
}

// ── Which port of the public address ───────────────────────────────────────────────────────────────────────────────

/** Has a life: what is given away while one plan is made. One port serves everybody who has access to the same machine's port. */
class Places {
  readonly all: Map<ReachKey, Reach>
  readonly #input: FirewallInput
  readonly #foreign: ReadonlySet<string>

  constructor(input: FirewallInput, own: readonly OwnRule[]) {
    this.#input = input
    this.#foreign = foreignPlaces(input)
    this.all = stillUsed(input, own)
  }

  placeFor({ hole, address }: Addressed): { readonly address: IpPrefix; readonly reach: Reach } | Failure {
    const key = reachKey(resourceKey(hole.machine), hole.port)
    const known = this.all.get(key)
    if (known !== undefined && this.#isGood(known)) return { address, reach: known }
    const found = this.#free(key, this.#addressesFor(hole))
    if (found === undefined) return full(hole)
    this.all.set(key, found)
    return { address, reach: found }
  }

  #isGood({ publicIpAddress, mappedPort }: Reach): boolean {
    return (
      this.#input.publicAddresses.includes(publicIpAddress) && !this.#foreign.has(`${publicIpAddress}:${mappedPort}`)
    )
  }

  /** First the one that a policy names for the machine, if it is the firewall's. */
  #addressesFor({ machine }: Hole): readonly string[] {
    const { publicAddresses, shields } = this.#input
    const named = shields
      .filter((shield) => resourceKey(shield.machine) === resourceKey(machine))
      .map(({ publicIpAddress = '' }) => publicIpAddress)
    return [...publicAddresses.filter((address) => named.includes(address)), ...publicAddresses]
  }

  #free(key: ReachKey, publicAddresses: readonly string[]): Reach | undefined {
    const taken = new Set([...this.#foreign, ...[...this.all.values()].map(textOfReach)])
    if (this.#input.publicAddresses.length + taken.size >= MOST_TRANSLATIONS) return undefined
    for (const publicIpAddress of publicAddresses) {
      const isTaken = (port: number): boolean => taken.has(`${publicIpAddress}:${port}`)
      const mappedPort = chooseMappedPort({ key, range: MAPPED_PORTS, isTaken })
      if (mappedPort !== undefined) return { publicIpAddress, mappedPort }
    }
    return undefined
  }
}

function foreignPlaces({ collections }: FirewallInput): Set<string> {
  const translations = collections.flatMap(({ rules }) =>
    rules.filter((rule) => rule.kind === 'nat' && !isOwnRule(rule)),
  )
  return new Set(
    translations.flatMap(({ destinations, ports }) =>
      destinations.flatMap((to) => ports.map((port) => `${to}:${port}`)),
    ),
  )
}

/**
 * What is on record, else what the firewall itself carries. A look at some slots knows nothing of the others' holes: only
 * a look at everything forgets.
 */
function stillUsed({ journal, holes, scope }: FirewallInput, own: readonly OwnRule[]): Map<ReachKey, Reach> {
  const carried = own.flatMap(({ slot, rule }) => (slot === undefined ? [] : [[reachOfSlot(slot), rule] as const]))
  const used = new Set([
    ...holes.map(({ machine, port }) => reachKey(resourceKey(machine), port)),
    ...carried.map(([key]) => key),
  ])
  const known = new Map([...readReaches(journal)].filter(([key]) => scope !== 'all' || used.has(key)))
  for (const [key, { kind, destinations, ports }] of carried) {
    const [publicIpAddress = ''] = destinations
    if (kind === 'nat' && !known.has(key)) known.set(key, { publicIpAddress, mappedPort: Number(ports[0]) })
  }
  return known
}

function reachOfSlot(slot: Slot): ReachKey {
  return slot.slice(0, slot.lastIndexOf('|')) as ReachKey // a slot begins as a reach does
}

function textOfReach({ publicIpAddress, mappedPort }: Reach): string {
  return `${publicIpAddress}:${mappedPort}`
}

function full(hole: Hole): Failure {
  return failure('FirewallFull', { ...factsOf(hole), most: MOST_TRANSLATIONS })
}

// ── The difference ─────────────────────────────────────────────────────────────────────────────────────────────────

function isHeld({ rules }: Access, own: readonly OwnRule[]): boolean {
  return rules.every((wanted) =>
    own.some(({ rule, isWhole }) => isWhole && rule.name === wanted.name && printOf(rule) === printOf(wanted)),
  )
}

function openings({ rules, way }: Access, own: readonly OwnRule[]): FirewallStep[] {
  const found = rules.map((wanted) => own.find(({ rule }) => rule.name === wanted.name))
  if (found.every((one) => one === undefined)) return [{ kind: 'open', ...tellStep('OpenThrough', way) }]
  const isBroken = rules.some(
    (wanted, index) => found[index]?.isWhole !== true || printOf(found[index].rule) !== printOf(wanted),
  )
  if (isBroken) return [{ kind: 'repair', ...tellStep('RestoreThrough', way) }]
  const isOther = rules.some((wanted, index) => found[index]?.rule.description !== wanted.description)
  return isOther ? [{ kind: 'extend', ...tellStep('ExtendThrough', way) }] : []
}

interface Sides {
  readonly own: readonly OwnRule[]
  readonly kept: readonly OwnRule[]
  /** Of the rules that are wanted. */
  readonly names: ReadonlySet<string>
}

/** Rules that nobody wants, and second ones of a name; both rules of one way in are one step. */
function closings({ own, kept, names }: Sides): FirewallStep[] {
  const ending = own.filter((one) => !kept.includes(one) && (!names.has(one.rule.name) || !one.isFirst))
  return [...Map.groupBy(ending, ({ slot, rule }) => slot ?? rule.name).values()].flatMap(([first]) =>
    first === undefined ? [] : [closing(first.rule)],
  )
}

function closing({ name, to, sources, destinations, ports }: FirewallRule): FirewallStep {
  const entrance = to === undefined ? `${destinations.join()}:${ports.join()}` : `${to.address}:${to.port}`
  return { kind: 'close', ...tellStep('CloseThrough', { entrance, source: sources.join(), rule: name }) }
}

/** A slot that is looked at, has a rule of ours, and should have none. */
function lingering(
  input: FirewallInput,
  { own, wanted }: { readonly own: readonly OwnRule[]; readonly wanted: readonly Access[] },
): Set<Slot> {
  const desired = new Set(wanted.map(({ slot }) => slot))
  const left = own.flatMap(({ slot }) => (slot === undefined ? [] : [slot]))
  return new Set(left.filter((slot) => isInScope(input, slot) && !desired.has(slot)))
}

function byName(a: FirewallRule, b: FirewallRule): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0
}
