/** How the audit trail fares: what is signed, what was verified, and how far each place has got that events are sent to. */
import { z } from 'zod'
import { utcTime } from './text.ts'

const sink = z
  .object({
    name: z.string(),
    kind: z.enum(['file', 'syslog', 'webhook']),
    receiver: z.string().meta({ description: 'Where it sends; of a URL only scheme, host and port' }),
    behind: z.int().meta({ description: 'Events that it has not had yet' }),
    waitingSince: utcTime.optional().meta({ description: 'When the oldest of those was written' }),
    failure: z
      .object({ since: utcTime, reason: z.string() })
      .optional()
      .meta({ description: 'Why deliveries fail, where the server that answers makes them' }),
  })
  .meta({ id: 'AuditSinkStatus' })

export type WireAuditSink = z.infer<typeof sink>

export const auditStatus = z
  .object({
    seq: z.int().meta({ description: 'The newest event; 0 before the first' }),
    checkpoint: z
      .object({ number: z.int(), at: utcTime, seq: z.int().meta({ description: 'The last event it vouches for' }) })
      .optional()
      .meta({ description: 'The last signed one' }),
    verified: z
      .object({
        at: utcTime,
        by: z.string(),
        intact: z.boolean(),
        events: z.int().optional().meta({ description: 'How many events were checked' }),
        problem: z.string().optional(),
      })
      .optional()
      .meta({ description: 'What was found when somebody last verified the trail' }),
    sinks: z.array(sink),
  })
  .meta({ id: 'AuditStatus' })

export type WireAuditStatus = z.infer<typeof auditStatus>
