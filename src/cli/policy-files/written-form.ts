/** A policy of the server as our own form of a policy file: what `apply` reads back without a difference. Pure. */
import type { FileMachine, FilePolicy, FilePort, PolicyFile } from '../../contract/policy-file.ts'
import type { WirePolicy } from '../../contract/policy.ts'
import type { WireMachine } from '../../contract/machine.ts'
import type { PortRuleInput } from '../../domain/policy/policy.ts'
import { resourceGroupOf, subscriptionOf } from '../../contract/policy-place.ts'
import { ruleView } from './policy-diff.ts'

export interface Naming {
  readonly machines: readonly WireMachine[]
  /** The installation's own subscription, which need not be written. */
  readonly subscriptionId: string
}

export function policyFileOf(policies: readonly WirePolicy[], naming: Naming): PolicyFile {
  const names = uniqueNames(naming.machines)
  return { policies: policies.map((policy) => filePolicyOf(policy, names, naming.subscriptionId)) }
}

function filePolicyOf(policy: WirePolicy, names: Names, own: string): FilePolicy {
  const { id, name, location, virtualMachines, selectors = [] } = policy
  const subscription = subscriptionOf(id)
  const named = virtualMachines.filter(({ chosenBy }) => chosenBy == null)
  return {
    name,
    ...(subscription.toLowerCase() === own.toLowerCase() ? {} : { subscription }),
    resourceGroup: resourceGroupOf(id),
    location,
    ...(named.length > 0 || selectors.length === 0
      ? { machines: named.map((each) => fileMachineOf(each, names)) }
      : {}),
    ...(selectors.length > 0 && {
      selectors: selectors.map(({ labels, ports }) => ({ labels, ports: ports.map(filePortOf) })),
    }),
  }
}

function fileMachineOf(
  { id, ports, publicIpAddress }: WirePolicy['virtualMachines'][number],
  names: Names,
): FileMachine {
  return {
    machine: names.get(id.toLowerCase()) ?? id,
    ports: ports.map(filePortOf),
    ...(typeof publicIpAddress === 'string' ? { publicIpAddress } : {}),
  }
}

function filePortOf(rule: PortRuleInput): FilePort {
  const { protocol, from, max, onExpiry } = ruleView(rule)
  const sources = from.map((source) => (source === '*' ? 'anywhere' : source))
  const [only] = sources
  const written = protocol === 'TCP' || protocol === 'UDP' ? protocol : 'any'
  return {
    port: rule.number,
    protocol: written,
    from: only !== undefined && sources.length === 1 ? only : sources,
    max,
    ...(onExpiry !== undefined && { onExpiry }),
  }
}

type Names = ReadonlyMap<string, string>

/** By id. A name that two machines share would not find its way back. */
function uniqueNames(machines: readonly WireMachine[]): Names {
  const counts = new Map<string, number>()
  for (const { name } of machines) counts.set(name.toLowerCase(), (counts.get(name.toLowerCase()) ?? 0) + 1)
  const unique = machines.filter(({ name }) => counts.get(name.toLowerCase()) === 1 && !name.startsWith('/'))
  return new Map(unique.map(({ id, name }) => [id.toLowerCase(), name]))
}
