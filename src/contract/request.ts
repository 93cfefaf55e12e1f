/** Requests and grants as Sallyport's own interface shows them: with ids, states and every instant. */
import { z } from 'zod'
import { because } from './posture.ts'
import { optionalText, portNumber, text, utcTime } from './text.ts'

export const grant = z
  .object({
    id: z.string(),
    machine: z.string().meta({ description: 'Resource id' }),
    port: portNumber,
    protocol: z.enum(['TCP', 'UDP', '*']),
    sources: z.array(z.string()),
    from: utcTime,
    until: utcTime.meta({ description: 'The hole is open before this instant and shut at it' }),
    endTimeUtc: utcTime.meta({ description: 'The end as whoever requested or extended it wrote it' }),
    state: z.enum(['awaiting', 'opening', 'open', 'closing', 'closed', 'failed']),
    status: z.enum(['Initiating', 'Initiated', 'Revoked']),
    reason: z.enum(['UserRequested', 'Expired', 'UserManuallyRevoked', 'Failed']),
    detail: z.string().optional().meta({ description: 'Why it failed, as a sentence' }),
    because: because.optional().meta({ description: 'What the sentence says' }),
    publicIpAddress: z.string().optional().meta({
      description: 'Where to connect instead of to the machine: the public address of the firewall before it',
    }),
    mappedPort: portNumber.optional().meta({ description: 'The port there' }),
    openedAt: utcTime.optional(),
    closedAt: utcTime.optional(),
  })
  .meta({ id: 'Grant' })

export type WireGrant = z.infer<typeof grant>

export const request = z
  .object({
    id: z.string(),
    policy: z.string().optional().meta({ description: 'Resource id of the policy, while that names the machine' }),
    requestor: z.string().meta({ description: 'Name of who asked; empty where a program has none' }),
    requestorId: z.string().optional().meta({ description: 'Object id of who asked' }),
    address: z.string().meta({ description: 'Where the request came from' }),
    justification: z.string().optional(),
    startTimeUtc: utcTime,
    grants: z.array(grant),
  })
  .meta({ id: 'Request' })

export type WireRequest = z.infer<typeof request>

export const requestList = z
  .object({ value: z.array(request), nextLink: z.string().optional() })
  .meta({ id: 'RequestList' })

export type WireRequestList = z.infer<typeof requestList>

export const extendBody = z
  .object({
    grants: z
      .array(text)
      .nullish()
      .meta({ description: 'Which grants to extend; left out, all of the request that are live' }),
    until: optionalText.meta({ format: 'date-time', description: 'The new end; exactly one of until and duration' }),
    duration: optionalText.meta({
      description: 'ISO-8601, such as PT1H: the new end is this long from now; exactly one of until and duration',
    }),
    justification: optionalText.meta({ description: 'Why, in free words; kept for auditors' }),
  })
  .meta({ id: 'ExtendRequest' })

export const closeBody = z
  .object({
    grants: z.array(text).nullish().meta({ description: 'Which grants to close; left out, all of the request' }),
  })
  .nullish()
  .meta({ id: 'CloseRequest' })
