/** The plan that just-in-time access needs on a subscription: on unless somebody turned it off. */
import { actorOf } from '../audit/actor-of.ts'
import type { App } from '../app.ts'
import { authorize } from '../identity/authorize.ts'
import type { Caller } from '../ports/caller.ts'
import type { PlanTier } from '../ports/role-record.ts'
import { refusalOnRecord } from '../audit/refusal-on-record.ts'
import { toldBy } from '../audit/told-by.ts'
import { ok, refused, type Result } from '../../domain/refusal.ts'
import { READ_PRICING, WRITE_PRICING } from '../../domain/roles/required-actions.ts'

export async function showPlan(app: App, subscription: string, caller: Caller): Promise<Result<PlanTier>> {
  const scope = `/subscriptions/${subscription}`
  const denied = await authorize(app, caller, [{ anyOf: READ_PRICING, scope }])
  if (denied.length > 0) return refused(...denied)
  return ok((await app.access.now()).plans.get(subscription.toLowerCase()) ?? 'Standard')
}

export interface SetPlanInput {
  readonly subscription: string
  readonly tier: PlanTier
  readonly caller: Caller
}

/** What is open stays open to its end; nothing new is opened or configured while the plan is off. */
export function setPlan(app: App, input: SetPlanInput): Promise<Result<PlanTier>> {
  const { subscription, tier, caller } = input
  const write = { action: 'plan.refused', target: `/subscriptions/${subscription}`, caller, facts: { tier } } as const
  return refusalOnRecord(app, write, setNow(app, input))
}

async function setNow(app: App, { subscription, tier, caller }: SetPlanInput): Promise<Result<PlanTier>> {
  const scope = `/subscriptions/${subscription}`
  const denied = await authorize(app, caller, [{ anyOf: WRITE_PRICING, scope }])
  if (denied.length > 0) return refused(...denied)
  const key = subscription.toLowerCase()
  const version = await app.store.transaction(async (tx) => {
    const at = app.clock.now()
    const version = await tx.roles.change()
    await tx.roles.putPlan(key, tier, at)
    const by = { actor: actorOf(caller), address: caller.address }
    await tx.append([{ at, action: 'plan.changed', ...by, target: scope, data: toldBy(caller, { tier }) }])
    return version
  })
  app.access.changed(version, { kind: 'plan', subscription: key, tier })
  return ok(tier)
}
