/** What each action of the audit trail means and how it ended; docs/operate/audit.md has the same table. */
import type { AuditAction } from './audit.ts'

export const AUDIT_OUTCOMES = ['succeeded', 'refused', 'failed'] as const
export type AuditOutcome = (typeof AUDIT_OUTCOMES)[number]

export interface ActionMeaning {
  readonly outcome: AuditOutcome
  readonly means: string
}

const did = (means: string): ActionMeaning => ({ outcome: 'succeeded', means })

export const AUDIT_CATALOGUE: Readonly<Record<AuditAction, ActionMeaning>> = {
  'access.requested': did('a person asked for a port and the policy allows it; one event for each grant'),
  'access.refused': { outcome: 'refused', means: 'a person asked for access and was refused; all reasons are in it' },
  'access.opened': did('every enforcement point was seen to let the source in'),
  'access.extended': did('the end of a grant was moved to a later time; before and after are in it'),
  'access.closing': did('a grant is taken back before its end, or because a point cannot carry it'),
  'access.closed': did('no enforcement point was seen to let the source in any more'),
  'access.cut': did('who was still connected when the access ended was cut off, as the policy says; who, is in it'),
  'access.outlived': did('somebody was still connected when the access ended, and the policy says to tell it'),
  'access.failed': {
    outcome: 'failed',
    means: 'the access could not be opened; what was opened of it was seen closed',
  },
  'policy.saved': did('a policy was made or changed'),
  'policy.removed': did('a policy was removed'),
  'policy.refused': {
    outcome: 'refused',
    means: 'somebody may not make, change or remove a policy so; all reasons are in it',
  },
  'point.drifted': {
    outcome: 'failed',
    means: 'somebody else changed an enforcement point; told once, however often putting it right is tried',
  },
  'point.repaired': did('an enforcement point is again as it should be after somebody else had changed it'),
  'server.started': did('a server serves'),
  'server.stopped': did('a server stopped in good order; without it before the next start, it did not'),
  'server.token-replaced': did(
    'the bootstrap administrator’s token was replaced on the machine; the one before counts no more',
  ),
  'signin.breakglass': did('the bootstrap administrator’s token is in use'),
  'signin.succeeded': did('somebody signed in at the embedded issuer'),
  'signin.failed': {
    outcome: 'failed',
    means: 'somebody could not sign in at the embedded issuer, or came with a token that is not good here',
  },
  'session.started': did('somebody signed a browser in'),
  'session.ended': did('somebody signed a browser out, this one or another of theirs'),
  'user.created': did('a local user was made'),
  'user.disabled': did('a local user may not sign in any more'),
  'user.enabled': did('a local user may sign in again'),
  'user.password-changed': did('the password of a local user was changed'),
  'user.code-changed': did('the one-time code of a local user was set up or taken away'),
  'user.signed-out': did('all sessions of a local user were ended'),
  'user.removed': did('a local user was removed'),
  'group.created': did('a group was made'),
  'group.member-added': did('somebody was put into a group'),
  'group.member-removed': did('somebody was taken out of a group'),
  'group.removed': did('a group was removed'),
  'principal.created': did('a service principal was made'),
  'principal.credential-added': did('a service principal got a credential'),
  'principal.credential-removed': did('a service principal lost a credential'),
  'principal.removed': did('a service principal was removed'),
  'identity.refused': {
    outcome: 'refused',
    means: 'a change of users, groups or service principals was refused; whom nobody here is called is not repeated',
  },
  'role.assigned': did('a role was assigned'),
  'role.unassigned': did('a role assignment was removed'),
  'role.defined': did('a role was defined or changed'),
  'role.removed': did('a role definition was removed'),
  'role.refused': { outcome: 'refused', means: 'a change of roles or of who holds them was refused' },
  'plan.changed': did('the plan of a subscription was changed'),
  'plan.refused': { outcome: 'refused', means: 'the plan of a subscription was not to be changed by this person' },
  'connection.saved': did('a connection to a cloud was made or changed'),
  'connection.removed': did('a connection to a cloud was removed'),
  'connection.refused': { outcome: 'refused', means: 'somebody may not make, change or remove a connection so' },
  'host.invited': did('a one-time command that enrols a host was given; the token is not in it'),
  'host.changed': did('labels of a host, how a gateway is reached, or what is behind it was changed'),
  'host.removed': did('a host was forgotten, and its agent cut off'),
  'host.refused': { outcome: 'refused', means: 'somebody may not enrol, change or remove a host so' },
  'host.enrolled': did(
    'the agent of a host got a certificate for a one-time token; those of before are not taken any more',
  ),
  'host.renewed': did('the agent of a host got a certificate for one that was still good'),
  'host.revoked': did('no certificate of a host is taken any more, until it is enrolled anew'),
  'host.cloned': {
    outcome: 'failed',
    means: 'two machines were seen to use the key of one host: neither is believed until the host is enrolled anew',
  },
  'host.turned-away': { outcome: 'refused', means: 'something that called itself the agent of a host was not let in' },
  'host.connected': did('the agent of a host is connected, for the first time or after it was told to be unreachable'),
  'host.unreachable': {
    outcome: 'failed',
    means: 'the agent of a host has not been connected for a minute; what its kernel carries ends by itself',
  },
  'audit.read': did('somebody read the audit trail; one event for a list, however many pages of it are followed'),
  'audit.exported': did('somebody began to download the audit trail'),
  'audit.verified': did('somebody had the audit trail checked; the finding is in it'),
  'audit.dropped': did('retention dropped old events; a signed record of it stays'),
}

export function outcomeOf(action: AuditAction): AuditOutcome {
  return AUDIT_CATALOGUE[action].outcome
}

export function actionsEnding(outcome: AuditOutcome): AuditAction[] {
  const actions = Object.keys(AUDIT_CATALOGUE) as AuditAction[] // the record's own keys
  return actions.filter((action) => outcomeOf(action) === outcome)
}
