/** The belt: a schedule for each opening, by which AWS itself closes it. Pure. */
import type { Step } from '../../app/ports/driver.ts'
import { tellStep } from '../../domain/access/step.ts'
import { ruleOfSchedule, scheduleName } from './belt.ts'
import type { Operation } from './operation.ts'
import { placeOfPoint } from './place.ts'
import type { Openings } from './plan-openings.ts'
import { joined, NOTHING } from './plan-part.ts'
import type { VpcScene } from './vpc-scene.ts'

/** The new one is there before the old one goes, when an end moves. Without the belt, or while it fails, nothing. */
export function withBelt(scene: VpcScene, openings: Openings): Openings {
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
