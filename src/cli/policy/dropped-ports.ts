/**
 * What a change takes out of a policy: a machine that is named again has the ports that are named now, and no others. The
 * plan alone does not show it, for it tells rules and not what they were about.
 */
import { machineNames } from '../show/machine-names.ts'
import type { PolicyChange } from './policy-change.ts'
import type { Session } from '../session.ts'

export async function sayDropped({ existing, machines }: PolicyChange, session: Session): Promise<void> {
  const wanted = new Map(machines.map(({ id, ports }) => [id.toLowerCase(), ports.map(({ number }) => number)]))
  const changed = (existing?.properties.virtualMachines ?? []).flatMap(({ id, ports }) => {
    const kept = wanted.get(id.toLowerCase()) ?? []
    const dropped = ports.map(({ number }) => number).filter((number) => !kept.includes(number))
    return dropped.length === 0 ? [] : [{ id, dropped }]
  })
  const nameOf = await machineNames(
    session,
    changed.map(({ id }) => id),
  )
  for (const { id, dropped } of changed)
    session.say(`warning: ${dropped.join(', ')} on ${nameOf(id)} will be protected by this policy no more`)
}
