/** Policies in Sallyport's own shape: listed with who manages them, and planned many at a time. */
import type { App } from '../../app/app.ts'
import { planPolicies, type PlannedPolicy } from '../../app/policies/plan-policies.ts'
import { listManagedPolicies } from '../../app/policies/show-policies.ts'
import type { WirePlannedPolicy, WirePolicyList } from '../../contract/policy.ts'
import { isSameOwner, parseOwner, type Upkeep } from '../../domain/policy/ownership.ts'
import { ok, placedAt, refused, type Result } from '../../domain/refusal.ts'
import { parseResourceId, resourceKey } from '../../domain/resource-id.ts'
import { answered, type Answer } from '../answer.ts'
import type { Call, Handlers } from '../call.ts'
import { refusedAnswer } from '../errors.ts'
import { claimFrom } from '../input/owner-header.ts'
import { ENTRIES_A_PAGE, nextLink } from '../input/page.ts'
import { policyFrom } from '../wire/policy-wire.ts'
import { wireSentence } from '../wire/sentence-wire.ts'

export function ownPolicyRoutes(app: App): Pick<Handlers, 'Policies_List' | 'Policies_Plan'> {
  return {
    Policies_List: (call) => listAnswer(app, call),
    Policies_Plan: async ({ body, caller }) => {
      const claim = claimFrom(body.managedBy, body.takeOver === true)
      if (!claim.ok) return refusedAnswer(placedAt('managedBy', claim.refusals))
      const planned = await planPolicies(app, {
        policies: body.policies.map(({ id, kind, virtualMachines, selectors }) => ({
          id,
          kind: kind ?? 'Basic',
          machines: virtualMachines,
          ...(selectors != null && { selectors }),
        })),
        remove: body.remove ?? [],
        ...claim.value,
        force: body.force === true,
        steps: body.steps !== false,
        caller,
      })
      return answered({ value: planned.map(plannedFrom) })
    },
  }
}

async function listAnswer(app: App, { query, caller, base, url }: Call<'Policies_List'>): Promise<Answer> {
  const matches = filterFrom(query)
  if (!matches.ok) return refusedAnswer(matches.refusals)
  const start = query.after === undefined ? undefined : parseResourceId(query.after)
  if (start?.ok === false) return refusedAnswer(placedAt('after', start.refusals))
  const page = { ...(start !== undefined && { after: resourceKey(start.value) }), limit: query.top ?? ENTRIES_A_PAGE }
  const { items, next } = await listManagedPolicies(app, { matches: matches.value, page, caller })
  const list: WirePolicyList = { value: items.map(policyFrom) }
  if (next !== undefined) list.nextLink = nextLink(base, url, 'after', next)
  return answered(list)
}

function filterFrom({ managed, managedBy }: Call<'Policies_List'>['query']): Result<(upkeep: Upkeep) => boolean> {
  const owner = managedBy === undefined ? undefined : parseOwner(managedBy)
  if (owner?.ok === false) return refused(...placedAt('managedBy', owner.refusals))
  const wanted = owner?.value
  return ok((upkeep) => {
    if (managed !== undefined && managed !== (upkeep.managedBy !== undefined)) return false
    if (wanted === undefined) return true
    return wanted === 'none'
      ? upkeep.managedBy === undefined
      : upkeep.managedBy !== undefined && isSameOwner(wanted, upkeep.managedBy)
  })
}

function plannedFrom({ id, action, refusals, before, points, stillOpen }: PlannedPolicy): WirePlannedPolicy {
  return {
    id,
    action,
    ...(refusals !== undefined && { refusals: refusals.map((refusal) => ({ ...refusal })) }),
    ...(before !== undefined && { before: policyFrom(before) }),
    points: points.map(({ point, steps }) => ({
      point,
      steps: steps.map((step) => ({ ...wireSentence(step), kind: step.kind })),
    })),
    ...(stillOpen.length > 0 && { stillOpen: stillOpen.map((each) => ({ ...each })) }),
  }
}
