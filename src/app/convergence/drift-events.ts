/** Drift in the audit trail: once when it is found, also while repairing it keeps failing, and once when it is over. */
import type { PointId } from '../ports/inventory.ts'
import type { Tx } from '../ports/store.ts'
import type { AuditAction, AuditEvent } from '../../domain/audit/audit.ts'
import { driftAfter, isNews, type Drift, type FoundDrift } from '../../domain/access/drift.ts'
import { formatInstant, type Instant } from '../../domain/time.ts'

export interface Finding {
  readonly point: PointId
  /** What is on record. */
  readonly known: Drift | undefined
  readonly found: FoundDrift | undefined
  /** Whether the point is as it should be now. */
  readonly settled: boolean
  readonly now: Instant
}

/** Writes what changed of the finding; returns the events of it. Nothing to write is the usual case. */
export async function recordDrift(tx: Pick<Tx, 'putDrift'>, finding: Finding): Promise<AuditEvent[]> {
  const { point, known, found, settled, now } = finding
  const news = found !== undefined && isNews(known, found)
  const drift = found === undefined ? known : driftAfter(known, found, now)
  if (drift === undefined) return []
  if (settled && known !== undefined) await tx.putDrift(point, undefined)
  if (!settled && news) await tx.putDrift(point, drift)
  return [
    ...(news ? [driftEvent('point.drifted', point, { ...found, since: drift.since }, now)] : []),
    ...(settled ? [driftEvent('point.repaired', point, drift, now)] : []),
  ]
}

function driftEvent(
  action: Extract<AuditAction, `point.${string}`>,
  target: PointId,
  { by, steps, since }: Drift,
  at: Instant,
): AuditEvent {
  const data = JSON.stringify({ by, steps: steps.map(({ text }) => text), since: formatInstant(since) })
  return { at, action, actor: 'sallyport', address: '', target, data }
}
