/**
 * How the audit trail fares, without reading it: where it ends, up to where it is signed, what was found when somebody last
 * verified it, and how far each sink has got.
 */
import type { App } from '../app.ts'
import { authorize } from '../identity/authorize.ts'
import type { Caller } from '../ports/caller.ts'
import type { SinkFailure } from './stream-audit.ts'
import type { StoredAuditEvent } from '../../domain/audit/audit.ts'
import { checkpointFromLine, type SignedCheckpoint } from '../../domain/audit/audit-checkpoint.ts'
import { ok, refused, type Result } from '../../domain/refusal.ts'
import { READ_ACTIVITY } from '../../domain/roles/required-actions.ts'
import type { Instant } from '../../domain/time.ts'

/** A sink as it is configured, and as this replica finds it. */
export interface WatchedSink {
  readonly name: string
  readonly kind: 'file' | 'syslog' | 'webhook'
  /** Where events go, without what an address may keep secret. */
  readonly receiver: string
  /** Undefined while it goes well, or another replica serves it. */
  readonly failure: () => SinkFailure | undefined
}

export interface SinkStatus extends Omit<WatchedSink, 'failure'> {
  /** Events that it has not had yet. */
  readonly behind: number
  /** When the oldest of those was written. */
  readonly waitingSince?: Instant
  readonly failure?: SinkFailure
}

export interface AuditStatus {
  /** The newest event; 0 before the first. */
  readonly seq: number
  readonly checkpoint?: Pick<SignedCheckpoint, 'number' | 'at' | 'seq'>
  /** The event that tells of the last verification. */
  readonly verified?: StoredAuditEvent
  readonly sinks: readonly SinkStatus[]
}

type Deps = Pick<App, 'store' | 'access' | 'clock'>

export async function showAuditStatus(
  deps: Deps,
  caller: Caller,
  sinks: readonly WatchedSink[],
): Promise<Result<AuditStatus>> {
  const denied = await authorize(deps, caller, [{ anyOf: READ_ACTIVITY, scope: '/' }])
  if (denied.length > 0) return refused(...denied)
  const { reads } = deps.store
  const [{ seq }, last, cursors, [verified]] = await Promise.all([
    reads.auditHead(),
    reads.trail.lastCheckpoint(),
    reads.trail.cursors(),
    reads.audit({ actions: ['audit.verified'], newestFirst: true }, { limit: 1 }),
  ])
  const checkpoint = last === undefined ? undefined : checkpointFromLine(last.line)
  return ok({
    seq,
    ...(checkpoint !== undefined && { checkpoint }),
    ...(verified !== undefined && { verified }),
    sinks: await Promise.all(sinks.map((sink) => statusOf(deps, sink, { seq, had: cursors.get(sink.name) ?? 0 }))),
  })
}

async function statusOf(
  { store }: Deps,
  { failure: failureNow, ...sink }: WatchedSink,
  { seq, had }: { readonly seq: number; readonly had: number },
): Promise<SinkStatus> {
  const [oldest] = had < seq ? await store.reads.audit({}, { after: had, limit: 1 }) : []
  const failure = failureNow()
  return {
    ...sink,
    behind: Math.max(0, seq - had),
    ...(oldest !== undefined && { waitingSince: oldest.at }),
    ...(failure !== undefined && { failure }),
  }
}
