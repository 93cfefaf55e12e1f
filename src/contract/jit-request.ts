/**
 * Requests for access in the original's shapes: what `initiate` takes and answers, and what a policy lists as its history
 * (behaviour reference §2.2, §2.4). Unknown members are ignored.
 */
import { z } from 'zod'
import { optionalText, portNumber, text, utcTime } from './text.ts'

const initiatePort = z
  .object({
    number: portNumber,
    endTimeUtc: optionalText.meta({ format: 'date-time', description: 'Exactly one of endTimeUtc and duration' }),
    duration: optionalText.meta({ description: 'ISO-8601, such as PT3H; exactly one of endTimeUtc and duration' }),
    allowedSourceAddressPrefix: optionalText.meta({
      description: "An address, a CIDR prefix or '*'; left out, the caller's own address",
    }),
    allowedSourceAddressPrefixes: z.array(text).nullish().meta({ description: 'Instead of the single prefix' }),
  })
  .meta({ id: 'JitNetworkAccessPolicyInitiatePort' })

const initiateMachine = z
  .object({ id: text.meta({ description: 'Resource id of the machine' }), ports: z.array(initiatePort) })
  .meta({ id: 'JitNetworkAccessPolicyInitiateVirtualMachine' })

export const initiateRequest = z
  .object({
    virtualMachines: z.array(initiateMachine),
    justification: optionalText.meta({ description: 'Why, in free words; kept for auditors' }),
  })
  .meta({ id: 'JitNetworkAccessPolicyInitiateRequest' })

export type InitiateRequest = z.infer<typeof initiateRequest>

const jitRequestPort = z
  .object({
    number: portNumber,
    allowedSourceAddressPrefix: z.string().optional(),
    allowedSourceAddressPrefixes: z.array(z.string()).optional(),
    endTimeUtc: utcTime,
    status: z.enum(['Initiating', 'Initiated', 'Revoked']),
    statusReason: z.enum(['UserRequested', 'Expired', 'UserManuallyRevoked', 'Failed']),
    mappedPort: portNumber
      .optional()
      .meta({ description: "The port on the firewall's public address, for a machine behind one" }),
  })
  .meta({ id: 'JitNetworkAccessRequestPort' })

export type JitRequestPort = z.infer<typeof jitRequestPort>

const jitRequestMachine = z
  .object({
    id: z.string(),
    ports: z.array(jitRequestPort),
    publicIpAddress: z
      .string()
      .optional()
      .meta({ description: "The firewall's public address, for a machine behind one" }),
  })
  .meta({ id: 'JitNetworkAccessRequestVirtualMachine' })

export const jitRequest = z
  .object({
    virtualMachines: z.array(jitRequestMachine),
    startTimeUtc: utcTime,
    requestor: z.string().meta({ description: 'User principal name; empty for a caller without one' }),
    justification: z.string().optional(),
  })
  .meta({ id: 'JitNetworkAccessRequest' })

export type JitRequest = z.infer<typeof jitRequest>

/** The answer to a dry run of `initiate`: what would be opened, by the same judgement. */
export const jitDecision = z
  .object({
    virtualMachines: z.array(
      z.object({
        id: z.string(),
        ports: z.array(
          z.object({
            number: portNumber,
            protocol: z.enum(['TCP', 'UDP', '*']),
            allowedSourceAddressPrefix: z.string().optional(),
            allowedSourceAddressPrefixes: z.array(z.string()).optional(),
            endTimeUtc: utcTime,
          }),
        ),
      }),
    ),
  })
  .meta({ id: 'AccessDecision' })

export type JitDecision = z.infer<typeof jitDecision>
