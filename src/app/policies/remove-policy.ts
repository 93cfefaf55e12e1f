/** Removing a policy: its live grants are closed, its ports are no longer protected, its history stays. */
import { actorOf } from '../audit/actor-of.ts'
import type { App } from '../app.ts'
import { authorize } from '../identity/authorize.ts'
import { upkeepFacts } from './configure-policy.ts'
import { keysOf, pointsOf } from './judge-policy.ts'
import { leaseFor } from '../convergence/lease.ts'
import type { Caller } from '../ports/caller.ts'
import type { PointId } from '../ports/inventory.ts'
import type { PointRow } from '../ports/rows.ts'
import type { Tx } from '../ports/store.ts'
import { refusalOnRecord } from '../audit/refusal-on-record.ts'
import { revokeGrants } from '../requests/revoke-grants.ts'
import { toldBy } from '../audit/told-by.ts'
import { refusalOfRemoval, type Claim } from '../../domain/policy/ownership.ts'
import { ok, refused, type Result } from '../../domain/refusal.ts'
import { DELETE_POLICY } from '../../domain/roles/required-actions.ts'
import type { ResourceKey } from '../../domain/resource-id.ts'

export interface RemovePolicyInput {
  readonly policy: ResourceKey
  /** As the caller wrote it, for the sentences. */
  readonly policyId?: string
  readonly caller: Caller
  /** The code that removes. */
  readonly claim?: Claim
}

/** False when there was no such policy. */
export function removePolicy(app: App, input: RemovePolicyInput): Promise<Result<boolean>> {
  const { caller, policyId, policy } = input
  const write = { action: 'policy.refused', target: policyId ?? policy, caller, facts: { what: 'remove' } } as const
  return refusalOnRecord(app, write, removeNow(app, input))
}

async function removeNow(app: App, input: RemovePolicyInput): Promise<Result<boolean>> {
  const denied = await authorize(app, input.caller, [{ anyOf: DELETE_POLICY, scope: input.policyId ?? input.policy }])
  if (denied.length > 0) return refused(...denied)
  const removed = await app.store.transaction((tx) => remove(app, tx, input))
  if (!removed.ok) return removed
  if (removed.value === undefined) return ok(false)
  await app.passes.settle(removed.value, app.settings.answerWithin)
  return ok(true)
}

async function remove(
  app: App,
  tx: Tx,
  { policy: key, caller, claim }: RemovePolicyInput,
): Promise<Result<PointRow[] | undefined>> {
  const now = app.clock.now()
  const policy = await tx.policy(key)
  if (policy === undefined) return ok(undefined)
  const elsewhere = refusalOfRemoval(policy, claim)
  if (elsewhere !== undefined) return refused(elsewhere)
  const live = await tx.liveGrants([policy.uid])
  const held = live.length === 0 ? [] : await tx.sightingsOf(live.map(({ grant }) => grant))
  const points = new Set<PointId>([
    ...[...keysOf(policy)].flatMap((machine) => pointsOf(app, machine)),
    ...held.map(({ point }) => point),
  ])
  const rows = await tx.wish({ points: [...points].sort(), shape: true, dueAt: now, lease: leaseFor(app.owner, now) })
  // Read again under the locks: a pass or a request may have come between.
  await revokeGrants(tx, await tx.liveGrants([policy.uid]), { rows, caller, now })
  await tx.removePolicy(policy.uid, now)
  const data = toldBy(caller, { version: policy.version, before: policy.machines, after: null, ...upkeepFacts(policy) })
  await tx.append([
    { at: now, action: 'policy.removed', actor: actorOf(caller), address: caller.address, target: policy.id, data },
  ])
  return ok(rows)
}
