/** The audit event of one grant's transition: what an auditor reads without looking anything up. */
import type { AuditFacts } from '../../domain/audit/audit-facts.ts'
import type { AuditEvent } from '../../domain/audit/audit.ts'
import type { Grant } from '../../domain/access/grant.ts'
import { formatSource } from '../../domain/net.ts'

/** `facts` are what this transition adds. */
export function grantEvent(
  grant: Grant,
  of: Pick<AuditEvent, 'at' | 'action' | 'actor' | 'address'>,
  facts: AuditFacts = {},
): AuditEvent {
  const { port, protocol, endTimeUtc, reason, detail } = grant
  return {
    ...of,
    target: grant.machine,
    request: grant.request,
    grant: grant.grant,
    data: JSON.stringify({
      port,
      protocol,
      sources: grant.sources.map(formatSource),
      endTimeUtc,
      reason,
      ...(detail === undefined ? {} : { detail }),
      ...facts,
    }),
  }
}
