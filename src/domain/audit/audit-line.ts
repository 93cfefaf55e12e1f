/** An audit event as it leaves this installation: in lists, exports and streams the same object, with the same names. */
import { outcomeOf, type AuditOutcome } from './audit-catalogue.ts'
import type { StoredAuditEvent } from './audit.ts'
import { formatInstant } from '../time.ts'

export interface AuditLine {
  seq: number
  at: string
  action: string
  outcome: AuditOutcome
  actor: string
  address: string
  target: string
  request?: string
  grant?: string
  data: Record<string, unknown>
  hash: string
}

export function auditLineFrom(event: StoredAuditEvent): AuditLine {
  const { seq, at, action, actor, address, target, request, grant, data, hash } = event
  return {
    seq,
    at: formatInstant(at),
    action,
    outcome: outcomeOf(action),
    actor,
    address,
    target,
    ...(request !== undefined && { request }),
    ...(grant !== undefined && { grant }),
    data: JSON.parse(data) as Record<string, unknown>, // what is appended is always an object
    hash,
  }
}
