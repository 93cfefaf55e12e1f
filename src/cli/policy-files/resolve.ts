/** What the files want, in the server's ids: each policy found or placed, each machine found by its whole name. */
import type { WireMachine } from '../../contract/machine.ts'
import { parsePolicy, type PolicyMachineInput, type PolicySelectorInput } from '../../domain/policy/policy.ts'
import { isCalled, newPolicyId } from '../../contract/policy-place.ts'
import type { Known } from './known.ts'
import { mistakesOf, placeText, type Locate, type Mistake } from './place.ts'
import type { WantedPolicy } from './wanted-policy.ts'

export interface ResolvedPolicy {
  readonly id: string
  readonly name: string
  readonly machines: readonly PolicyMachineInput[]
  readonly selectors?: readonly PolicySelectorInput[] | undefined
  readonly locate: Locate
}

export interface Resolved {
  readonly policies: readonly ResolvedPolicy[]
  readonly mistakes: readonly Mistake[]
}

export function resolvePolicies(wanted: readonly WantedPolicy[], known: Known): Resolved {
  const mistakes: Mistake[] = []
  const ids = idsByName(known.machines)
  const policies = wanted.flatMap((policy) => {
    const machines = policy.machines.map((machine, index) => ({
      ...machine,
      id: machineId(machine.id, { policy, index, ids, mistakes }),
    }))
    const id = placed(policy, { machines, known, mistakes })
    const { name, selectors, locate } = policy
    const judged = parsePolicy(name, machines.map(withSomeId), selectors)
    if (!judged.ok) mistakes.push(...mistakesOf(judged.refusals, locate))
    return id === undefined ? [] : [{ id, name, machines, selectors, locate }]
  })
  mistakes.push(...repeated(policies))
  return { policies, mistakes }
}

/** A machine that is not known has been told already; its ports are judged all the same. */
function withSomeId(machine: PolicyMachineInput, index: number): PolicyMachineInput {
  const id = `/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/m${index}`
  return machine.id.startsWith('/') ? machine : { ...machine, id }
}

function idsByName(machines: readonly WireMachine[]): Map<string, string[]> {
  const ids = new Map<string, string[]>()
  for (const { id, name } of machines) ids.set(name.toLowerCase(), [...(ids.get(name.toLowerCase()) ?? []), id])
  return ids
}

interface Naming {
  readonly policy: WantedPolicy
  readonly index: number
  readonly ids: ReadonlyMap<string, readonly string[]>
  readonly mistakes: Mistake[]
}

/** An id stays as it is written, whether the machine is known here or not. */
function machineId(written: string, { policy, index, ids, mistakes }: Naming): string {
  if (written.startsWith('/')) return written
  const found = ids.get(written.toLowerCase()) ?? []
  const [only] = found
  if (only !== undefined && found.length === 1) return only
  const message =
    only === undefined
      ? `there is no machine '${written}'; sallyport machine list shows them`
      : `${found.length} machines are called '${written}'; write the id: ${found.join(', ')}`
  mistakes.push({ message, place: policy.locate(['properties', 'virtualMachines', index, 'id']) })
  return written
}

interface Placing {
  readonly machines: readonly PolicyMachineInput[]
  readonly known: Known
  readonly mistakes: Mistake[]
}

/** Undefined, with the mistake told, where the name could be several. */
function placed(policy: WantedPolicy, { machines, known, mistakes }: Placing): string | undefined {
  const asked = { ...policy, name: policy.id ?? policy.name }
  const found = known.policies.filter((one) => isCalled(one, asked))
  const [existing] = found
  if (found.length > 1) {
    const message = `${found.length} policies are called '${policy.name}'; say which with resourceGroup and location: ${found.map(({ id }) => id).join(', ')}`
    mistakes.push({ message, place: policy.locate(['name']) })
    return undefined
  }
  if (existing !== undefined) return existing.id
  const first = machines[0]?.id ?? ''
  return policy.id ?? newPolicyId(asked, { first, known: known.machines, own: known.own })
}

function repeated(policies: readonly ResolvedPolicy[]): Mistake[] {
  const first = new Map<string, ResolvedPolicy>()
  return policies.flatMap((policy) => {
    const earlier = first.get(policy.id.toLowerCase())
    if (earlier === undefined) {
      first.set(policy.id.toLowerCase(), policy)
      return []
    }
    const message = `policy '${policy.name}' is written twice; the other is at ${placeText(earlier.locate(['name']))}`
    return [{ message, place: policy.locate(['name']) }]
  })
}
