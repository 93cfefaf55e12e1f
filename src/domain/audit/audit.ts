/**
 * Audit events: one for every transition, append-only, each chained to the one before by a hash that the store computes.
 * {@link canonicalText} is what gets hashed; it must never change for events that are already written.
 */
import type { Instant } from '../time.ts'

export type AuditAction =
  | 'policy.saved'
  | 'policy.removed'
  | 'policy.refused'
  | 'access.requested'
  | 'access.refused'
  | 'access.opened'
  | 'access.extended'
  | 'access.closing'
  | 'access.closed'
  | 'access.cut'
  | 'access.outlived'
  | 'access.failed'
  | 'point.drifted'
  | 'point.repaired'
  | 'server.started'
  | 'server.stopped'
  | 'server.token-replaced'
  | 'audit.read'
  | 'audit.exported'
  | 'audit.verified'
  | 'audit.dropped'
  | 'signin.breakglass'
  | 'signin.succeeded'
  | 'signin.failed'
  | 'session.started'
  | 'session.ended'
  | 'user.created'
  | 'user.disabled'
  | 'user.enabled'
  | 'user.password-changed'
  | 'user.code-changed'
  | 'user.signed-out'
  | 'user.removed'
  | 'group.created'
  | 'group.member-added'
  | 'group.member-removed'
  | 'group.removed'
  | 'principal.created'
  | 'principal.credential-added'
  | 'principal.credential-removed'
  | 'principal.removed'
  | 'identity.refused'
  | 'role.assigned'
  | 'role.unassigned'
  | 'role.defined'
  | 'role.removed'
  | 'role.refused'
  | 'plan.changed'
  | 'plan.refused'
  | 'connection.saved'
  | 'connection.removed'
  | 'connection.refused'
  | 'host.enrolled'
  | 'host.renewed'
  | 'host.revoked'
  | 'host.cloned'
  | 'host.turned-away'
  | 'host.connected'
  | 'host.unreachable'
  | 'host.invited'
  | 'host.changed'
  | 'host.removed'
  | 'host.refused'

export interface AuditEvent {
  readonly at: Instant
  readonly action: AuditAction
  /** Who: a principal's name, or `sallyport` for what the reconciler does by itself. */
  readonly actor: string
  /** The caller's address; empty for the reconciler. */
  readonly address: string
  /** What: a resource id, or an enforcement point. */
  readonly target: string
  readonly request?: string
  readonly grant?: string
  /** JSON object; flat facts that an auditor reads: port, source, until, reason … */
  readonly data: string
}

export interface StoredAuditEvent extends AuditEvent {
  /** 1, 2, 3 … without gaps. */
  readonly seq: number
  /** SHA-256 in hex over the previous hash and {@link canonicalText}. The first event chains to 64 zeros. */
  readonly hash: string
}

export const FIRST_HASH = '0'.repeat(64)

export function canonicalText(seq: number, event: AuditEvent): string {
  const { at, action, actor, address, target, request, grant, data } = event
  return JSON.stringify([seq, at, action, actor, address, target, request ?? null, grant ?? null, data])
}
