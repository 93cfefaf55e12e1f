/**
 * Policies in Sallyport's own shape: without their history, with who manages them; and the plan of a whole set of them.
 * The original's shape of the same policies is in `jit-policy.ts`.
 */
import { z } from 'zod'
import { facts, sentence } from './facts.ts'
import { optionalText, text, utcTime } from './text.ts'
import { policyMachine, policySelector, policyStep, stillOpen } from './jit-policy.ts'

const owner = z.object({
  tool: text.meta({ examples: ['sallyport-apply'] }),
  source: text.optional().meta({ description: 'Which of its sources', examples: ['github.com/acme/access'] }),
})

const ownership = owner
  .extend({
    since: utcTime,
    changedOutsideAt: utcTime
      .optional()
      .meta({ description: 'Somebody else changed the policy then, and its owner has not written it since' }),
  })
  .meta({ id: 'PolicyOwnership', description: 'The code that looks after a policy. It is no permission' })

export const policy = z
  .object({
    id: z.string(),
    name: z.string(),
    location: z.string(),
    kind: z.string(),
    virtualMachines: z.array(policyMachine),
    selectors: z.array(policySelector).optional(),
    etag: z.string().meta({ description: 'For If-Match of a write' }),
    createdAt: utcTime,
    updatedAt: utcTime,
    managedBy: ownership.optional(),
  })
  .meta({ id: 'Policy' })

export type WirePolicy = z.infer<typeof policy>

export const policyList = z
  .object({ value: z.array(policy), nextLink: z.string().optional() })
  .meta({ id: 'PolicyList' })

export type WirePolicyList = z.infer<typeof policyList>

/** Each is observed at its enforcement points. */
const MOST_PLANNED = 200

export const planBody = z
  .object({
    managedBy: owner.nullish().meta({ description: 'Who will write them' }),
    takeOver: z.boolean().nullish().meta({ description: 'Also those that another manages' }),
    force: z.boolean().nullish().meta({ description: "Also what closes the port of the caller's own connection" }),
    steps: z.boolean().nullish().meta({ description: 'false: leave out what would change on the enforcement points' }),
    policies: z
      .array(
        z.object({
          id: text.meta({ description: 'Resource id of the policy' }),
          kind: optionalText,
          virtualMachines: z.array(policyMachine),
          selectors: z.array(policySelector).nullish().meta({ description: 'Left out: as they are' }),
        }),
      )
      .max(MOST_PLANNED),
    remove: z.array(text).max(MOST_PLANNED).nullish().meta({ description: 'Resource ids of policies to be removed' }),
  })
  .meta({ id: 'PoliciesPlanRequest' })

const toldStep = z.object({ ...sentence.shape, kind: policyStep.shape.kind })

const plannedPolicy = z
  .object({
    id: z.string(),
    action: z.enum(['create', 'update', 'adopt', 'none', 'remove', 'refused']).meta({
      description:
        'adopt: the policy stays as it is, only who manages it changes, or that it was changed outside is settled',
    }),
    refusals: z
      .array(
        z.object({ code: z.string(), message: z.string(), target: z.string().optional(), facts: facts.optional() }),
      )
      .optional()
      .meta({ description: 'Why the write would be refused' }),
    before: policy
      .optional()
      .meta({ description: 'The policy as it stands, where there is one that the caller may read' }),
    points: z
      .array(z.object({ point: z.string(), steps: z.array(toldStep) }))
      .meta({ description: 'What would change on each enforcement point, each policy looked at by itself' }),
    stillOpen,
  })
  .meta({ id: 'PlannedPolicy' })

export type WirePlannedPolicy = z.infer<typeof plannedPolicy>

export const policiesPlan = z.object({ value: z.array(plannedPolicy) }).meta({ id: 'PoliciesPlan' })
