/** What the server has: policies with who manages them, machines by name, the installation's own place. Reads only. */
import type { Whoami } from '../../contract/installation.ts'
import type { WireMachine } from '../../contract/machine.ts'
import type { WirePolicy } from '../../contract/policy.ts'
import type { Client } from '../client.ts'
import { allMachines, whoAmI } from '../directory.ts'
import { ownPolicies } from '../managed-policies.ts'

export interface Known {
  readonly machines: readonly WireMachine[]
  readonly policies: readonly WirePolicy[]
  readonly own: Whoami
}

export async function knownAt(client: Client): Promise<Known> {
  const [machines, policies, own] = await Promise.all([allMachines(client), ownPolicies(client), whoAmI(client)])
  return { machines, policies, own }
}
