/** What would change, on stdout: lines for people, data for programs. */
import { paint } from '../show/colour.ts'
import { machineNames } from '../show/machine-names.ts'
import { printable } from '../show/printable.ts'
import type { Session } from '../session.ts'
import { CHANGE_COLUMNS, changeLines, changeRows, countsOf, countsText } from './change-view.ts'
import type { PlannedChange } from './plan-changes.ts'

export async function showChanges(planned: readonly PlannedChange[], session: Session): Promise<void> {
  const changes = planned.map(({ change }) => change)
  const { io } = session
  if (session.format === 'table') {
    const nameOf = await machineNames(
      session,
      changes.flatMap(({ machines }) => machines.map(({ id }) => id)),
    )
    for (const { text, colour } of changeLines(changes, nameOf))
      io.stdout.write(`${paint(printable(text), colour, io.stdout, io.env)}\n`)
  } else {
    const data = { counts: countsOf(changes), policies: planned.map(({ change, points }) => ({ ...change, points })) }
    await session.show({ data, rows: changeRows(changes), columns: CHANGE_COLUMNS })
  }
  session.say(`Policies: ${countsText(countsOf(changes))}.`)
}
