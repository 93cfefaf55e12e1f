/** The audit trail on the wire. `hash` chains each event to the one before (see the domain's audit). */
import { z } from 'zod'
import { AUDIT_OUTCOMES } from '../domain/audit/audit-catalogue.ts'
import { text, utcTime } from './text.ts'

export const auditEvent = z
  .object({
    seq: z.number().meta({ type: 'integer', minimum: 1 }),
    at: utcTime,
    action: z.string(),
    outcome: z.enum(AUDIT_OUTCOMES),
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

/** What a list and an export may be narrowed to. */
export const auditQuery = z.object({
  since: text.optional().meta({ format: 'date-time', description: 'Only events at or after this instant' }),
  until: text.optional().meta({ format: 'date-time', description: 'Only events before this instant' }),
  actor: text
    .optional()
    .meta({ description: 'Only what this person or principal did; sallyport for what happens by itself' }),
  machine: text.optional().meta({ description: 'Resource id of a machine: what happened to it, and who was refused' }),
  request: text.optional(),
  target: text.optional(),
  correlation: text.optional().meta({ description: 'x-ms-correlation-request-id of a call' }),
  action: text.optional().meta({ description: 'One action or several with commas, such as access.opened' }),
  outcome: z.enum(AUDIT_OUTCOMES).optional(),
})

export type AuditQuery = z.output<typeof auditQuery>

export const auditFinding = z
  .object({
    intact: z.boolean(),
    events: z.number().optional().meta({ description: 'How many events were checked' }),
    first: z.number().optional().meta({ description: 'The first of them; those before were dropped by retention' }),
    vouched: z.number().optional().meta({ description: 'The last event that a signed checkpoint vouches for' }),
    checkpoints: z.number().optional(),
    outside: z.number().optional().meta({ description: 'Checkpoints outside the database that agree' }),
    seq: z.number().optional().meta({ description: 'Where the trail is broken' }),
    problem: z.string().optional().meta({ description: 'What is wrong there' }),
  })
  .meta({ id: 'AuditFinding' })

export type WireAuditFinding = z.infer<typeof auditFinding>
