/** The original's operations on policies, but for initiate (behaviour reference §2.1–2.3). */
import type { App } from '../../app/app.ts'
import { configurePolicy, etagOf } from '../../app/policies/configure-policy.ts'
import type { PolicyInput } from '../../app/policies/judge-policy.ts'
import { planPolicy } from '../../app/policies/plan-policy.ts'
import type { Caller } from '../../app/ports/caller.ts'
import type { StoredPolicy } from '../../app/ports/rows.ts'
import { removePolicy } from '../../app/policies/remove-policy.ts'
import { listPolicies, showPolicy, type ListPoliciesInput } from '../../app/policies/show-policies.ts'
import type { JitPolicyList, PolicyPlan } from '../../contract/jit-policy.ts'
import { answered, type Answer } from '../answer.ts'
import type { Call, Handlers } from '../call.ts'
import { refusedAnswer } from '../errors.ts'
import { claimIn, ownerHeaders } from '../input/owner-header.ts'
import { keyFromSkipToken, nextLink, POLICIES_A_PAGE, skipTokenFrom } from '../input/page.ts'
import { policyPlace, withoutSpaces, type PolicyPlace } from '../input/policy-address.ts'
import { jitPolicyFrom } from '../wire/policy-wire.ts'
import { provisioningStates } from '../wire/provisioning-state.ts'

type PolicyRoutes = Pick<
  Handlers,
  | 'JitNetworkAccessPolicies_List'
  | 'JitNetworkAccessPolicies_ListByRegion'
  | 'JitNetworkAccessPolicies_ListByResourceGroup'
  | 'JitNetworkAccessPolicies_ListByResourceGroupAndRegion'
  | 'JitNetworkAccessPolicies_Get'
  | 'JitNetworkAccessPolicies_CreateOrUpdate'
  | 'JitNetworkAccessPolicies_Delete'
>

export function policyRoutes(app: App): PolicyRoutes {
  const list = (call: ListCall): Promise<Answer> => listAnswer(app, call)
  return {
    JitNetworkAccessPolicies_List: list,
    JitNetworkAccessPolicies_ListByRegion: list,
    JitNetworkAccessPolicies_ListByResourceGroup: list,
    JitNetworkAccessPolicies_ListByResourceGroupAndRegion: list,
    JitNetworkAccessPolicies_Get: async ({ params, caller }) => {
      const place = policyPlace(params)
      return place.ok ? showAnswer(app, place.value, caller) : refusedAnswer(place.refusals)
    },
    JitNetworkAccessPolicies_CreateOrUpdate: async (call) => {
      const place = policyPlace(call.params)
      return place.ok ? writeAnswer(app, call, place.value) : refusedAnswer(place.refusals)
    },
    JitNetworkAccessPolicies_Delete: async (call) => {
      const place = policyPlace(call.params)
      if (!place.ok) return refusedAnswer(place.refusals)
      const claim = claimIn(call)
      if (!claim.ok) return refusedAnswer(claim.refusals)
      const { key: policy, id: policyId } = place.value
      const removed = await removePolicy(app, { policy, policyId, caller: call.caller, ...claim.value })
      return removed.ok ? { status: removed.value ? 200 : 204 } : refusedAnswer(removed.refusals)
    },
  }
}

type ListCall = Pick<Call<'JitNetworkAccessPolicies_List'>, 'query' | 'base' | 'url' | 'caller'> & {
  readonly params: ListParams
}

interface ListParams {
  readonly subscriptionId: string
  readonly resourceGroupName?: string
  readonly ascLocation?: string
}

async function listAnswer(app: App, { params, query, base, url, caller }: ListCall): Promise<Answer> {
  const after = query.$skiptoken === undefined ? undefined : keyFromSkipToken(query.$skiptoken)
  if (after?.ok === false) return refusedAnswer(after.refusals)
  const start = after === undefined ? {} : { after: after.value }
  const filter = filterFrom(params)
  const found = await listPolicies(app, { filter, page: { ...start, limit: POLICIES_A_PAGE }, caller })
  if (!found.ok) return refusedAnswer(found.refusals)
  const { items, next } = found.value
  const stateOf = provisioningStates({ inventory: app.inventory, points: app.store.reads })
  const value = await Promise.all(
    items.map(async (each) => jitPolicyFrom({ ...each, provisioningState: await stateOf(each.policy) })),
  )
  const list: JitPolicyList = { value }
  if (next !== undefined) list.nextLink = nextLink(base, url, '$skiptoken', skipTokenFrom(next))
  return answered(list)
}

function filterFrom({ subscriptionId, resourceGroupName, ascLocation }: ListParams): ListPoliciesInput['filter'] {
  return {
    subscriptionId,
    ...(resourceGroupName !== undefined && { resourceGroup: resourceGroupName }),
    ...(ascLocation !== undefined && { location: withoutSpaces(ascLocation).toLowerCase() }),
  }
}

async function showAnswer(app: App, { id }: PolicyPlace, caller: Caller): Promise<Answer> {
  const found = await showPolicy(app, id, caller)
  if (!found.ok) return refusedAnswer(found.refusals)
  const { policy } = found.value
  const provisioningState = await provisioningStates({ inventory: app.inventory, points: app.store.reads })(policy)
  return answered(jitPolicyFrom({ ...found.value, provisioningState }), headersOf(policy))
}

type WriteCall = Call<'JitNetworkAccessPolicies_CreateOrUpdate'>

async function writeAnswer(app: App, call: WriteCall, place: PolicyPlace): Promise<Answer> {
  const claim = claimIn(call)
  if (!claim.ok) return refusedAnswer(claim.refusals)
  const input = { ...inputFrom(call, place), ...claim.value }
  if (call.query.dryRun === true) return planAnswer(app, input)
  const written = await configurePolicy(app, input)
  if (!written.ok) return refusedAnswer(written.refusals)
  const policy = written.value
  const provisioningState = await provisioningStates({ inventory: app.inventory, points: app.store.reads })(policy)
  // R4: the answer to a PUT has no history, though the policy keeps it.
  return answered(jitPolicyFrom({ policy, requests: [], provisioningState }), headersOf(policy))
}

function headersOf(policy: StoredPolicy): Record<string, string> {
  return { etag: etagOf(policy), ...ownerHeaders(policy) }
}

async function planAnswer(app: App, input: PolicyInput): Promise<Answer> {
  const planned = await planPolicy(app, input, { steps: true })
  if (!planned.ok) return refusedAnswer(planned.refusals)
  const { action, points, stillOpen } = planned.value
  const plan: PolicyPlan = {
    action,
    points: points.map(({ point, steps }) => ({ point, steps: steps.map(({ kind, text }) => ({ kind, text })) })),
    ...(stillOpen.length > 0 && { stillOpen: stillOpen.map((each) => ({ ...each })) }),
  }
  return answered(plan)
}

function inputFrom({ body, query, caller, header }: WriteCall, { address }: PolicyPlace): PolicyInput {
  const [ifMatch, ifNoneMatch] = [header('if-match'), header('if-none-match')]
  return {
    address,
    kind: body.kind ?? 'Basic',
    machines: body.properties.virtualMachines,
    ...(body.properties.selectors != null && { selectors: body.properties.selectors }),
    caller,
    force: query.force === true,
    ...(ifMatch !== undefined && { ifMatch }),
    ...(ifNoneMatch !== undefined && { ifNoneMatch }),
  }
}
