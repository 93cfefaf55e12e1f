/**
 * The difference between what a VPC should carry and what it carries, as operations and as sentences. Pure; planning on
 * the result of a plan gives an empty plan. In which order things are done is said in `plan-part.ts`.
 */
import type { Plan } from '../../app/ports/driver.ts'
import type { Refusal } from '../../domain/refusal.ts'
import { trafficKey } from './group-rule.ts'
import { layOutVpc, type Cut, type VpcLayout } from './lay-out-vpc.ts'
import type { Operation } from './operation.ts'
import { withBelt } from './plan-belt.ts'
import { guardsInScope, planOpenings, type Openings } from './plan-openings.ts'
import { inOrder, joined, type Part } from './plan-part.ts'
import { planShields } from './plan-shields.ts'
import { cutKey, writeVpcJournal, type CutRule } from './vpc-journal.ts'
import { sceneOf, withInterfaces, type VpcInput, type VpcScene } from './vpc-scene.ts'

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

function planOf(
  { journal }: Pick<VpcInput, 'journal'>,
  { steps, phases, judged }: Part & Pick<Openings, 'judged'>,
): VpcPlan {
  return { steps, operations: inOrder(phases), ...judged, journal, unprotected: [], warnings: [] }
}

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
