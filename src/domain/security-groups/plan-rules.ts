/**
 * The difference between what a security group should carry and what it carries: which rules to put and remove, said in
 * sentences. Pure, and the same for every place that has priority-ordered rules. Planning on the result of a plan gives
 * an empty plan. A foreign rule is never changed, except that its priority may move; the move is in the journal first.
 */
import { covers } from './admissions.ts'
import type { Desired, Shield } from '../access/desired.ts'
import { admitsEverybody, concerns, destinationMatches, type Groups } from './effective.ts'
import { machineIn, slotOf, type Hole, type HoleKey, type Slot } from '../access/hole.ts'
import {
  allowRule,
  ruleNames,
  denyRule,
  isOwned,
  markedEnd,
  type Guard,
  type HolePart,
  type RuleNames,
} from './jit-rule.ts'
import { formatIpPrefix, formatSource, isPublic, type Family, type IpPrefix } from '../net.ts'
import { placeHoles, type Band, type HoleToPlace } from './place-holes.ts'
import { includesPort } from './port-range.ts'
import { failure, type Failure } from '../access/failure.ts'
import { tellStep, type STEP_SENTENCES, type ToldStep } from '../access/step.ts'
import { refusal, withFacts, type Refusal } from '../refusal.ts'
import type { FactsOf } from '../sentence.ts'
import { resourceKey, resourceName, type ResourceId, type ResourceKey } from '../resource-id.ts'
import {
  needsFence,
  nextMoves,
  originalOf,
  readJournal,
  writeJournal,
  type JournalLine,
  type RuleJournal,
  type SeenDeny,
} from './rule-journal.ts'
import { layOut, type GuardPlace, type Layout } from './rule-layout.ts'
import {
  FIRST_PRIORITY,
  fingerprint,
  isTag,
  LAST_PRIORITY,
  parseSecurityRule,
  withPriority,
  type ArmSecurityRule,
  type SecurityRule,
} from './security-rule.ts'
import { sha256 } from '../sha256.ts'
import { formatInstant } from '../time.ts'

export interface RulesInput {
  /** The security group's id: part of the names we give. */
  readonly nsg: string
  /** Changes with every write to the group; a plan is only good for the version it was made on. */
  readonly version: string
  /** Every rule of the group that somebody wrote, in both directions. */
  readonly rules: readonly SecurityRule[]
  /** Machines behind the group, with the private addresses that it filters. */
  readonly machines: ReadonlyMap<ResourceKey, GuardedMachine>
  readonly desired: Desired
  /** Allow rules of other slots are left alone. */
  readonly scope: 'all' | ReadonlySet<Slot>
  readonly journal: readonly JournalLine[]
  /** Where allow rules may stand. */
  readonly band?: Band
  /**
   * Where deny rules may stand. One that must stand above a foreign rule takes that rule's number even below the band's
   * last: the order decides what is protected, and the numbers do not.
   */
  readonly denyBand?: Band
  /** Rules a group can carry. */
  readonly limit?: number
}

export interface GuardedMachine {
  readonly id: ResourceId
  /** Those that the security group filters. */
  readonly nics: readonly GuardedNic[]
  /**
   * What stands before the machine and puts its own addresses in the place of everybody's: a firewall that translates.
   * Holes are opened for these instead.
   */
  readonly seenFrom?: readonly IpPrefix[]
}

export interface GuardedNic {
  /** Tells it apart from the machine's others. */
  readonly name: string
  readonly addresses: readonly IpPrefix[]
  /** The application security groups it is in; undefined when nobody knows them. */
  readonly groups?: Groups
}

export type RuleChange =
  | { readonly kind: 'put'; readonly rule: SecurityRule }
  | { readonly kind: 'remove'; readonly name: string }
  /** Changes nothing but the version, so that an unanswered change planned on the old one can no longer arrive. */
  | { readonly kind: 'touch' }

export interface RuleStep extends ToldStep {
  readonly kind: 'protect' | 'unprotect' | 'open' | 'extend' | 'close' | 'move' | 'restore' | 'repair'
}

export interface RulesPlan {
  readonly steps: readonly RuleStep[]
  readonly changes: readonly RuleChange[]
  readonly held: ReadonlySet<HoleKey>
  readonly lingering: ReadonlySet<Slot>
  readonly impossible: ReadonlyMap<HoleKey, Failure>
  readonly journal: readonly JournalLine[]
  /** Machines that cannot be protected here. Whoever applies the plan makes the other changes and then fails loudly. */
  readonly unprotected: readonly Refusal[]
}

/** Azure's documented limit of rules per network security group. */
const MOST_RULES = 1_000
const WHOLE_BAND: Band = { first: FIRST_PRIORITY, last: LAST_PRIORITY }
/** Numbers kept free for holes come in portions, so that foreign rules do not move with every request. */
const PORTION = 64

export function planRules(input: RulesInput): RulesPlan {
  const scene = sceneOf(input)
  const { layout, homeless } = placeDenies(scene)
  const allows = placeAllows(scene, layout)
  const wanted = [...wantedDenies(scene, layout), ...allows.rules]
  const differences = [
    ...removals(scene, wanted),
    ...moves(scene, layout),
    ...wanted.flatMap((want) => writing(scene, want)),
  ]
  const steps = [
    ...differences.map(({ step }) => step),
    ...homeless.map((told) => ({ kind: 'protect' as const, ...told })),
  ]
  const changes = differences.map(({ change }) => change)
  const fence = changes.length === 0 && needsFence(scene.journal.moves.values(), scene.foreignByName, input.version)
  if (fence) {
    steps.push({
      kind: 'restore',
      ...tellStep('FenceChange', {}),
    })
    changes.push({ kind: 'touch' })
  }
  return {
    steps,
    changes,
    held: heldHoles(scene, allows.impossible),
    lingering: lingeringSlots(scene, allows.rules),
    impossible: allows.impossible,
    journal: nextJournal(scene, layout, wanted, changes.length > 0),
    unprotected: homeless.map(({ text, facts }) => withFacts(refusal('TooManyRules', text), facts)),
  }
}

/** The rules after the changes, in the order in which they stood; what is new comes last. */
export function applyChanges(rules: readonly SecurityRule[], changes: readonly RuleChange[]): SecurityRule[] {
  const byName = new Map(rules.map((rule) => [rule.name.toLowerCase(), rule]))
  for (const change of changes) {
    if (change.kind === 'put') byName.set(change.rule.name.toLowerCase(), change.rule)
    else if (change.kind === 'remove') byName.delete(change.name.toLowerCase())
  }
  return [...byName.values()]
}

// ── What is there ──────────────────────────────────────────────────────────────────────────────────────────────────

interface Scene {
  readonly input: RulesInput
  readonly band: Band
  readonly denyBand: Band
  readonly names: RuleNames
  readonly journal: RuleJournal
  /** Inbound rules of others, in the order of their priority. */
  readonly foreign: readonly SecurityRule[]
  readonly foreignByName: ReadonlyMap<string, SecurityRule>
  /** Our inbound rules by name in lower case. */
  readonly owned: ReadonlyMap<string, SecurityRule>
  readonly guards: readonly Guard[]
  readonly holes: readonly Hole[]
  /** Our allow rules of slots that are not looked at now. */
  readonly others: readonly SecurityRule[]
}

function sceneOf(input: RulesInput): Scene {
  const inbound = input.rules.filter((rule) => rule.direction === 'Inbound').sort((a, b) => a.priority - b.priority)
  const foreign = inbound.filter((rule) => !isOwned(rule))
  const owned = byName(inbound.filter(isOwned))
  const holes = input.desired.holes.filter((hole) => inScope(input.scope, hole.slot))
  const names = ruleNames(input.nsg)
  const wantedNames = new Set(
    holes.flatMap((hole) => partsOf(hole, input).map((part) => names.allow(part).toLowerCase())),
  )
  const isOutOfScope = outOfScope(input, names)
  return {
    input,
    band: input.band ?? WHOLE_BAND,
    denyBand: input.denyBand ?? WHOLE_BAND,
    names,
    journal: readJournal(input.journal),
    foreign,
    foreignByName: byName(foreign),
    owned,
    guards: guardsOf(input.desired.shields, input.machines),
    holes,
    others: [...owned.values()].filter((rule) => !wantedNames.has(rule.name.toLowerCase()) && isOutOfScope(rule)),
  }
}

function byName(rules: readonly SecurityRule[]): Map<string, SecurityRule> {
  return new Map(rules.map((rule) => [rule.name.toLowerCase(), rule]))
}

function inScope(scope: RulesInput['scope'], slot: Slot): boolean {
  return scope === 'all' || scope.has(slot)
}

/** A rule belongs to a slot by its name, and by what it opens now: somebody may have edited it. */
function outOfScope({ scope, machines }: RulesInput, names: RuleNames): (rule: SecurityRule) => boolean {
  if (scope === 'all') return () => false
  const named = new Set([...scope].flatMap((slot) => namesIn(slot, machines, names)))
  return (rule) => {
    if (rule.access === 'Deny' || named.has(rule.name.toLowerCase())) return false
    const slot = slotOfRule(rule, machines)
    return slot === undefined || !scope.has(slot)
  }
}

function namesIn(slot: Slot, machines: RulesInput['machines'], names: RuleNames): readonly string[] {
  const machine = machines.get(machineIn(slot))
  return machine === undefined ? [] : names.allowsOf(machine.id, slot)
}

/** One guard per NIC and address family, with the shields of all policies together, in the order of the machines' keys. */
function guardsOf(shields: readonly Shield[], machines: RulesInput['machines']): Guard[] {
  const byMachine = new Map<ResourceKey, Shield[]>()
  for (const shield of shields) {
    const key = resourceKey(shield.machine)
    byMachine.set(key, [...(byMachine.get(key) ?? []), shield])
  }
  return [...byMachine]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([key, ofMachine]) => {
      const machine = machines.get(key)
      const ports = ofMachine.flatMap((shield) => shield.ports)
      if (machine === undefined || ports.length === 0) return []
      const policies = [...new Set(ofMachine.map((shield) => shield.policy))].sort()
      const nics = machine.nics.flatMap(byFamily)
      return nics.map(({ name: nic, addresses, groups }) => ({
        machine: machine.id,
        nic,
        isOnly: nics.length === 1,
        addresses,
        ...(groups === undefined ? {} : { groups }),
        policies,
        ports,
      }))
    })
}

const FAMILIES: readonly Family[] = [4, 6]

function byFamily(nic: GuardedNic): GuardedNic[] {
  return FAMILIES.map((family) => ({ ...nic, addresses: nic.addresses.filter((one) => one.family === family) })).filter(
    ({ addresses }) => addresses.length > 0,
  )
}

/** The slot that an allow rule of ours opens, by what it says now; undefined when somebody edited it beyond that. */
function slotOfRule(rule: SecurityRule, machines: RulesInput['machines']): Slot | undefined {
  const [source] = rule.sources
  const [ports] = rule.destinationPorts
  const [to] = rule.destinations
  if (source === undefined || isTag(source) || ports === undefined || to === undefined || to === '*' || isTag(to))
    return undefined
  if (rule.sources.length > 1 || rule.destinationPorts.length > 1 || ports.from !== ports.to) return undefined
  for (const [key, { nics }] of machines)
    if (nics.some(({ addresses }) => addresses.some((address) => sameAddress(address, to))))
      return slotOf(key, ports.from, source)
  return undefined
}

function sameAddress(a: IpPrefix, b: IpPrefix): boolean {
  return a.family === b.family && a.bits === b.bits
}

// ── The deny rules ─────────────────────────────────────────────────────────────────────────────────────────────────

/** `homeless`: what cannot be protected, and why. */
function placeDenies(scene: Scene): { layout: Layout; homeless: ToldStep[] } {
  const { input, names, foreign, band, denyBand, journal } = scene
  const limit = input.limit ?? MOST_RULES
  const capacity = limit - input.rules.filter((rule) => rule.direction === 'Outbound' || !isOwned(rule)).length
  const inOrder = [...scene.guards].sort((a, b) => standing(scene, a) - standing(scene, b))
  const layout = layOut({
    foreign: foreign.map((rule) => placeOf(rule, journal)),
    guards: inOrder.slice(0, Math.max(0, capacity)).map((guard) => guardPlace(scene, guard)),
    first: band.first,
    room: roomFor(scene.holes.length + scene.others.length),
    denyBand,
  })
  const homeless = inOrder
    .filter((guard) => (layout.get(names.deny(guard)) ?? 0) < denyBand.first)
    .map(({ machine }) => tellStep('NoRoomToProtect', { machine: resourceName(machine), limit }))
  return { layout, homeless }
}

function placeOf(rule: SecurityRule, journal: RuleJournal): { name: string; original: number; moved: boolean } {
  const original = originalOf(rule, journal)
  return { name: rule.name, original, moved: original !== rule.priority }
}

/** Deny rules that stand come first, in their order, so that a new machine does not shift them. */
function standing({ names, owned }: Scene, guard: Guard): number {
  return owned.get(names.deny(guard).toLowerCase())?.priority ?? LAST_PRIORITY + 1
}

function guardPlace({ names, foreign, owned }: Scene, guard: Guard): GuardPlace {
  const ports = guard.ports.map(({ number }) => number)
  const opens = (rule: SecurityRule): boolean => rule.access === 'Allow' && concerns(rule, guard, ports)
  const above = foreign.findIndex((rule) => opens(rule) && admitsEverybody(rule.sources))
  const below = foreign.findLastIndex(opens)
  const name = names.deny(guard)
  const current = owned.get(name.toLowerCase())?.priority
  return {
    name,
    ...(above >= 0 ? { above } : below >= 0 ? { below } : {}),
    ...(current === undefined ? {} : { current }),
  }
}

function roomFor(holes: number): number {
  return Math.max(1, Math.ceil(holes / PORTION)) * PORTION
}

interface Wanted {
  readonly rule: SecurityRule
  readonly guard?: Guard
  readonly hole?: Hole
}

function wantedDenies({ names, guards, denyBand }: Scene, layout: Layout): Wanted[] {
  return guards.flatMap((guard) => {
    const arm = denyRule(names.deny(guard), guard)
    const number = layout.get(arm.name) ?? 0
    return number < denyBand.first ? [] : [{ rule: made(arm, number), guard }]
  })
}

/** `22, 3389` on `web1`, or `web1 (10.0.0.4)` where it has other addresses too. */
function factsOfGuard({ ports, machine, isOnly, addresses }: Guard): { ports: string; machine: string } {
  const numbers = [...new Set(ports.map((port) => port.number))].sort((a, b) => a - b)
  const where = isOnly ? '' : ` (${addresses.map(formatIpPrefix).join(', ')})`
  return { ports: numbers.join(', '), machine: `${resourceName(machine)}${where}` }
}

function made(arm: ArmSecurityRule, priority: number): SecurityRule {
  const written = { ...arm, properties: { ...arm.properties, priority } }
  const parsed = parseSecurityRule(written, arm.name)
  if (parsed.ok) return parsed.value
  throw new Error(`a rule of our own making is malformed: ${parsed.refusals.map(({ message }) => message).join('; ')}`)
}

// ── The allow rules ────────────────────────────────────────────────────────────────────────────────────────────────

interface Allows {
  readonly rules: readonly Wanted[]
  readonly impossible: ReadonlyMap<HoleKey, Failure>
}

function placeAllows(scene: Scene, layout: Layout): Allows {
  const { input, names, holes, others, band } = scene
  const impossible = new Map<HoleKey, Failure>()
  const candidates = holes.flatMap((hole) => {
    const parts = partsOf(hole, input)
    if (parts.length === 0) impossible.set(hole.key, noAddress(hole))
    return parts
  })
  const free = (input.limit ?? MOST_RULES) - countOthers(scene, layout)
  for (const { hole } of candidates.slice(Math.max(0, free))) impossible.set(hole.key, tooMany(hole))
  const kept = candidates.slice(0, Math.max(0, free)).filter(({ hole }) => !impossible.has(hole.key))
  const toPlace = [...others.map((rule) => otherToPlace(rule)), ...kept.map((part) => holeToPlace(scene, layout, part))]
  const placed = placeHoles(toPlace, layout.values(), band)
  const rules: Wanted[] = others.flatMap((rule) => {
    const number = placed.numbers.get(rule.name)
    return number === undefined ? [] : [{ rule: withPriority(rule, number) }]
  })
  for (const part of kept) {
    const { hole } = part
    const arm = allowRule(names.allow(part), part, policyOf(hole, input.desired.shields))
    const number = placed.numbers.get(arm.name)
    const reason = placed.impossible.get(arm.name)
    if (reason !== undefined) impossible.set(hole.key, noPlace(hole, reason, band))
    else if (number !== undefined) rules.push({ rule: made(arm, number), hole })
  }
  return { rules, impossible }
}

/** One part for each address family in which the hole can be opened; none when the machine has no fitting address here. */
function partsOf(hole: Hole, { machines }: RulesInput): HolePart[] {
  const machine = machines.get(resourceKey(hole.machine))
  const all = machine?.nics.flatMap(({ addresses }) => addresses) ?? []
  return FAMILIES.flatMap((family) => {
    const addresses = all.filter((address) => address.family === family)
    const sources = sourcesIn(family, hole, machine?.seenFrom)
    return addresses.length === 0 || sources.length === 0 ? [] : [{ hole, family, addresses, sources }]
  })
}

/** Who the hole lets in, as the machine sees them in this family. A firewall translates no private address. */
function sourcesIn(family: Family, { source }: Hole, seenFrom: GuardedMachine['seenFrom']): HolePart['sources'] {
  if (seenFrom !== undefined && (source === '*' || isPublic(source)))
    return seenFrom.filter((prefix) => prefix.family === family)
  return source === '*' || source.family === family ? [source] : []
}

function countOthers({ input, names, others, guards }: Scene, layout: Layout): number {
  const foreign = input.rules.filter((rule) => rule.direction === 'Outbound' || !isOwned(rule)).length
  const denies = guards.filter((guard) => layout.has(names.deny(guard))).length
  return foreign + denies + others.length
}

function holeToPlace(scene: Scene, layout: Layout, part: HolePart): HoleToPlace {
  const { names, foreign, owned, input } = scene
  const name = names.allow(part)
  const current = owned.get(name.toLowerCase())?.priority
  const deny = lowest(guardsOfPart(scene, part).map((guard) => layout.get(names.deny(guard))))
  const blocker = foreign.find((rule) => deniesAllOf(rule, part, input))
  const at = layout.get(blocker?.name ?? '')
  return {
    name,
    ...(current === undefined ? {} : { current }),
    ...(deny === undefined ? {} : { deny }),
    ...(blocker === undefined || at === undefined ? {} : { barrier: { name: blocker.name, at } }),
  }
}

function guardsOfPart({ guards }: Scene, { hole, family }: HolePart): Guard[] {
  const key = resourceKey(hole.machine)
  return guards.filter(({ machine, addresses }) => resourceKey(machine) === key && addresses[0]?.family === family)
}

function lowest(numbers: readonly (number | undefined)[]): number | undefined {
  const known = numbers.filter((number) => number !== undefined)
  return known.length === 0 ? undefined : Math.min(...known)
}

/** It stays where it is unless a foreign rule comes home to its number. */
function otherToPlace(rule: SecurityRule): HoleToPlace {
  return { name: rule.name, current: rule.priority }
}

/** True if no packet of the hole gets past this rule. */
function deniesAllOf(rule: SecurityRule, { hole, sources }: HolePart, { machines }: RulesInput): boolean {
  if (rule.access !== 'Deny' || (rule.protocol !== '*' && rule.protocol !== hole.protocol)) return false
  if (
    !includesPort(rule.destinationPorts, hole.port) ||
    !rule.sourcePorts.some(({ from, to }) => from === 0 && to === 65_535)
  )
    return false
  const nics = (machines.get(resourceKey(hole.machine))?.nics ?? []).flatMap(byFamily)
  return sources.every((source) => rule.sources.some((from) => covers(from, source))) && nics.every(covered)

  function covered({ addresses, groups }: GuardedNic): boolean {
    return addresses.every((address) =>
      rule.destinations.some((to) => destinationMatches(to, address, groups) === 'yes'),
    )
  }
}

function policyOf(hole: Hole, shields: readonly Shield[]): string {
  const ofMachine = shields.filter((shield) => resourceKey(shield.machine) === resourceKey(hole.machine))
  const exact = ofMachine.filter((shield) => shield.ports.some(({ number }) => number === hole.port))
  return [...exact, ...ofMachine].map(({ policy }) => policy).at(0) ?? ''
}

function factsOfHole({ port, protocol, machine, source }: Hole): Record<'port' | 'machine' | 'source', string> {
  return { port: `${port}/${protocol}`, machine: resourceName(machine), source: formatSource(source) }
}

function noAddress(hole: Hole): Failure {
  const facts = factsOfHole(hole)
  return hole.source === '*'
    ? failure('NoPrivateAddress', facts)
    : failure('NoPrivateAddressOfFamily', { ...facts, family: `IPv${hole.source.family}` })
}

function tooMany(hole: Hole): Failure {
  return failure('TooManyRules', factsOfHole(hole))
}

function noPlace(hole: Hole, { barrier }: Pick<HoleToPlace, 'barrier'>, { first, last }: Band): Failure {
  const facts = factsOfHole(hole)
  return barrier === undefined
    ? failure('NoFreePriority', { ...facts, first, last })
    : failure('DeniedByAnotherRule', { ...facts, rule: barrier.name, priority: barrier.at })
}

// ── The difference ─────────────────────────────────────────────────────────────────────────────────────────────────

interface Difference {
  readonly step: RuleStep
  readonly change: RuleChange
}

function removals({ owned, input }: Scene, wanted: readonly Wanted[]): Difference[] {
  const names = new Set(wanted.map(({ rule }) => rule.name.toLowerCase()))
  return [...owned.values()]
    .filter((rule) => !names.has(rule.name.toLowerCase()))
    .map((rule) => {
      const facts = factsOfRule(rule, input.machines)
      const step: RuleStep =
        rule.access === 'Deny'
          ? { kind: 'unprotect', ...tellStep('UnprotectRule', facts) }
          : { kind: 'close', ...tellStep('CloseRule', facts) }
      return { step, change: { kind: 'remove', name: rule.name } }
    })
}

function factsOfRule(
  rule: SecurityRule,
  machines: RulesInput['machines'],
): FactsOf<(typeof STEP_SENTENCES)['CloseRule']> {
  const ports = rule.destinationPorts.map(({ from, to }) => (from === to ? from : `${from}-${to}`)).join(', ')
  const [to] = rule.destinations
  const owner =
    to === undefined || to === '*' || isTag(to)
      ? undefined
      : [...machines.values()].find(({ nics }) =>
          nics.some(({ addresses }) => addresses.some((address) => sameAddress(address, to))),
        )
  const machine = owner === undefined ? 'a machine that is gone' : resourceName(owner.id)
  return { ports, machine, rule: rule.name, priority: rule.priority }
}

function moves({ foreign, journal }: Scene, layout: Layout): Difference[] {
  return foreign.flatMap((rule): Difference[] => {
    const number = layout.get(rule.name) ?? rule.priority
    if (number === rule.priority) return []
    const facts = { rule: rule.name, from: rule.priority, priority: number }
    const step: RuleStep =
      number === originalOf(rule, journal)
        ? { kind: 'restore', ...tellStep('RestoreRule', facts) }
        : { kind: 'move', ...tellStep('MoveRule', facts) }
    return [{ step, change: { kind: 'put', rule: withPriority(rule, number) } }]
  })
}

function writing(scene: Scene, want: Wanted): Difference[] {
  const { rule } = want
  const is = scene.owned.get(rule.name.toLowerCase())
  if (is !== undefined && is.priority === rule.priority && fingerprint(is) === fingerprint(rule)) return []
  return [{ step: stepOf(scene, want, is), change: { kind: 'put', rule } }]
}

function stepOf(scene: Scene, want: Wanted, is: SecurityRule | undefined): RuleStep {
  const { rule, guard, hole } = want
  const isMoved = is !== undefined && fingerprint(is) === fingerprint(rule)
  if (!isMoved && guard !== undefined) return stepOfDeny(scene, rule, guard)
  if (!isMoved && hole !== undefined) return stepOfAllow(rule, hole, is)
  return { kind: 'move', ...tellMove(want, is?.priority ?? rule.priority) }
}

function tellMove({ rule: { name, priority }, guard, hole }: Wanted, from: number): ToldStep {
  const to = { rule: name, from, priority }
  if (guard !== undefined) return tellStep('MoveProtectingRule', { ...factsOfGuard(guard), ...to })
  return hole === undefined ? tellStep('MoveOwnRule', to) : tellStep('MoveOpenRule', { ...factsOfHole(hole), ...to })
}

function stepOfDeny(scene: Scene, rule: SecurityRule, guard: Guard): RuleStep {
  const seen = scene.journal.denies.get(rule.name.toLowerCase())
  const facts = { ...factsOfGuard(guard), rule: rule.name, priority: rule.priority }
  return seen?.held === true && seen.print === printOf(rule)
    ? { kind: 'repair', ...tellStep('RepairProtectingRule', facts, beneath(scene, guard)) }
    : { kind: 'protect', ...tellStep('ProtectByRule', facts, beneath(scene, guard)) }
}

/** Narrower rules that were judged after a rule for everybody are now judged after the deny rule: people must know. */
function beneath({ foreign }: Scene, guard: Guard): ToldStep[] {
  const ports = guard.ports.map(({ number }) => number)
  const broad = foreign.findIndex(
    (rule) => rule.access === 'Allow' && concerns(rule, guard, ports) && admitsEverybody(rule.sources),
  )
  if (broad < 0) return []
  const after = foreign.slice(broad).filter((rule) => rule.access === 'Allow' && concerns(rule, guard, ports))
  const rules = after.map((rule) => `'${rule.name}'`).join(', ')
  return [tellStep(after.length === 1 ? 'OneBeneath' : 'SeveralBeneath', { rules })]
}

function stepOfAllow(rule: SecurityRule, hole: Hole, is: SecurityRule | undefined): RuleStep {
  const facts = { ...factsOfHole(hole), rule: rule.name, priority: rule.priority, until: formatInstant(hole.until) }
  if (is === undefined) return { kind: 'open', ...tellStep('OpenByRule', facts) }
  const sameHole = fingerprint({ ...is, description: '' }) === fingerprint({ ...rule, description: '' })
  if (sameHole && markedEnd(is.description) !== undefined) return { kind: 'extend', ...tellStep('ExtendRule', facts) }
  return { kind: 'repair', ...tellStep('RepairOpenRule', facts) }
}

// ── What the observation proves ────────────────────────────────────────────────────────────────────────────────────

/**
 * Holes whose rule stands as it should (whatever its description says) and is judged before whatever denies it. A hole
 * outside the scope that somebody asks about is looked at too: a grant with several sources may have one there.
 */
function heldHoles(scene: Scene, impossible: ReadonlyMap<HoleKey, Failure>): Set<HoleKey> {
  const { input, names, owned } = scene
  const held = input.desired.holes.filter((hole) => {
    const parts = partsOf(hole, input)
    return parts.length > 0 && !impossible.has(hole.key) && parts.every(stands)
  })
  return new Set(held.map(({ key }) => key))

  function stands(part: HolePart): boolean {
    const is = owned.get(names.allow(part).toLowerCase())
    return is !== undefined && lets(scene, part, is)
  }
}

function lets(scene: Scene, part: HolePart, is: SecurityRule): boolean {
  const { input, names, owned, foreign } = scene
  const should = made(allowRule(names.allow(part), part, ''), is.priority)
  if (fingerprint({ ...is, description: '' }) !== fingerprint({ ...should, description: '' })) return false
  const denies = guardsOfPart(scene, part).map((guard) => owned.get(names.deny(guard).toLowerCase())?.priority)
  if ((lowest(denies) ?? Number.POSITIVE_INFINITY) < is.priority) return false
  return !foreign.some((other) => other.priority < is.priority && deniesAllOf(other, part, input))
}

/** Slots that a rule of ours opens although it should not. */
function lingeringSlots({ input, owned }: Scene, wanted: readonly Wanted[]): Set<Slot> {
  const expected = new Map(wanted.map(({ rule, hole }) => [rule.name.toLowerCase(), hole?.slot]))
  const lingering = new Set<Slot>()
  for (const [name, rule] of owned) {
    const slot = rule.access === 'Allow' ? slotOfRule(rule, input.machines) : undefined
    if (slot !== undefined && slot !== expected.get(name) && inScope(input.scope, slot)) lingering.add(slot)
  }
  return lingering
}

function nextJournal(scene: Scene, layout: Layout, wanted: readonly Wanted[], pending: boolean): JournalLine[] {
  const { foreign, journal, input, guards } = scene
  const denies = new Map<string, SeenDeny>()
  for (const { rule } of wanted) {
    if (rule.access !== 'Deny' || scene.others.some((other) => other.name === rule.name)) continue
    const name = rule.name.toLowerCase()
    const print = printOf(rule)
    const before = journal.denies.get(name)
    denies.set(name, { print, held: !pending || (before?.held === true && before.print === print) })
  }
  const moved = nextMoves({ foreign, layout, journal, version: input.version, pending, final: guards.length === 0 })
  return writeJournal({ moves: moved, denies })
}

function printOf(rule: SecurityRule): string {
  return sha256(fingerprint(rule)).slice(0, 16)
}
