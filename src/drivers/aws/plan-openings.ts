/** What lets people in: one group of ours for each protected machine, with a rule for each way in. Pure. */
import type { Plan, Step } from '../../app/ports/driver.ts'
import { failure, type Failure } from '../../domain/access/failure.ts'
import type { Hole, HoleKey, Slot } from '../../domain/access/hole.ts'
import { tellStep } from '../../domain/access/step.ts'
import { resourceKey, type ResourceKey } from '../../domain/resource-id.ts'
import { formatInstant, type Instant } from '../../domain/time.ts'
import { trafficFacts, trafficKey, type GroupRule, type Traffic } from './group-rule.ts'
import { hasTags, slotOfOpening, tooManyOpenings, wantedOpenings, type WantedOpening } from './jit-openings.ts'
import { instanceOfGroup, jitGroupDescription, jitGroupName, pointTags } from './marks.ts'
import type { GroupRef, Operation } from './operation.ts'
import { authorizeAll, joined, NOTHING, revokeAll, split, together, type Part } from './plan-part.ts'
import { isUntracked } from './untracked.ts'
import { hasOutbound, jitGroupsOf, machineText, withInterfaces, type Guard, type VpcScene } from './vpc-scene.ts'
import type { SecurityGroup } from './vpc-state.ts'

export interface Openings extends Part {
  /** Rules that are to stand, with their ends; those that are only asked for come with the next look. */
  readonly standing: readonly { readonly rule: GroupRule; readonly until: Instant; readonly facts: OpeningFacts }[]
  readonly judged: Pick<Plan, 'held' | 'lingering' | 'impossible'>
}

export function planOpenings(scene: VpcScene, guards: readonly Guard[]): Openings {
  const guarded = new Set(guards.map(({ instance }) => instance))
  const parts = guards.map((guard) => openingsOfGuard(scene, guard))
  const strays = jitGroupsOf(scene)
    .filter(({ instance }) => !guarded.has(instance))
    .map(({ group }) => closeWholeGroup(scene, group))
  const keys = new Set(guards.map(({ key }) => key))
  const homeless = scene.holes.filter((hole) => !keys.has(resourceKey(hole.machine)))
  return {
    ...together([...parts, ...strays]),
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

/** A new guard comes with a look at everything, which decides whether it fits. */
export function guardsInScope(scene: VpcScene, slots: ReadonlySet<Slot>): Guard[] {
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
