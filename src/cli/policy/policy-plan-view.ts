/** What a change to a policy would do to the machines' rules: as data for a dry run, as lines before the question. */
import type { PolicyPlan } from '../../contract/jit-policy.ts'
import { shortName } from '../names/directory.ts'
import { machineNames } from '../show/machine-names.ts'
import type { Column } from '../show/output.ts'
import type { PolicyChange } from './policy-change.ts'
import type { Session } from '../session.ts'

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

export async function showPlan(session: Session, plan: PolicyPlan): Promise<void> {
  const rows = plan.points.flatMap(({ point, steps }) => steps.map((step) => ({ point, ...step })))
  await session.show({ data: plan, rows, columns: COLUMNS })
  session.say(rows.length === 0 ? 'No rule would change.' : 'Nothing was changed: this is what would be done.')
  await sayStillOpen(session, plan)
}

async function sayStillOpen(session: Session, { stillOpen = [] }: PolicyPlan): Promise<void> {
  if (stillOpen.length === 0) return
  const nameOf = await machineNames(
    session,
    stillOpen.map(({ machine }) => machine),
  )
  session.say('Open all the same after that, by rules that are not ours:')
  for (const { machine, text } of stillOpen) session.say(`  ${nameOf(machine)}: ${text}`)
}

export async function sayPlan(session: Session, { name, existing, plan }: PolicyChange): Promise<void> {
  const steps = plan.points.flatMap((point) => point.steps)
  session.say(`${existing === undefined ? 'New policy' : 'Changed policy'} ${name}:`)
  for (const { text } of steps) session.say(`  ${text}`)
  if (steps.length === 0) session.say('  no rule changes')
  await sayStillOpen(session, plan)
}
