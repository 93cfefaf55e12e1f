/** What the server has: policies with who manages them, machines by name, the installation's own place. Reads only. */
import type { Whoami } from '../../contract/installation.ts'
import type { WireMachine } from '../../contract/machine.ts'
import type { WirePolicy } from '../../contract/policy.ts'
import { having, type Reader } from '../answers.ts'
import type { Client } from '../client.ts'
import { allMachines, whoAmI } from '../directory.ts'

export interface Known {
  readonly machines: readonly WireMachine[]
  readonly policies: readonly WirePolicy[]
  readonly own: Whoami
}

/** More than a person looks through. */
const MANY = 100_000

const asOwnPolicy: Reader<WirePolicy> = (body) => having(body, 'id', 'virtualMachines', 'etag') as WirePolicy // by contract

export async function knownAt(client: Client): Promise<Known> {
  const [machines, policies, own] = await Promise.all([
    allMachines(client),
    client.list({ path: '/api/v1/policies' }, MANY, asOwnPolicy),
    whoAmI(client),
  ])
  return { machines, policies: policies.items, own }
}
