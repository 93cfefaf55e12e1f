/** What keeps everybody else out: the rules that are revoked, what stands in their place, and what neighbours keep. Pure. */
import type { Step } from '../../app/ports/driver.ts'
import { tellStep } from '../../domain/access/step.ts'
import {
  protocolAndPorts,
  trafficFacts,
  trafficKey,
  type GroupRule,
  type NewRule,
  type Tags,
  type Traffic,
} from './group-rule.ts'
import type { Cut, VpcLayout } from './lay-out-vpc.ts'
import { jitGroupName, keepGroupDescription, pointTags } from './marks.ts'
import type { GroupRef, Operation } from './operation.ts'
import { authorizeAll, NOTHING, revokeAll, split, together, type Part } from './plan-part.ts'
import { formatPortSet } from './port-set.ts'
import { fits, quotaUse } from './quota-use.ts'
import { isUntracked } from './untracked.ts'
import { cutKey } from './vpc-journal.ts'
import { hasOutbound, machineText, withInterfaces, type Guard, type OwnersRule, type VpcScene } from './vpc-scene.ts'
import type { NetworkInterface } from './vpc-state.ts'

export function planShields(scene: VpcScene, layout: VpcLayout): Part {
  const plans = [planCuts, planRest, planKeeps, planCarried, planUnused]
  return together(plans.map((plan) => plan(scene, layout)))
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
  return together([...keeps].map(([name, rules]) => planKeep(scene, name, rules)))
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
