/** Policies with their requests, as the wire shows them together. */
import type { App } from '../app.ts'
import { authorize, notAuthorized, rightsOf } from '../identity/authorize.ts'
import type { Caller } from '../ports/caller.ts'
import type { Page, PolicyFilter, StoredPolicy, StoredRequest } from '../ports/rows.ts'
import { readablePage, type ReadablePage } from '../readable-page.ts'
import { withReach } from '../requests/with-reach.ts'
import type { Upkeep } from '../../domain/policy/ownership.ts'
import { ok, refusal, refused, type Refusal, type Result } from '../../domain/refusal.ts'
import { READ_POLICY } from '../../domain/roles/required-actions.ts'
import { resourceKey, type ResourceId, type ResourceKey } from '../../domain/resource-id.ts'
import { DAY, type Instant, type Millis } from '../../domain/time.ts'

export interface PolicyWithRequests {
  readonly policy: StoredPolicy
  /** Oldest first. */
  readonly requests: readonly StoredRequest[]
}

/** The wire's history; older requests stay in the store and in the audit trail (behaviour reference, R15). */
const HISTORY: Millis = 30 * DAY
/** The newest requests that one answer carries for one policy. */
const LONGEST_HISTORY = 1_000

export async function showPolicy(app: App, policyId: ResourceId, caller: Caller): Promise<Result<PolicyWithRequests>> {
  const denied = await authorize(app, caller, [{ anyOf: READ_POLICY, scope: policyId }])
  if (denied.length > 0) return refused(...denied)
  const policy = await app.store.reads.policy(resourceKey(policyId))
  if (policy === undefined) return refused(policyNotFound(policyId))
  return ok(await withRequests(app, policy, app.clock.now()))
}

export function policyNotFound(id: string): Refusal {
  return refusal('PolicyNotFound', `there is no policy '${id}'; list the policies to see their names`)
}

export interface ListPoliciesInput {
  readonly filter: PolicyFilter & { readonly subscriptionId: string }
  readonly page: Page<ResourceKey>
  readonly caller: Caller
}

/** Those that the caller may read; refused when that can be none, whether or not there are any. */
export async function listPolicies(
  app: App,
  { filter, page, caller }: ListPoliciesInput,
): Promise<Result<ReadablePage<PolicyWithRequests, ResourceKey>>> {
  const { subscriptionId, resourceGroup } = filter
  const scope = `/subscriptions/${subscriptionId}${resourceGroup === undefined ? '' : `/resourceGroups/${resourceGroup}`}`
  const rights = await rightsOf(app, caller)
  if (!rights.mayWithin(READ_POLICY, scope)) return refused(notAuthorized(caller, { anyOf: READ_POLICY, scope }))
  const { items, ...more } = await readablePage({
    read: (next) => app.store.reads.policies(filter, next),
    keyOf: (policy) => policy.key,
    may: (policy) => rights.may(READ_POLICY, policy.id),
    page,
  })
  const now = app.clock.now()
  return ok({ items: await Promise.all(items.map((policy) => withRequests(app, policy, now))), ...more })
}

/** Rows that one answer looks at: a caller who may read little is handed the rest page by page. */
const MOST_LOOKED_AT = 5_000

/** Of every subscription, without their history; only what the caller may read. */
export async function listManagedPolicies(
  app: Pick<App, 'store' | 'access'>,
  { matches, page, caller }: ManagedPoliciesInput,
): Promise<ReadablePage<StoredPolicy, ResourceKey>> {
  const rights = await rightsOf(app, caller)
  return readablePage({
    read: (next) => app.store.reads.policies({}, next),
    keyOf: ({ key }) => key,
    may: (policy) => matches(policy) && rights.may(READ_POLICY, policy.id),
    page,
    most: MOST_LOOKED_AT,
  })
}

export interface ManagedPoliciesInput {
  readonly matches: (upkeep: Upkeep) => boolean
  readonly page: Page<ResourceKey>
  readonly caller: Caller
}

async function withRequests(app: App, policy: StoredPolicy, now: Instant): Promise<PolicyWithRequests> {
  const newest = await app.store.reads.requests(
    { policy: policy.uid, since: now - HISTORY },
    { limit: LONGEST_HISTORY },
  )
  return { policy, requests: await withReach(app, newest.toReversed()) }
}
