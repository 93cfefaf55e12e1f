/**
 * What a change takes out of a policy: a machine that is named again has the ports that are named now, and no others. The
 * plan alone does not show it, for it tells rules and not what they were about.
 */
import { shortName } from './directory.ts'
import type { PolicyChange } from './policy-change.ts'
import type { Session } from './session.ts'

export function sayDropped({ existing, machines }: PolicyChange, session: Session): void {
  const wanted = new Map(machines.map(({ id, ports }) => [id.toLowerCase(), ports.map(({ number }) => number)]))
  for (const { id, ports } of existing?.properties.virtualMachines ?? []) {
    const kept = wanted.get(id.toLowerCase()) ?? []
    const dropped = ports.map(({ number }) => number).filter((number) => !kept.includes(number))
    if (dropped.length > 0)
      session.say(`warning: ${dropped.join(', ')} on ${shortName(id)} will be protected by this policy no more`)
  }
}
