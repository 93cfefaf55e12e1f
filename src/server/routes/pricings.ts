/** The plan that just-in-time access needs, as scripts for the original read and write it (platform notes, D). */
import type { App } from '../../app/app.ts'
import type { PlanTier } from '../../app/ports/role-record.ts'
import { setPlan, showPlan } from '../../app/machines/set-plan.ts'
import type { WirePricing } from '../../contract/pricing.ts'
import { refusal, type Refusal } from '../../domain/refusal.ts'
import { answered } from '../answer.ts'
import type { Handlers } from '../call.ts'
import { errorAnswer, refusedAnswer } from '../errors.ts'

const PLAN = 'VirtualMachines'

export function pricingRoutes(app: App): Pick<Handlers, 'Pricings_List' | 'Pricings_Get' | 'Pricings_Update'> {
  return {
    Pricings_List: async ({ params: { subscriptionId }, caller }) => {
      const tier = await showPlan(app, subscriptionId, caller)
      return tier.ok ? answered({ value: [pricingFrom(subscriptionId, tier.value)] }) : refusedAnswer(tier.refusals)
    },
    Pricings_Get: async ({ params: { subscriptionId, pricingName }, caller }) => {
      const tier = await showPlan(app, subscriptionId, caller)
      if (!tier.ok) return refusedAnswer(tier.refusals)
      return isPlan(pricingName) ? answered(pricingFrom(subscriptionId, tier.value)) : errorAnswer(noPlan(pricingName))
    },
    Pricings_Update: async ({ params: { subscriptionId, pricingName }, body, caller }) => {
      if (!isPlan(pricingName)) return errorAnswer(noPlan(pricingName))
      const tier = tierFrom(body.properties.pricingTier)
      if (tier === undefined) return errorAnswer(noTier(body.properties.pricingTier))
      const written = await setPlan(app, { subscription: subscriptionId, tier, caller })
      return written.ok ? answered(pricingFrom(subscriptionId, written.value)) : refusedAnswer(written.refusals)
    },
  }
}

function isPlan(name: string): boolean {
  return name.toLowerCase() === PLAN.toLowerCase()
}

function noPlan(name: string): Refusal {
  return refusal('PricingNotFound', `there is no plan '${name.slice(0, 60)}'; the one that counts here is '${PLAN}'`)
}

function tierFrom(text: string): PlanTier | undefined {
  return (['Standard', 'Free'] as const).find((tier) => tier.toLowerCase() === text.toLowerCase())
}

function noTier(text: string): Refusal {
  const message = `a plan's pricingTier is 'Standard' or 'Free'; got '${text.slice(0, 60)}'`
  return refusal('InvalidPricingTier', message, 'properties.pricingTier')
}

function pricingFrom(subscriptionId: string, tier: PlanTier): WirePricing {
  return {
    properties: {
      pricingTier: tier,
      ...(tier === 'Standard' && { subPlan: 'P2' }),
      freeTrialRemainingTime: 'PT0S',
    },
    id: `/subscriptions/${subscriptionId}/providers/Microsoft.Security/pricings/${PLAN}`,
    name: PLAN,
    type: 'Microsoft.Security/pricings',
  }
}
