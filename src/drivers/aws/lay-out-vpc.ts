/**
 * Where everything should be while machines are guarded. Security groups have no deny, so a protected port is closed by
 * revoking every rule that opens it, in every group on every interface of the machine. What the rule let in besides is
 * authorised again beside it (`rest`).
 *
 * A group keeps its members, because rules elsewhere refer to it as a source. Whoever shares it without being protected
 * gets what was revoked in a group of ours (`keeps`): one for all interfaces that lost the same, one per interface.
 *
 * What does not fit the quotas is not begun: see {@link layOutVpc}.
 */
import type { ResourceKey } from '../../domain/resource-id.ts'
import { refusal, type Refusal } from '../../domain/refusal.ts'
import { cutRule, opensAny } from './cut-rule.ts'
import { trafficKey, type NewRule } from './group-rule.ts'
import { jitGroupName, keepGroupName } from './marks.ts'
import { formatPortSet, isEmpty, NO_PORTS, unionOf, without, type PortSet } from './port-set.ts'
import { fits, quotaUse } from './quota-use.ts'
import { cutKey } from './vpc-journal.ts'
import { withOurText, type Guard, type OwnersRule, type VpcScene } from './vpc-scene.ts'
import type { NetworkInterface } from './vpc-state.ts'

export interface Cut {
  readonly rule: OwnersRule
  /** What is to stand in its place, without what other owners' rules let in anyway. */
  readonly rest: readonly NewRule[]
}

export interface VpcLayout {
  /** Rules of others to be revoked, by {@link cutKey}. */
  readonly cuts: ReadonlyMap<string, Cut>
  /** Our groups for neighbours, by name. */
  readonly keeps: ReadonlyMap<string, readonly NewRule[]>
  /** Our groups that each interface carries, by interface. */
  readonly carried: ReadonlyMap<string, ReadonlySet<string>>
  /** What is protected: of a guard that does not fit, what was protected before. */
  readonly guards: readonly Guard[]
  /** Why a guard does not fit. */
  readonly unprotected: readonly Refusal[]
  /** What guards that stand ask too much of: neighbours that are closed with them, rules that stay. */
  readonly stranded: readonly Refusal[]
}

/** A quota that is too small, and the instances whose protection asks for it. */
interface Problem {
  readonly instances: ReadonlySet<string>
  readonly refusal: Refusal
}

/**
 * Guards that ask for more than a quota allows are reduced to what was protected before, and the rest is laid out
 * again: nothing of what is refused has begun. What was promised before stays protected.
 */
export function layOutVpc(scene: VpcScene): VpcLayout {
  let guards = scene.guards
  const unprotected = new Map<string, Refusal>()
  for (;;) {
    const draft = draftOf(scene, guards)
    const tooMuch = new Map<ResourceKey, Refusal>()
    for (const { instances, refusal: reason } of draft.problems)
      for (const guard of guards)
        if (instances.has(guard.instance) && isMore(scene, guard)) tooMuch.set(guard.key, reason)
    if (tooMuch.size === 0) {
      return { ...settled(scene, draft), guards, unprotected: [...unprotected.values()] }
    }
    for (const [key, reason] of tooMuch) unprotected.set(key, reason)
    guards = guards.flatMap((guard) => (tooMuch.has(guard.key) ? reduced(scene, guard) : [guard]))
  }
}

function isMore({ vpcJournal }: VpcScene, { key, ports }: Guard): boolean {
  return !isEmpty(without(ports, vpcJournal.guards.get(key) ?? NO_PORTS))
}

function reduced({ vpcJournal }: VpcScene, guard: Guard): Guard[] {
  const more = without(guard.ports, vpcJournal.guards.get(guard.key) ?? NO_PORTS)
  const ports = without(guard.ports, more)
  return isEmpty(ports) ? [] : [{ ...guard, ports }]
}

// ── A draft, with what does not fit ────────────────────────────────────────────────────────────────────────────────

interface Draft {
  readonly cuts: ReadonlyMap<string, Cut>
  readonly keeps: ReadonlyMap<string, readonly NewRule[]>
  readonly keepOf: ReadonlyMap<string, string>
  readonly jits: ReadonlyMap<string, string>
  readonly problems: readonly Problem[]
  /** Groups without room for what is left of their rules. */
  readonly full: ReadonlySet<string>
  /** Interfaces and groups of ours that cannot be served. */
  readonly unserved: ReadonlySet<string>
}

function draftOf(scene: VpcScene, guards: readonly Guard[]): Draft {
  const portsOf = new Map(guards.map(({ instance, ports }) => [instance, ports]))
  const jits = new Map(
    scene.observed.interfaces.flatMap(({ id, instance }) =>
      instance === undefined || !portsOf.has(instance) ? [] : [[id, jitGroupName(instance)]],
    ),
  )
  const cutPorts = portsOfGroups(scene, portsOf)
  const cuts = cutsOf(scene, cutPorts)
  const cutsIn = Map.groupBy(cuts.values(), ({ rule }) => rule.group)
  const keeps = new Map<string, NewRule[]>()
  const keepOf = new Map<string, string>()
  for (const one of scene.observed.interfaces) {
    const own = portsOf.get(one.instance ?? '') ?? NO_PORTS
    const keep = keepFor(one, own, { cutPorts, cutsIn })
    if (keep === undefined) continue
    keeps.set(keep.name, keep.rules)
    keepOf.set(one.id, keep.name)
  }
  return { cuts, keeps, keepOf, jits, ...problemsOf(scene, { portsOf, cuts, keeps, keepOf, jits }) }
}

/** Per group: the ports that somebody who carries it protects. */
function portsOfGroups({ observed }: VpcScene, portsOf: ReadonlyMap<string, PortSet>): Map<string, PortSet> {
  const found = new Map<string, PortSet[]>()
  for (const { instance, groups } of observed.interfaces) {
    const ports = portsOf.get(instance ?? '')
    if (ports !== undefined) for (const group of groups) found.set(group, [...(found.get(group) ?? []), ports])
  }
  return new Map([...found].map(([group, sets]) => [group, unionOf(sets)]))
}

function cutsOf({ owners }: VpcScene, cutPorts: ReadonlyMap<string, PortSet>): Map<string, Cut> {
  const cuts = new Map<string, Cut>()
  for (const [group, ports] of cutPorts) {
    const rules = owners.get(group) ?? []
    const kept = new Set(rules.filter((rule) => !opensAny(rule, ports)).map(trafficKey))
    for (const rule of rules) {
      if (!opensAny(rule, ports)) continue
      const rest = cutRule(rule, ports).filter((left) => !kept.has(trafficKey(left)))
      const description = withOurText(rule.description)
      cuts.set(cutKey(rule), { rule, rest: rest.map((left) => ({ ...left, description, tags: {} })) })
    }
  }
  return cuts
}

interface Cutting {
  readonly cutPorts: ReadonlyMap<string, PortSet>
  readonly cutsIn: ReadonlyMap<string, readonly Cut[]>
}

/** What an interface loses that it does not protect itself. The name stays while rules change, so that they change in place. */
function keepFor(
  { groups }: NetworkInterface,
  own: PortSet,
  { cutPorts, cutsIn }: Cutting,
): { name: string; rules: NewRule[] } | undefined {
  const rules = new Map<string, NewRule>()
  const losing: string[] = []
  for (const group of groups) {
    const lost = without(cutPorts.get(group) ?? NO_PORTS, own)
    if (isEmpty(lost)) continue
    losing.push(group)
    for (const { rule } of cutsIn.get(group) ?? []) {
      if (!opensAny(rule, lost)) continue
      for (const left of cutRule(rule, own)) {
        const { description } = rule
        const kept = { ...left, tags: {}, ...(description === undefined ? {} : { description }) }
        if (!rules.has(trafficKey(left))) rules.set(trafficKey(left), kept)
      }
    }
  }
  if (rules.size === 0) return undefined
  return { name: keepGroupName(`${losing.sort().join(' ')}|${formatPortSet(own)}`), rules: [...rules.values()] }
}

interface Wishes extends Pick<Draft, 'cuts' | 'keeps' | 'keepOf' | 'jits'> {
  readonly portsOf: ReadonlyMap<string, PortSet>
}

function problemsOf(scene: VpcScene, wishes: Wishes): Pick<Draft, 'problems' | 'full' | 'unserved'> {
  const { observed } = scene
  const full = fullGroups(scene, wishes)
  const tooLong = keepsTooLong(scene, wishes)
  const interfaces = observed.interfaces.flatMap((one) => {
    const reason = crowded(scene, one, wishes)
    return reason === undefined ? [] : [{ id: one.id, instances: askers(scene, one, wishes), refusal: reason }]
  })
  const lists = observed.interfaces.flatMap((one) => {
    const reason = tooLong.get(wishes.keepOf.get(one.id) ?? '')
    return reason === undefined ? [] : [{ instances: askers(scene, one, wishes), refusal: reason }]
  })
  return {
    problems: [...full.values(), ...interfaces, ...lists],
    full: new Set(full.keys()),
    unserved: new Set([...interfaces.map(({ id }) => id), ...tooLong.keys()]),
  }
}

/** The guarded instances that carry a group of this interface, itself included. */
function askers({ observed }: VpcScene, one: NetworkInterface, { portsOf }: Wishes): Set<string> {
  const groups = new Set(one.groups)
  return new Set(
    observed.interfaces.flatMap(({ instance, groups: theirs }) =>
      instance !== undefined && portsOf.has(instance) && theirs.some((group) => groups.has(group)) ? [instance] : [],
    ),
  )
}

function crowded(scene: VpcScene, one: NetworkInterface, { keepOf, jits }: Wishes): Refusal | undefined {
  const ours = [keepOf.get(one.id), jits.get(one.id)].filter((name) => name !== undefined)
  if (ours.length === 0) return undefined
  const foreign = foreignGroupsOf(scene, one)
  const { instance } = one
  const who = instance === undefined ? one.id : `${one.id} of ${scene.observed.names.get(instance) ?? instance}`
  if (one.isRequesterManaged)
    return refusal(
      'InterfaceOfAService',
      `${foreign.join(', ')} cannot be narrowed: ${who} (${one.description || 'managed by a service'}) carries the same security group and only its service can give it another; give the machine a security group of its own`,
    )
  const limit = scene.observed.quotas.groupsPerInterface
  if (foreign.length + ours.length <= limit) return undefined
  return refusal(
    'TooManySecurityGroups',
    `${who} carries ${foreign.length} security groups and needs ${ours.length} more for just-in-time access, but at most ${limit} are allowed; take one off, or ask AWS to raise the quota 'Security groups per network interface'`,
  )
}

function foreignGroupsOf({ ourNames }: VpcScene, { groups }: NetworkInterface): string[] {
  return groups.filter((group) => !ourNames.has(group))
}

/** Groups in which what is left of a rule has no room beside it: for a moment both stand. */
function fullGroups(scene: VpcScene, { cuts, portsOf }: Wishes): Map<string, Problem> {
  const { observed, inboundOf } = scene
  const limit = observed.quotas.rulesPerGroup
  const found = new Map<string, Problem>()
  for (const [group, ofGroup] of Map.groupBy(cuts.values(), ({ rule }) => rule.group)) {
    const standing = inboundOf.get(group) ?? []
    const keys = new Set(standing.map(trafficKey))
    const more = missingRest(ofGroup, keys)
    if (more.length === 0 || fits(quotaUse([...standing, ...more], observed.prefixLists), limit)) continue
    const instances = new Set(
      observed.interfaces.flatMap(({ instance, groups }) =>
        instance !== undefined && portsOf.has(instance) && groups.includes(group) ? [instance] : [],
      ),
    )
    found.set(group, { instances, refusal: noRoom(scene, group, { standing: standing.length, more: more.length }) })
  }
  return found
}

function missingRest(cuts: readonly Cut[], standing: ReadonlySet<string>): NewRule[] {
  const missing = new Map<string, NewRule>()
  for (const { rest } of cuts)
    for (const rule of rest) if (!standing.has(trafficKey(rule))) missing.set(trafficKey(rule), rule)
  return [...missing.values()]
}

function noRoom(
  { foreignGroups, observed }: VpcScene,
  group: string,
  { standing, more }: { standing: number; more: number },
): Refusal {
  const name = foreignGroups.get(group)?.name ?? group
  return refusal(
    'TooManyRules',
    `security group ${group} (${name}) has ${standing} inbound rules and needs ${more} more, because rules that open a protected port also open others; at most ${observed.quotas.rulesPerGroup} are allowed for IPv4 and IPv6 each: remove rules, or ask AWS to raise the quota 'Inbound or outbound rules per security group'`,
  )
}

function keepsTooLong({ observed }: VpcScene, { keeps }: Wishes): Map<string, Refusal> {
  const limit = observed.quotas.rulesPerGroup
  const long = [...keeps].filter(([, rules]) => !fits(quotaUse(rules, observed.prefixLists), limit))
  return new Map(
    long.map(([name, rules]) => [
      name,
      refusal(
        'TooManyRules',
        `neighbours that share a security group with a protected machine need ${rules.length} rules in one more group to lose nothing, and at most ${limit} are allowed for IPv4 and IPv6 each; give the machine a security group of its own`,
      ),
    ]),
  )
}

// ── What is left of the draft ──────────────────────────────────────────────────────────────────────────────────────

/** Only guards that stand still ask too much: their rules stay cut, and what cannot be served is said. */
function settled(
  scene: VpcScene,
  { cuts, keeps, keepOf, jits, problems, full, unserved }: Draft,
): Pick<VpcLayout, 'cuts' | 'keeps' | 'carried' | 'stranded'> {
  const carried = new Map<string, Set<string>>()
  for (const { id, groups } of scene.observed.interfaces) {
    const names = [keepOf.get(id), jits.get(id)].filter((name) => name !== undefined && !unserved.has(name))
    // What it cannot carry as well, it must not lose either.
    const carries = (name: string): boolean => groups.includes(scene.ourGroups.get(name)?.id ?? '')
    carried.set(
      id,
      new Set(names.filter((name) => name !== undefined).filter((name) => !unserved.has(id) || carries(name))),
    )
  }
  const used = new Set([...carried.values()].flatMap((names) => [...names]))
  return {
    cuts: new Map([...cuts].filter(([, cut]) => !full.has(cut.rule.group) || isDone(scene, cut))),
    keeps: new Map([...keeps].filter(([name]) => used.has(name))),
    carried,
    stranded: problems.map((problem) => problem.refusal),
  }
}

/** In a group without room, only rules of which nothing more must be written may go. */
function isDone({ inboundOf }: VpcScene, { rule, rest }: Cut): boolean {
  const standing = new Set((inboundOf.get(rule.group) ?? []).map(trafficKey))
  return rest.every((left) => standing.has(trafficKey(left)))
}
