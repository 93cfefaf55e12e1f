/**
 * JIT network access policies in the original's shapes (behaviour reference §2.2). The order of members is the order of
 * the original's answers (R23). Unknown and read-only members of a PUT are ignored.
 */
import { z } from 'zod'
import { SEVERITIES } from '../domain/posture.ts'
import { jitRequest } from './jit-request.ts'
import { optionalText, portNumber, text } from './text.ts'

export const POLICY_TYPE = 'Microsoft.Security/locations/jitNetworkAccessPolicies'

const portRule = z
  .object({
    number: portNumber,
    protocol: text.meta({ examples: ['TCP', 'UDP', '*'] }),
    allowedSourceAddressPrefix: optionalText.meta({
      description: "An address, a CIDR prefix or '*' for any; excludes allowedSourceAddressPrefixes",
    }),
    allowedSourceAddressPrefixes: z.array(text).nullish().meta({ description: 'Instead of the single prefix' }),
    maxRequestAccessDuration: text.meta({ description: 'ISO-8601, from PT5M to P1D', examples: ['PT3H'] }),
    onExpiry: optionalText.meta({
      description:
        "No field of the original's. What becomes of who is connected when a hole ends: keep (also when left out), warn or cut",
      examples: ['keep', 'warn', 'cut'],
    }),
  })
  .meta({ id: 'JitNetworkAccessPortRule' })

export const policyMachine = z
  .object({
    id: text.meta({ description: 'Resource id of the machine' }),
    ports: z.array(portRule),
    publicIpAddress: optionalText,
    chosenBy: optionalText.meta({
      description: "No field of the original's. The label selector that chose the machine; read-only",
    }),
  })
  .meta({ id: 'JitNetworkAccessPolicyVirtualMachine' })

export const policySelector = z
  .object({
    labels: z.record(text, text).meta({ examples: [{ env: 'prod' }] }),
    ports: z.array(portRule),
  })
  .meta({ id: 'PolicySelector' })

export type WirePolicySelector = z.infer<typeof policySelector>

const selectors = z.array(policySelector).meta({
  description:
    "No field of the original's. Whatever has these labels is protected so, now and later; left out of a PUT, they stay as they are, and an empty list takes them away",
})

export type JitPolicyMachine = z.infer<typeof policyMachine>

export const jitPolicyBody = z
  .object({
    kind: optionalText.meta({ examples: ['Basic'] }),
    properties: z.object({ virtualMachines: z.array(policyMachine), selectors: selectors.nullish() }),
  })
  .meta({ id: 'JitNetworkAccessPolicyBody' })

export const jitPolicy = z
  .object({
    kind: z.string(),
    properties: z.object({
      virtualMachines: z.array(policyMachine),
      selectors: selectors.optional(),
      requests: z.array(jitRequest).meta({ description: 'The history, in no particular order' }),
      provisioningState: z.enum(['Succeeded', 'Updating']),
      appendMode: z.literal(false),
    }),
    id: z.string(),
    name: z.string(),
    type: z.literal(POLICY_TYPE),
    location: z.string(),
  })
  .meta({ id: 'JitNetworkAccessPolicy' })

export type JitPolicy = z.infer<typeof jitPolicy>

export const jitPolicyList = z
  .object({ value: z.array(jitPolicy), nextLink: z.string().optional().meta({ format: 'uri' }) })
  .meta({ id: 'JitNetworkAccessPoliciesList' })

export type JitPolicyList = z.infer<typeof jitPolicyList>

export const policyStep = z.object({
  kind: z.enum(['protect', 'unprotect', 'open', 'extend', 'close', 'cut', 'move', 'restore', 'import', 'repair']),
  text: z.string().meta({ description: 'A sentence a person can check' }),
})

/** Left out when nothing is, or nobody can tell. */
export const stillOpen = z
  .array(
    z.object({
      machine: z.string(),
      port: z.number().int().optional(),
      severity: z.enum(SEVERITIES),
      text: z.string().meta({ description: 'A sentence that names the rule' }),
    }),
  )
  .optional()
  .meta({
    description:
      'What rules of others would let in after the change, at the ports that the policy protects or protected',
  })

/** The answer to a dry run of a PUT: what would change, point by point. */
export const policyPlan = z
  .object({
    action: z.enum(['create', 'update', 'adopt', 'none', 'remove']).meta({
      description: 'adopt: only who manages the policy changes; none: the policy says this already',
    }),
    points: z.array(z.object({ point: z.string(), steps: z.array(policyStep) })),
    stillOpen,
  })
  .meta({ id: 'PolicyPlan' })

export type PolicyPlan = z.infer<typeof policyPlan>
