/** Policies with their requests, as the wire shows them together. */
import type { App } from './app.ts'
import type { Page, PolicyFilter, Reads, StoredPolicy, StoredRequest } from './ports.ts'
import type { ResourceKey } from '../domain/resource-id.ts'
import { DAY, type Instant, type Millis } from '../domain/time.ts'

export interface PolicyWithRequests {
  readonly policy: StoredPolicy
  /** Oldest first. */
  readonly requests: readonly StoredRequest[]
}

/** The wire's history; older requests stay in the store and in the audit trail (behaviour reference, R15). */
const HISTORY: Millis = 30 * DAY
/** The newest requests that one answer carries for one policy. */
const LONGEST_HISTORY = 1_000

export async function showPolicy(app: App, key: ResourceKey): Promise<PolicyWithRequests | undefined> {
  const policy = await app.store.reads.policy(key)
  return policy === undefined ? undefined : withRequests(app.store.reads, policy, app.clock.now())
}

export async function listPolicies(
  app: App,
  filter: PolicyFilter,
  page: Page<ResourceKey>,
): Promise<PolicyWithRequests[]> {
  const policies = await app.store.reads.policies(filter, page)
  const now = app.clock.now()
  return Promise.all(policies.map((policy) => withRequests(app.store.reads, policy, now)))
}

async function withRequests(reads: Reads, policy: StoredPolicy, now: Instant): Promise<PolicyWithRequests> {
  const newest = await reads.requests({ policy: policy.uid, since: now - HISTORY }, { limit: LONGEST_HISTORY })
  return { policy, requests: newest.toReversed() }
}
