/** The audit trail on the wire. `hash` chains each event to the one before (see the domain's audit). */
import { z } from 'zod'
import { utcTime } from './text.ts'

export const auditEvent = z
  .object({
    seq: z.number().meta({ type: 'integer', minimum: 1 }),
    at: utcTime,
    action: z.string(),
    actor: z.string().meta({ description: "A principal's name, or sallyport for what happens by itself" }),
    address: z.string(),
    target: z.string(),
    request: z.string().optional(),
    grant: z.string().optional(),
    data: z.record(z.string(), z.unknown()).meta({ description: 'Flat facts: port, source, until, reason' }),
    hash: z.string(),
  })
  .meta({ id: 'AuditEvent' })

export type WireAuditEvent = z.infer<typeof auditEvent>

export const auditEventList = z
  .object({ value: z.array(auditEvent), nextLink: z.string().optional() })
  .meta({ id: 'AuditEventList' })

export type WireAuditEventList = z.infer<typeof auditEventList>
