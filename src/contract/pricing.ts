/** The plan of a subscription in the original's shape (platform notes, D). */
import { z } from 'zod'
import { optionalText, text } from './text.ts'

export const pricingBody = z
  .object({
    properties: z.object({ pricingTier: text.meta({ examples: ['Standard', 'Free'] }), subPlan: optionalText }),
  })
  .meta({ id: 'PricingBody' })

export const pricing = z
  .object({
    properties: z.object({
      pricingTier: z.enum(['Standard', 'Free']),
      subPlan: z.literal('P2').optional(),
      freeTrialRemainingTime: z.literal('PT0S'),
    }),
    id: z.string(),
    name: z.literal('VirtualMachines'),
    type: z.literal('Microsoft.Security/pricings'),
  })
  .meta({ id: 'Pricing' })

export type WirePricing = z.infer<typeof pricing>

export const pricingList = z.object({ value: z.array(pricing) }).meta({ id: 'PricingList' })
