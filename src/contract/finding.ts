/** What a person should look at: enforcement points that are not as they should be, and why. */
import { z } from 'zod'
import { sentence } from './facts.ts'
import { utcTime } from './text.ts'

const FINDING_KINDS = ['drift', 'failing', 'overdue', 'stale', 'vanished', 'outlived', 'unreachable'] as const

export const finding = z
  .object({
    kind: z.enum(FINDING_KINDS).meta({
      description:
        'drift: somebody else changed it; failing: it could not be brought to what it should be and is tried again; overdue: something that ended was not seen closed; stale: the machines of a connection cannot be read; vanished: a policy names a machine that is gone; outlived: somebody is still connected although the access has ended, and the policy says to tell it; unreachable: nobody hears from the agent of a host, which changes nothing there',
    }),
    point: z.string().meta({ description: 'The enforcement point; of a connection or a machine its id' }),
    machines: z.array(z.string()).meta({ description: 'Resource ids of the machines behind it that you may read' }),
    text: z.string().meta({ description: 'A sentence for people' }),
    since: utcTime.optional(),
    steps: z.array(z.string()).optional().meta({ description: 'Of drift: what would put it right' }),
    told: z.array(sentence).optional().meta({ description: 'Of drift: the same, with their codes' }),
    reason: z.string().optional().meta({
      description:
        'Of failing and stale: why, in the words of whoever refused it; of unreachable: what is known besides, as that it was shut out',
    }),
    connected: z
      .object({ from: z.string(), port: z.string(), requestor: z.string().optional() })
      .optional()
      .meta({ description: 'Of outlived: who is connected to which port, and by whose request they came in' }),
    by: z.array(z.string()).optional().meta({ description: 'Of drift: who did it, where the platform tells' }),
    failures: z.number().optional().meta({ description: 'How often in a row it failed' }),
    nextTryAt: utcTime.optional(),
    grants: z.number().optional().meta({
      description: 'How many grants are overdue; of an unreachable host, how many ended and are not proven closed',
    }),
  })
  .meta({ id: 'Finding' })

export type WireFinding = z.infer<typeof finding>

export const findingList = z.object({ value: z.array(finding) }).meta({ id: 'FindingList' })

export type WireFindingList = z.infer<typeof findingList>
