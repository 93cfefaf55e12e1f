/** How the audit trail fares, as the wire writes it. */
import type { AuditStatus, SinkStatus } from '../../app/audit/show-audit-status.ts'
import type { WireAuditSink, WireAuditStatus } from '../../contract/audit-status.ts'
import { auditLineFrom } from '../../domain/audit/audit-line.ts'
import type { StoredAuditEvent } from '../../domain/audit/audit.ts'
import { formatInstant } from '../../domain/time.ts'

export function auditStatusFrom({ seq, checkpoint, verified, sinks }: AuditStatus): WireAuditStatus {
  return {
    seq,
    ...(checkpoint !== undefined && {
      checkpoint: { number: checkpoint.number, at: formatInstant(checkpoint.at), seq: checkpoint.seq },
    }),
    ...(verified !== undefined && { verified: verifiedFrom(verified) }),
    sinks: sinks.map(sinkFrom),
  }
}

function verifiedFrom(event: StoredAuditEvent): NonNullable<WireAuditStatus['verified']> {
  const { at, actor, data } = auditLineFrom(event)
  const { intact, events, problem } = data
  return {
    at,
    by: actor,
    intact: intact === true,
    ...(typeof events === 'number' && { events }),
    ...(typeof problem === 'string' && { problem }),
  }
}

function sinkFrom({ waitingSince, failure, ...sink }: SinkStatus): WireAuditSink {
  return {
    ...sink,
    ...(waitingSince !== undefined && { waitingSince: formatInstant(waitingSince) }),
    ...(failure !== undefined && { failure: { ...failure, since: formatInstant(failure.since) } }),
  }
}
