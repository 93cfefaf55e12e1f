/** The plan of a whole set of policies, as code writes them: each judged by itself, one after the other, changing nothing. */
import type { App } from '../app.ts'
import { rightsOf } from '../identity/authorize.ts'
import { policyAddress, policyId, type PolicyInput } from './judge-policy.ts'
import { planPolicy, planRemoval, type PolicyPlan } from './plan-policy.ts'
import type { Caller } from '../ports/caller.ts'
import type { Claim } from '../../domain/policy/ownership.ts'
import type { PolicyMachineInput, PolicySelectorInput } from '../../domain/policy/policy.ts'
import type { Refusal, Result } from '../../domain/refusal.ts'
import { READ_POLICY } from '../../domain/roles/required-actions.ts'
import { resourceKey } from '../../domain/resource-id.ts'

export interface PoliciesPlanInput {
  readonly policies: readonly {
    readonly id: string
    readonly kind: string
    readonly machines: readonly PolicyMachineInput[]
    readonly selectors?: readonly PolicySelectorInput[]
  }[]
  /** Ids of policies to be removed. */
  readonly remove: readonly string[]
  readonly claim?: Claim
  readonly force: boolean
  /** Look at the enforcement points too. */
  readonly steps: boolean
  readonly caller: Caller
}

export interface PlannedPolicy extends Omit<PolicyPlan, 'action'> {
  readonly id: string
  readonly action: PolicyPlan['action'] | 'refused'
  readonly refusals?: readonly Refusal[]
}

/** In the order of the input, the removals last. */
export async function planPolicies(app: App, input: PoliciesPlanInput): Promise<PlannedPolicy[]> {
  const planned: PlannedPolicy[] = []
  for (const { id, ...rest } of input.policies) planned.push(plannedFrom(id, await planWrite(app, id, rest, input)))
  for (const id of input.remove) planned.push(plannedFrom(id, await planGoing(app, id, input)))
  const rights = await rightsOf(app, input.caller)
  return planned.map(({ before, ...plan }) =>
    before !== undefined && rights.may(READ_POLICY, before.id) ? { ...plan, before } : plan,
  )
}

function plannedFrom(id: string, plan: Result<PolicyPlan>): PlannedPolicy {
  return plan.ok ? { id, ...plan.value } : { id, action: 'refused', refusals: plan.refusals, points: [], stillOpen: [] }
}

async function planWrite(
  app: App,
  id: string,
  written: Pick<PolicyInput, 'kind' | 'machines' | 'selectors'>,
  { caller, force, claim, steps }: PoliciesPlanInput,
): Promise<Result<PolicyPlan>> {
  const address = policyAddress(id)
  if (!address.ok) return address
  const input = { ...written, address: address.value, caller, force, ...(claim !== undefined && { claim }) }
  return planPolicy(app, input, { steps })
}

async function planGoing(
  app: App,
  id: string,
  { caller, claim, steps }: PoliciesPlanInput,
): Promise<Result<PolicyPlan>> {
  const address = policyAddress(id)
  const parsed = address.ok ? policyId(address.value) : address
  if (!parsed.ok) return parsed
  const going = { policy: resourceKey(parsed.value), policyId: id, caller, ...(claim !== undefined && { claim }) }
  return planRemoval(app, going, { steps })
}
