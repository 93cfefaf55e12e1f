/**
 * Who is connected by what was granted: TCP connections and exchanges of datagrams that came in by a hole, as the machine's
 * own kernel tracks them, while the hole is open and after it.
 */
import { z } from 'zod'
import { portNumber, text, utcTime } from './text.ts'

export const flow = z
  .object({
    machine: z.string().meta({ description: 'Resource id' }),
    protocol: z.enum(['TCP', 'UDP', 'SCTP']),
    from: z.string().meta({ description: 'Address of who is connected' }),
    fromPort: portNumber,
    to: z.string().meta({ description: 'The address that they connected to' }),
    port: portNumber.meta({ description: 'The protected port' }),
    since: utcTime.optional().meta({ description: 'Where the kernel keeps it' }),
    state: z.enum(['open', 'ended']).meta({ description: 'ended: it lives on although no access lets it in any more' }),
    grants: z
      .array(z.object({ request: z.string(), grant: z.string(), requestor: z.string() }))
      .meta({ description: 'What lets it in, or did so last; of requests that you may read' }),
  })
  .meta({ id: 'Flow' })

export type WireFlow = z.infer<typeof flow>

export const flowList = z
  .object({
    value: z.array(flow),
    untold: z.array(z.object({ machine: z.string(), reason: z.string() })).meta({
      description:
        'Machines that were asked for, or where somebody was let in, and of which nobody can tell who is connected',
    }),
  })
  .meta({ id: 'FlowList' })

export type WireFlowList = z.infer<typeof flowList>

export const flowQuery = z.object({
  machine: text.optional().meta({ description: 'Resource id of a machine' }),
  request: text.optional().meta({ description: 'Id of a request: who is connected by its grants' }),
})
