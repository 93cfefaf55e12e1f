/** What the server has: policies with who manages them, the installation's own place, and the machines that are spoken of. Reads only. */
import type { Whoami } from '../../contract/installation.ts'
import type { WireMachine } from '../../contract/machine.ts'
import type { WirePolicy } from '../../contract/policy.ts'
import type { Client } from '../calls/client.ts'
import { machinesFor, ONE_BY_ONE } from '../names/directory.ts'
import type { WantedPolicy } from './wanted-policy.ts'

export interface Known {
  readonly machines: readonly WireMachine[]
  readonly policies: readonly WirePolicy[]
  readonly own: Whoami
}

/** Those that the files call by name, and the first of each policy, which is where a new policy is put. */
export function machinesIn(wanted: readonly WantedPolicy[], client: Client): Promise<WireMachine[]> {
  const called = wanted.flatMap(({ machines }) =>
    machines.map(({ id }) => id).filter((id, index) => index === 0 || !id.startsWith('/')),
  )
  return machinesFor(client, called)
}

/** Those of the policies, and whatever else is called like one of them. */
export async function machinesUnder(policies: readonly WirePolicy[], client: Client): Promise<WireMachine[]> {
  const ids = new Set(policies.flatMap(({ virtualMachines }) => virtualMachines.map(({ id }) => id.toLowerCase())))
  const found = await machinesFor(client, [...ids])
  if (ids.size > ONE_BY_ONE) return found
  return machinesFor(
    client,
    found.filter(({ id }) => ids.has(id.toLowerCase())).map(({ name }) => name),
  )
}
