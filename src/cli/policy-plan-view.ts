/** What a change to a policy would do to the machines' rules: as data for a dry run, as lines before the question. */
import type { PolicyPlan } from '../contract/jit-policy.ts'
import { shortName } from './directory.ts'
import type { Column } from './output.ts'
import type { PolicyChange } from './policy-change.ts'
import type { Screen } from './session.ts'

interface Row {
  readonly point: string
  readonly kind: string
  readonly text: string
}

const COLUMNS: readonly Column<Row>[] = [
  { title: 'CHANGE', text: ({ kind }) => kind },
  { title: 'WHAT', text: ({ text }) => text },
  { title: 'WHERE', text: ({ point }) => pointText(point), raw: ({ point }) => point },
]

/** `nftables:web1`: what enforces, and the last part of what it is called. */
function pointText(point: string): string {
  return `${point.split(':', 1)[0] ?? ''}:${shortName(point)}`
}

export async function showPlan(screen: Screen, plan: PolicyPlan): Promise<void> {
  const rows = plan.points.flatMap(({ point, steps }) => steps.map((step) => ({ point, ...step })))
  await screen.show({ data: plan, rows, columns: COLUMNS })
  screen.say(rows.length === 0 ? 'No rule would change.' : 'Nothing was changed: this is what would be done.')
  sayStillOpen(screen, plan)
}

function sayStillOpen(screen: Screen, { stillOpen = [] }: PolicyPlan): void {
  if (stillOpen.length === 0) return
  screen.say('Open all the same after that, by rules that are not ours:')
  for (const { machine, text } of stillOpen) screen.say(`  ${shortName(machine)}: ${text}`)
}

export function sayPlan(screen: Screen, { name, existing, plan }: PolicyChange): void {
  const steps = plan.points.flatMap((point) => point.steps)
  screen.say(`${existing === undefined ? 'New policy' : 'Changed policy'} ${name}:`)
  for (const { text } of steps) screen.say(`  ${text}`)
  if (steps.length === 0) screen.say('  no rule changes')
  sayStillOpen(screen, plan)
}
