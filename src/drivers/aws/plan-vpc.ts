/**
 * The difference between what a VPC should carry and what it carries, as operations and as sentences. Pure; planning on
 * the result of a plan gives an empty plan.
 *
 * The order of the operations is the point of this file. What ends is closed first. Then our groups are made and filled,
 * then rules are added to the groups of others (what is left of a rule, and what is put back), then interfaces change
 * groups, and only then are rules revoked: at the moment when an interface changes its groups, the groups of others hold
 * the rules of before and of after, so no neighbour is closed for a moment. A plan that is cut off at any step leaves more
 * open than it should, never less, and the next pass finishes it.
 */
import type { Plan, Step } from '../../app/ports.ts'
import type { Hole, HoleKey, Slot } from '../../domain/access/hole.ts'
import { failure, type Failure } from '../../domain/access/failure.ts'
import { tellStep } from '../../domain/access/step.ts'
import type { Refusal } from '../../domain/refusal.ts'
import { resourceKey, type ResourceKey } from '../../domain/resource-id.ts'
import { formatInstant, type Instant } from '../../domain/time.ts'
import { ruleOfSchedule, scheduleName } from './belt.ts'
import {
  isEverybody,
  protocolAndPorts,
  trafficKey,
  type GroupRule,
  type NewRule,
  type Tags,
  type Traffic,
} from './group-rule.ts'
import { hasTags, slotOfOpening, tooManyOpenings, wantedOpenings, type WantedOpening } from './jit-openings.ts'
import { layOutVpc, type Cut, type VpcLayout } from './lay-out-vpc.ts'
import { instanceOfGroup, jitGroupDescription, jitGroupName, keepGroupDescription, pointTags } from './marks.ts'
import type { GroupRef, Operation } from './operation.ts'
import { placeOfPoint } from './place.ts'
import { formatPortSet } from './port-set.ts'
import { fits, quotaUse } from './quota-use.ts'
import { cutKey, writeVpcJournal, type CutRule } from './vpc-journal.ts'
import {
  jitGroupsOf,
  machineText,
  sceneOf,
  type Guard,
  type OwnersRule,
  type VpcInput,
  type VpcScene,
} from './vpc-scene.ts'
import type { NetworkInterface, SecurityGroup } from './vpc-state.ts'

export interface VpcPlan extends Plan {
  readonly operations: readonly Operation[]
  /** Machines that do not fit a quota and are left as they are. */
  readonly unprotected: readonly Refusal[]
  /** What a person should know: neighbours that are closed too, sessions that end with their rule. */
  readonly warnings: readonly Refusal[]
}

export function planVpc(input: VpcInput): VpcPlan {
  const scene = sceneOf(input)
  if (input.scope !== 'all')
    return planOf(input, withBelt(scene, planOpenings(scene, guardsInScope(scene, input.scope))))
  const layout = layOutVpc(scene)
  const openings = withBelt(scene, planOpenings(scene, withInterfaces(scene, layout.guards)))
  const shields = planShields(scene, layout)
  return {
    ...planOf(input, {
      steps: [...shields.steps, ...openings.steps],
      phases: joined(openings.phases, shields.phases),
      judged: openings.judged,
    }),
    unprotected: layout.unprotected,
    warnings: layout.stranded,
    journal: nextJournal(scene, layout),
  }
}

/** What is done, by when; see the top of the file. */
interface Phases {
  readonly close: readonly Operation[]
  readonly make: readonly Operation[]
  readonly fill: readonly Operation[]
  readonly widen: readonly Operation[]
  readonly attach: readonly Operation[]
  readonly narrow: readonly Operation[]
  readonly clear: readonly Operation[]
}

const NOTHING: Phases = { close: [], make: [], fill: [], widen: [], attach: [], narrow: [], clear: [] }

function joined(a: Phases, b: Phases): Phases {
  return {
    close: [...a.close, ...b.close],
    make: [...a.make, ...b.make],
    fill: [...a.fill, ...b.fill],
    widen: [...a.widen, ...b.widen],
    attach: [...a.attach, ...b.attach],
    narrow: [...a.narrow, ...b.narrow],
    clear: [...a.clear, ...b.clear],
  }
}

interface Part {
  readonly steps: readonly Step[]
  readonly phases: Phases
}

function planOf(
  { journal }: Pick<VpcInput, 'journal'>,
  { steps, phases, judged }: Part & Pick<Openings, 'judged'>,
): VpcPlan {
  const { close, make, fill, widen, attach, narrow, clear } = phases
  const operations = [...close, ...make, ...fill, ...widen, ...attach, ...narrow, ...clear]
  return { steps, operations, ...judged, journal, unprotected: [], warnings: [] }
}

// ── Openings: one group per protected machine ──────────────────────────────────────────────────────────────────────

interface Openings extends Part {
  /** Rules that are to stand, with their ends; those that are only asked for come with the next look. */
  readonly standing: readonly { readonly rule: GroupRule; readonly until: Instant; readonly facts: OpeningFacts }[]
  readonly judged: Pick<Plan, 'held' | 'lingering' | 'impossible'>
}

function planOpenings(scene: VpcScene, guards: readonly Guard[]): Openings {
  const guarded = new Set(guards.map(({ instance }) => instance))
  const parts = guards.map((guard) => openingsOfGuard(scene, guard))
  const strays = jitGroupsOf(scene)
    .filter(({ instance }) => !guarded.has(instance))
    .map(({ group }) => closeWholeGroup(scene, group))
  const keys = new Set(guards.map(({ key }) => key))
  const homeless = scene.holes.filter((hole) => !keys.has(resourceKey(hole.machine)))
  return {
    steps: [...parts.flatMap(({ steps }) => steps), ...strays.flatMap(({ steps }) => steps)],
    phases: [...parts, ...strays].map(({ phases }) => phases).reduce(joined, NOTHING),
    standing: parts.flatMap(({ standing }) => standing),
    judged: {
      held: new Set(parts.flatMap(({ held }) => held)),
      lingering: new Set(parts.flatMap(({ lingering }) => lingering)),
      impossible: new Map([
        ...parts.flatMap(({ impossible }) => [...impossible]),
        ...homeless.map((hole): [HoleKey, Failure] => [hole.key, notProtected(scene, hole)]),
      ]),
    },
  }
}

function withInterfaces({ interfacesOf }: VpcScene, guards: readonly Guard[]): Guard[] {
  return guards.filter(({ instance }) => interfacesOf.has(instance))
}

/** A new guard comes with a look at everything, which decides whether it fits. */
function guardsInScope(scene: VpcScene, slots: ReadonlySet<Slot>): Guard[] {
  const touched = new Set([...slots].map(machineOfSlot))
  return withInterfaces(
    scene,
    scene.guards.filter(({ key }) => touched.has(key) && scene.vpcJournal.guards.has(key)),
  )
}

/** `machine|port|source`: neither of the last two holds a bar. */
export function machineOfSlot(slot: Slot): ResourceKey {
  return slot.split('|').slice(0, -2).join('|') as ResourceKey // as slotOf() of the domain writes it
}

interface GuardOpenings extends Part, Pick<Openings, 'standing'> {
  readonly held: readonly HoleKey[]
  readonly lingering: readonly Slot[]
  readonly impossible: ReadonlyMap<HoleKey, Failure>
}

function openingsOfGuard(scene: VpcScene, guard: Guard): GuardOpenings {
  const group = scene.ourGroups.get(jitGroupName(guard.instance))
  const all = group === undefined ? [] : (scene.inboundOf.get(group.id) ?? [])
  const [looked, others] = split(all, (rule) => isLookedAt(scene, guard, rule))
  const holes = scene.holes.filter((hole) => resourceKey(hole.machine) === guard.key)
  const limit = scene.observed.quotas.rulesPerGroup
  const impossible = new Map([
    ...tooManyOpenings(holes, { standing: looked, others, limit }),
    ...(isCarriedBy(scene, guard, group) ? [] : cannotCarry(scene, guard, holes)),
  ])
  const wanted = wantedOpenings(
    scene.point,
    holes.filter((hole) => !impossible.has(hole.key)),
  )
  const standing = new Map(looked.map((rule) => [trafficKey(rule), rule]))
  const surplus = looked.filter((rule) => !wanted.has(trafficKey(rule)))
  const missing = [...wanted.values()].filter(({ rule }) => !standing.has(trafficKey(rule)))
  const stale = [...wanted.values()].flatMap((opening) => staleTags(opening, standing))
  const vessel = vesselFor(scene, guard, group)
  const ref: GroupRef = group === undefined ? { name: jitGroupName(guard.instance) } : { id: group.id }
  return {
    steps: [
      ...surplus.map((rule) => closeStep(scene, guard, rule)),
      ...vessel.steps,
      ...missing.map((opening) => openStep(scene, guard, opening)),
      ...stale.map(({ opening }) => extendStep(scene, guard, opening)),
    ],
    phases: joined(vessel.phases, {
      ...NOTHING,
      close: revokeAll(surplus),
      fill: [
        ...authorizeAll(
          ref,
          missing.map(({ rule }) => rule),
        ),
        ...stale.map(({ operation }) => operation),
      ],
    }),
    held:
      vessel.steps.length > 0 ? [] : holes.filter((hole) => holds(hole, { wanted, standing })).map(({ key }) => key),
    lingering: surplus.flatMap((rule) => slotOfOpening(guard.key, rule) ?? []),
    impossible,
    standing: [...wanted].flatMap(([key, { until }]) => {
      const rule = standing.get(key)
      if (rule === undefined) return []
      return [{ rule, until, facts: openingFacts(scene, guard, { rule, until }) }]
    }),
  }
}

function split<T>(items: readonly T[], test: (item: T) => boolean): [T[], T[]] {
  return [items.filter(test), items.filter((item) => !test(item))]
}

/** In a pass over some slots, rules of other slots are left alone, and so is what only a look at everything can judge. */
function isLookedAt({ scope }: VpcScene, { key }: Guard, rule: GroupRule): boolean {
  const slot = slotOfOpening(key, rule)
  return scope === 'all' || (slot !== undefined && scope.has(slot))
}

function holds(
  hole: Hole,
  { wanted, standing }: { wanted: ReadonlyMap<string, WantedOpening>; standing: ReadonlyMap<string, GroupRule> },
): boolean {
  const keys = [...wanted].filter(([, { rule }]) => servesHole(rule, hole)).map(([key]) => key)
  return keys.length > 0 && keys.every((key) => standing.has(key))
}

function servesHole(rule: Traffic, hole: Hole): boolean {
  return wantedOpenings('' as VpcScene['point'], [hole]).has(trafficKey(rule)) // only the keys matter, not the tags
}

function staleTags(
  opening: WantedOpening,
  standing: ReadonlyMap<string, GroupRule>,
): { opening: WantedOpening; operation: Operation }[] {
  const { rule } = opening
  const is = standing.get(trafficKey(rule))
  if (is === undefined || hasTags(is, rule.tags)) return []
  return [{ opening, operation: { kind: 'tag', group: is.group, rule: is.id, tags: rule.tags } }]
}

/** True if every interface of the machine carries the group already, or can still take it. */
function isCarriedBy(
  { interfacesOf, observed }: VpcScene,
  { instance }: Guard,
  group: SecurityGroup | undefined,
): boolean {
  return (interfacesOf.get(instance) ?? []).every(
    ({ groups, isRequesterManaged }) =>
      groups.includes(group?.id ?? '') || (!isRequesterManaged && groups.length < observed.quotas.groupsPerInterface),
  )
}

function cannotCarry(scene: VpcScene, { machine }: Guard, holes: readonly Hole[]): [HoleKey, Failure][] {
  const limit = scene.observed.quotas.groupsPerInterface
  const why = failure('TooManySecurityGroups', { machine: machineText(scene, machine), limit })
  return holes.map((hole) => [hole.key, why])
}

/** The group itself: made, without outbound rules, and carried by every interface of its machine and by no other. */
function vesselFor(scene: VpcScene, guard: Guard, group: SecurityGroup | undefined): Part {
  const { instance, machine } = guard
  const name = jitGroupName(instance)
  const make: Operation[] = []
  if (group === undefined) {
    make.push({ kind: 'create', name, description: jitGroupDescription(instance), tags: pointTags(scene.point) })
  } else if (hasOutbound(scene, group)) make.push({ kind: 'seal', group: group.id })
  // In a look at everything, the layout of the shields says what each interface carries.
  const lacking =
    scene.scope === 'all'
      ? []
      : (scene.interfacesOf.get(instance) ?? []).filter((one) => !one.groups.includes(group?.id ?? ''))
  const attach = isCarriedBy(scene, guard, group)
    ? lacking.map(({ id }): Operation => ({
        kind: 'attach',
        networkInterface: id,
        add: [group === undefined ? { name } : { id: group.id }],
        remove: [],
      }))
    : []
  if (make.length + attach.length === 0) return { steps: [], phases: NOTHING }
  const facts = { machine: machineText(scene, machine), group: name }
  const step: Step = scene.vpcJournal.guards.has(guard.key)
    ? { kind: 'repair', ...tellStep('RepairGroup', facts) }
    : { kind: 'protect', ...tellStep('ProtectByGroup', facts) }
  return { steps: [step], phases: { ...NOTHING, make, attach } }
}

function hasOutbound({ observed }: VpcScene, { id }: SecurityGroup): boolean {
  return observed.outbound.some(({ group }) => group === id)
}

/** Nobody is protected there any more; the group itself goes when no interface carries it. */
function closeWholeGroup({ inboundOf }: VpcScene, group: SecurityGroup): Part {
  const rules = inboundOf.get(group.id) ?? []
  const instance = instanceOfGroup(group) ?? group.name
  return {
    steps: rules.map((rule) => ({
      kind: 'close',
      ...tellStep('CloseInGroup', { ...trafficFacts(rule), machine: instance, rule: rule.id }),
    })),
    phases: { ...NOTHING, close: revokeAll(rules) },
  }
}

function notProtected(scene: VpcScene, hole: Hole): Failure {
  return failure('NotProtectedHere', { machine: machineText(scene, hole.machine) })
}

function closeStep(scene: VpcScene, { machine }: Guard, rule: GroupRule): Step {
  const facts = { ...trafficFacts(rule), machine: machineText(scene, machine), rule: rule.id }
  return { kind: 'close', ...tellStep('CloseInGroup', facts) }
}

function openStep(scene: VpcScene, guard: Guard, opening: WantedOpening): Step {
  const untracked = isUntracked(scene, guard, opening.rule) ? [tellStep('EndsWithRule', {})] : []
  return { kind: 'open', ...tellStep('OpenInGroup', openingFacts(scene, guard, opening), untracked) }
}

function extendStep(scene: VpcScene, guard: Guard, opening: WantedOpening): Step {
  return { kind: 'extend', ...tellStep('ExtendInGroup', openingFacts(scene, guard, opening)) }
}

type OpeningFacts = Readonly<Record<'traffic' | 'peer' | 'machine' | 'until', string>>

function openingFacts(
  scene: VpcScene,
  { machine }: Guard,
  { rule, until }: { readonly rule: Traffic; readonly until: Instant },
): OpeningFacts {
  return { ...trafficFacts(rule), machine: machineText(scene, machine), until: formatInstant(until) }
}

/**
 * A flow that everybody may begin and whose answers may go everywhere is not tracked: it is judged by the rules of every
 * moment, so closing ends it. Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/security-group-connection-tracking.html
 */
function isUntracked({ interfacesOf, observed }: VpcScene, { instance }: Guard, rule: Traffic): boolean {
  if (!isEverybody(rule)) return false
  const groups = new Set((interfacesOf.get(instance) ?? []).flatMap((one) => one.groups))
  return observed.outbound.some((out) => groups.has(out.group) && out.peer === rule.peer && allowsAll(out, rule))
}

function allowsAll(out: Traffic, { protocol }: Traffic): boolean {
  return out.protocol === '-1' || (out.protocol === protocol && out.from <= 0 && (out.to === 65_535 || out.to === -1))
}

// ── The belt: a schedule for each opening ──────────────────────────────────────────────────────────────────────────

/** The new one is there before the old one goes, when an end moves. Without the belt, or while it fails, nothing. */
function withBelt(scene: VpcScene, openings: Openings): Openings {
  const { schedules } = scene.observed
  if (schedules === undefined) return openings
  const { vpc } = placeOfPoint(scene.point)
  const wanted = new Map(
    openings.standing.map((one) => [scheduleName(vpc, one.rule.id, one.until), { ...one, at: one.until }]),
  )
  const missing = [...wanted].filter(([name]) => !schedules.has(name))
  const surplus = [...schedules].filter((name) => !wanted.has(name) && isOver(scene, openings, name))
  return {
    ...openings,
    steps: [
      ...openings.steps,
      ...missing.map(([, { facts }]): Step => ({ kind: 'extend', ...tellStep('Schedule', facts) })),
      ...surplus.map((schedule): Step => ({ kind: 'close', ...tellStep('Unschedule', { schedule }) })),
    ],
    phases: joined(openings.phases, {
      ...NOTHING,
      clear: [
        ...missing.map(([name, { rule, at }]): Operation => ({
          kind: 'schedule',
          schedule: { name, group: rule.group, rule: rule.id, at },
        })),
        ...surplus.map((name): Operation => ({ kind: 'unschedule', name })),
      ],
    }),
  }
}

/** In a pass over some slots, only schedules of rules that are looked at: the others may have a rule that is not read. */
function isOver({ scope }: VpcScene, { phases, standing }: Openings, name: string): boolean {
  const rule = ruleOfSchedule(name)
  if (rule === undefined) return false
  const closing = phases.close.flatMap((operation) => (operation.kind === 'revoke' ? operation.rules : []))
  return scope === 'all' || closing.includes(rule) || standing.some((one) => one.rule.id === rule)
}

// ── Shields: what is revoked, what stands in its place, and what neighbours keep ───────────────────────────────────

function planShields(scene: VpcScene, layout: VpcLayout): Part {
  const cuts = planCuts(scene, layout)
  const rest = planRest(scene, layout)
  const keeps = planKeeps(scene, layout)
  const carried = planCarried(scene, layout)
  const parts = [cuts, rest, keeps, carried, planUnused(scene, layout)]
  return {
    steps: parts.flatMap(({ steps }) => steps),
    phases: parts.map(({ phases }) => phases).reduce(joined, NOTHING),
  }
}

function planCuts(scene: VpcScene, { cuts, guards }: VpcLayout): Part {
  const standing = [...cuts].flatMap(([key, cut]) => {
    const { standing: rule } = cut.rule
    return rule === undefined ? [] : [{ key, cut, rule }]
  })
  return {
    steps: standing.map(({ key, cut, rule }) => cutStep(scene, { cut, rule, guards, isBack: isHeld(scene, key) })),
    phases: { ...NOTHING, narrow: revokeAll(standing.map(({ rule }) => rule)) },
  }
}

function isHeld({ vpcJournal }: VpcScene, key: string): boolean {
  return vpcJournal.cuts.get(key)?.held === true
}

interface CutToSay {
  readonly cut: Cut
  readonly rule: GroupRule
  readonly guards: readonly Guard[]
  readonly isBack: boolean
}

function cutStep(scene: VpcScene, { cut, rule, guards, isBack }: CutToSay): Step {
  const who = guards.filter(({ instance }) =>
    (scene.interfacesOf.get(instance) ?? []).some(({ groups }) => groups.includes(rule.group)),
  )
  const [first, ...others] = who.map((guard) => guardFacts(scene, guard))
  const also = [
    ...others.map((facts) => tellStep('AlsoProtects', facts)),
    ...(cut.rest.length === 0 ? [] : [tellStep('LeavesTraffic', { rest: cut.rest.map(protocolAndPorts).join(', ') })]),
    ...(rule.protocol === '-1' ? [tellStep('ClosesOtherProtocols', {})] : []),
    ...(who.some((guard) => isUntracked(scene, guard, { ...rule, protocol: 'tcp' })) ? [tellStep('EndsNow', {})] : []),
  ]
  const facts = { ports: '', machine: '', ...first, ...trafficFacts(rule), group: groupText(scene, rule.group) }
  return isBack
    ? { kind: 'repair', ...tellStep('RevokeAgain', facts, also) }
    : { kind: 'protect', ...tellStep('ProtectByRevoking', facts, also) }
}

function guardFacts(scene: VpcScene, { machine, ports }: Guard): Record<'ports' | 'machine', string> {
  return { ports: formatPortSet(ports), machine: machineText(scene, machine) }
}

function trafficFacts(rule: Traffic): Record<'traffic' | 'peer', string> {
  return { traffic: protocolAndPorts(rule), peer: rule.peer }
}

function groupText({ foreignGroups }: VpcScene, group: string): string {
  const name = foreignGroups.get(group)?.name
  return name === undefined ? group : `${group} (${name})`
}

/** Rules on record that nothing closes any more. */
function missingRestores({ owners }: VpcScene, { cuts }: VpcLayout): OwnersRule[] {
  return [...owners.values()].flat().filter((rule) => rule.standing === undefined && !cuts.has(cutKey(rule)))
}

/** Tags that begin with `aws:` are written by AWS alone. */
function writable({ protocol, from, to, peer, description, tags }: NewRule): NewRule {
  const own = Object.entries(tags).filter(([name]) => !name.startsWith('aws:'))
  const text = description === undefined ? {} : { description }
  return { protocol, from, to, peer, ...text, tags: Object.fromEntries(own) }
}

interface Rest {
  readonly missing: readonly (NewRule & { readonly group: string })[]
  readonly surplus: readonly GroupRule[]
}

/** What is left of revoked rules: where it is missing, and where it is no longer wanted. */
function restOf(scene: VpcScene, { cuts }: VpcLayout): Rest {
  const tags = pointTags(scene.point)
  const wanted = new Map<string, NewRule & { group: string }>()
  for (const { rule, rest } of cuts.values())
    for (const left of rest) wanted.set(`${rule.group}|${trafficKey(left)}`, { ...left, tags, group: rule.group })
  return {
    missing: [...wanted].filter(([key]) => !scene.ours.has(key)).map(([, rule]) => rule),
    surplus: [...scene.ours].filter(([key]) => !wanted.has(key)).map(([, rule]) => rule),
  }
}

/** Rules that come into the groups of others, and those of ours that leave them. */
function planRest(scene: VpcScene, layout: VpcLayout): Part {
  const restored = missingRestores(scene, layout)
  const { missing, surplus } = restOf(scene, layout)
  const coming = Map.groupBy([...restored, ...missing], ({ group }) => group)
  const [tight, roomy] = split(surplus, ({ group }) => !hasRoomFor(scene, group, coming.get(group) ?? []))
  return {
    steps: [
      ...restored.map((rule): Step => ({
        kind: 'restore',
        ...tellStep('RestoreInGroup', inGroup(scene, rule)),
      })),
      ...missing.map((rule): Step => ({
        kind: isRepairOf(scene, rule) ? 'repair' : 'protect',
        ...tellStep('KeepInGroup', inGroup(scene, rule)),
      })),
      ...surplus.map((rule): Step => ({ kind: 'restore', ...tellStep('RevokeLeftover', inGroup(scene, rule)) })),
    ],
    phases: {
      ...NOTHING,
      make: revokeAll(tight),
      widen: [...coming].flatMap(([group, rules]) => authorizeAll({ id: group }, rules.map(writable))),
      narrow: revokeAll(roomy),
    },
  }
}

function inGroup(
  scene: VpcScene,
  rule: Traffic & { readonly group: string },
): Record<'traffic' | 'peer' | 'group', string> {
  return { ...trafficFacts(rule), group: groupText(scene, rule.group) }
}

function isRepairOf({ vpcJournal }: VpcScene, { group, ...left }: NewRule & { group: string }): boolean {
  const key = trafficKey(left)
  return [...vpcJournal.cuts.values()].some((cut) => cut.group === group && cut.held && cut.rest.includes(key))
}

/** Without room for both, what goes must go first, and for a moment neither stands; else the group would stay as it is for ever. */
function hasRoomFor({ inboundOf, observed }: VpcScene, group: string, coming: readonly Traffic[]): boolean {
  const all = [...(inboundOf.get(group) ?? []), ...coming]
  return fits(quotaUse(all, observed.prefixLists), observed.quotas.rulesPerGroup)
}

/** Our groups for neighbours hold what they should. */
function planKeeps(scene: VpcScene, { keeps }: VpcLayout): Part {
  const parts = [...keeps].map(([name, rules]) => planKeep(scene, name, rules))
  return {
    steps: parts.flatMap(({ steps }) => steps),
    phases: parts.map(({ phases }) => phases).reduce(joined, NOTHING),
  }
}

function planKeep(scene: VpcScene, name: string, rules: readonly NewRule[]): Part {
  const group = scene.ourGroups.get(name)
  const standing = group === undefined ? [] : (scene.inboundOf.get(group.id) ?? [])
  const wanted = new Set(rules.map(trafficKey))
  const stands = new Set(standing.map(trafficKey))
  const missing = rules.filter((rule) => !stands.has(trafficKey(rule)))
  const surplus = standing.filter((rule) => !wanted.has(trafficKey(rule)))
  const ref: GroupRef = group === undefined ? { name } : { id: group.id }
  const tags: Tags = pointTags(scene.point)
  const make: Operation[] = [
    ...(group === undefined ? [{ kind: 'create' as const, name, description: keepGroupDescription(), tags }] : []),
    ...(group !== undefined && hasOutbound(scene, group) ? [{ kind: 'seal' as const, group: group.id }] : []),
  ]
  if (make.length + missing.length + surplus.length === 0) return { steps: [], phases: NOTHING }
  const changes = [
    ...missing.map((rule) => tellStep('LetIn', trafficFacts(rule))),
    ...surplus.map((rule) => tellStep('LetInNoMore', trafficFacts(rule))),
  ]
  return {
    steps: [{ kind: 'protect', ...tellStep('KeepNeighbours', { group: name }, changes) }],
    phases: {
      ...NOTHING,
      make,
      fill: authorizeAll(
        ref,
        missing.map((rule) => ({ ...rule, tags })),
      ),
      clear: revokeAll(surplus),
    },
  }
}

/** Each interface carries of our groups those that it should, and no others. */
function planCarried(scene: VpcScene, { carried }: VpcLayout): Part {
  const changes = scene.observed.interfaces.flatMap((one) => changeOf(scene, one, carried.get(one.id) ?? new Set()))
  return {
    steps: changes.map(({ step }) => step),
    phases: { ...NOTHING, attach: changes.map(({ operation }) => operation) },
  }
}

function changeOf(
  { ourGroups, ourNames, guards, vpcJournal, foreignGroups, observed }: VpcScene,
  { id, instance, groups }: NetworkInterface,
  names: ReadonlySet<string>,
): { step: Step; operation: Operation }[] {
  const remove = groups.filter((group) => ourNames.has(group) && !names.has(ourNames.get(group) ?? ''))
  const missing = [...names].filter((name) => !groups.includes(ourGroups.get(name)?.id ?? ''))
  if (remove.length + missing.length === 0) return []
  const add = missing.map((name): GroupRef => {
    const group = ourGroups.get(name)
    return group === undefined ? { name } : { id: group.id }
  })
  const isKnown = guards.some((guard) => guard.instance === instance && vpcJournal.guards.has(guard.key))
  const kind = missing.length === 0 ? 'unprotect' : isKnown ? 'repair' : 'protect'
  const changed = [
    ...missing.map((group) => tellStep('PutOn', { group })),
    ...remove.map((group) => tellStep('TakeOff', { group: ourNames.get(group) ?? group })),
  ]
  const facts = { networkInterface: id, groups: groups.filter((group) => foreignGroups.has(group)).join(', ') }
  const told =
    instance === undefined
      ? tellStep('ChangeInterface', facts, changed)
      : tellStep('ChangeInterfaceOf', { ...facts, machine: observed.names.get(instance) ?? instance }, changed)
  return [
    {
      step: { kind, ...told },
      operation: { kind: 'attach', networkInterface: id, add, remove },
    },
  ]
}

/** Groups of ours that nobody is to carry any more. */
function planUnused(scene: VpcScene, { carried, guards }: VpcLayout): Part {
  const { ourGroups } = scene
  const used = new Set([...carried.values()].flatMap((names) => [...names]))
  for (const { instance } of withInterfaces(scene, guards)) used.add(jitGroupName(instance))
  const unused = [...ourGroups.values()].filter(({ name }) => !used.has(name))
  return {
    steps: unused.map(({ id, name }) => ({ kind: 'unprotect', ...tellStep('DeleteGroup', { group: name, id }) })),
    phases: { ...NOTHING, clear: unused.map(({ id }) => ({ kind: 'delete', group: id })) },
  }
}

// ── Operations ─────────────────────────────────────────────────────────────────────────────────────────────────────

/** The service gives every rule of a call the same tags. */
function authorizeAll(group: GroupRef, rules: readonly NewRule[]): Operation[] {
  const byTags = Map.groupBy(rules, ({ tags }) =>
    JSON.stringify(Object.entries(tags).toSorted(([a], [b]) => (a < b ? -1 : 1))),
  )
  return [...byTags.values()].map((ofTags) => ({ kind: 'authorize', group, rules: ofTags }))
}

function revokeAll(rules: readonly GroupRule[]): Operation[] {
  return [...Map.groupBy(rules, ({ group }) => group)].map(([group, ofGroup]) => ({
    kind: 'revoke',
    group,
    rules: ofGroup.map(({ id }) => id),
  }))
}

// ── The journal ────────────────────────────────────────────────────────────────────────────────────────────────────

function nextJournal(scene: VpcScene, layout: VpcLayout): VpcPlan['journal'] {
  const cuts = new Map<string, CutRule>()
  for (const [key, cut] of layout.cuts) cuts.set(key, nextCut(scene, key, cut))
  for (const [key, before] of scene.vpcJournal.cuts) {
    if (cuts.has(key) || !scene.foreignGroups.has(before.group)) continue
    const isBack = scene.owners.get(before.group)?.some((rule) => cutKey(rule) === key && rule.standing !== undefined)
    const rest = before.rest.filter((left) => scene.ours.has(`${before.group}|${left}`))
    if (isBack !== true || rest.length > 0) cuts.set(key, { ...before, rest })
  }
  return writeVpcJournal({ cuts, guards: new Map(layout.guards.map(({ key, ports }) => [key, ports])) })
}

function nextCut({ vpcJournal, ours }: VpcScene, key: string, { rule, rest }: Cut): CutRule {
  const before = vpcJournal.cuts.get(key)
  const { group, protocol, from, to, peer, description, tags, standing } = rule
  const leftovers = (before?.rest ?? []).filter((left) => ours.has(`${group}|${left}`))
  return {
    group,
    protocol,
    from,
    to,
    peer,
    ...(description === undefined ? {} : { description }),
    tags,
    rest: [...new Set([...rest.map(trafficKey), ...leftovers])].sort(),
    held: standing === undefined || before?.held === true,
  }
}
