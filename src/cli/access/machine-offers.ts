/** Which policy offers which port of a machine. The machine itself tells where one policy alone covers it. */
import type { JitPolicyMachine } from '../../contract/jit-policy.ts'
import type { WireMachine } from '../../contract/machine.ts'
import type { Offer, OfferedMachine } from './access-wish.ts'
import type { Client } from '../calls/client.ts'
import { readPolicy } from '../policy/policy-change.ts'

export async function offersOf(machine: WireMachine, client: Client): Promise<OfferedMachine> {
  const [only, ...others] = machine.policies
  if (only !== undefined && others.length === 0) {
    return { machine, offers: machine.ports.map((port) => ({ ...port, policy: only })) }
  }
  const offers = await Promise.all(machine.policies.map((policy) => offersOfPolicy(machine, policy, client)))
  return { machine, offers: offers.flat() }
}

async function offersOfPolicy(machine: WireMachine, id: string, client: Client): Promise<Offer[]> {
  const { policy } = await readPolicy(client, id)
  const entry = policy.properties.virtualMachines.find((one) => one.id.toLowerCase() === machine.id.toLowerCase())
  return (entry?.ports ?? []).map((port) => offerFrom(port, policy.id))
}

function offerFrom(
  { number, protocol, maxRequestAccessDuration }: JitPolicyMachine['ports'][number],
  policy: string,
): Offer {
  const upper = protocol.toUpperCase()
  return { policy, number, maxRequestAccessDuration, protocol: upper === 'TCP' || upper === 'UDP' ? upper : '*' }
}
