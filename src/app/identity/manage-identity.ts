/**
 * What every change of users, groups and programs has in common: permission first, then one transaction with the audit
 * event in it. Things are named by their id or their name.
 */
import { actorOf } from '../audit/actor-of.ts'
import type { App } from '../app.ts'
import { authorize } from './authorize.ts'
import type { Caller } from '../ports/caller.ts'
import type { IdentityTx, Vault } from '../ports/identity.ts'
import { recordRefusal } from '../audit/refusal-on-record.ts'
import { toldBy } from '../audit/told-by.ts'
import type { AuditFacts } from '../../domain/audit/audit-facts.ts'
import type { AuditAction } from '../../domain/audit/audit.ts'
import type { Group, ServicePrincipal, User } from '../../domain/roles/identity.ts'
import { briefly, ok, quoted, refusal, refused, withFacts, type Result, type Refusal } from '../../domain/refusal.ts'
import type { ActionChoice } from '../../domain/roles/required-actions.ts'
import type { Instant } from '../../domain/time.ts'

export interface Managing {
  readonly app: Pick<App, 'store' | 'access' | 'clock' | 'uuid'>
  readonly vault: Vault
  readonly caller: Caller
}

/** A change that was made, as the audit trail tells it. */
export interface Told {
  readonly action: AuditAction
  /** The id of what was changed. */
  readonly target: string
  readonly data: AuditFacts
}

export interface Change<T> {
  readonly value: T
  /** Nothing to tell when nothing changed. */
  readonly told?: Told
}

export async function change<T>(
  { app, caller }: Managing,
  needed: ActionChoice,
  work: (identity: IdentityTx, now: Instant) => Promise<Result<Change<T>>>,
): Promise<Result<T>> {
  const denied = await authorize(app, caller, [{ anyOf: needed, scope: '/' }])
  if (denied.length > 0) return refused(...denied)
  return app.store.transaction(async (tx) => {
    const now = app.clock.now()
    const changed = await work(tx.identity, now)
    if (!changed.ok) return changed
    const { value, told } = changed.value
    if (told !== undefined) {
      const { action, target, data } = told
      const who = { actor: actorOf(caller), address: caller.address }
      await tx.append([{ at: now, action, ...who, target, data: toldBy(caller, data) }])
    }
    return ok(value)
  })
}

export interface RefusedChange {
  readonly what: string
  /** The name or id as it was written. */
  readonly called: string
  readonly find: Finding
}

/**
 * On record is whom it was about, if there is such a one. What else was written where a name belongs may be a password in
 * the wrong field, and nobody could take it out of the trail again: neither it nor a sentence that repeats it is kept.
 */
export async function identityOnRecord<T>(
  { app, caller }: Managing,
  { what, called, find }: RefusedChange,
  outcome: Promise<Result<T>>,
): Promise<Result<T>> {
  const result = await outcome
  if (result.ok) return result
  const found = await find(app.store.reads.identity, called)
  const about = found.ok
    ? { target: found.value.id, facts: { what, name: found.value.name } }
    : { target: '', facts: { what } }
  await recordRefusal(app, { action: 'identity.refused', caller, ...about }, result.refusals.map(withoutWhatWasTyped))
  return result
}

/** Its sentence is about the caller and a right, both known. */
const REPEATS_NOTHING = 'AuthorizationFailed'

function withoutWhatWasTyped(reason: Refusal): Refusal {
  if (reason.code === REPEATS_NOTHING) return reason
  return {
    ...reason,
    message: 'the code says why; what was written is not kept, for it may be a secret in the wrong field',
  }
}

type Finding = (identity: Names, called: string) => Promise<Result<{ readonly id: string; readonly name: string }>>

type Names = Pick<IdentityTx, 'user' | 'userNamed' | 'group' | 'groupNamed' | 'servicePrincipal' | 'servicePrincipalOf'>

export async function userCalled(identity: Names, called: string): Promise<Result<User>> {
  const user = (await identity.user(called.toLowerCase())) ?? (await identity.userNamed(called))
  return user === undefined ? refused(notThere('UserNotFound', 'user', called)) : ok(user)
}

export async function groupCalled(identity: Names, called: string): Promise<Result<Group>> {
  const group = (await identity.group(called.toLowerCase())) ?? (await identity.groupNamed(called))
  return group === undefined ? refused(notThere('GroupNotFound', 'group', called)) : ok(group)
}

/** By its object id or its client id; names of programs are not unique enough to remove one by. */
export async function programCalled(identity: Names, called: string): Promise<Result<ServicePrincipal>> {
  const key = called.toLowerCase()
  const found = (await identity.servicePrincipal(key)) ?? (await identity.servicePrincipalOf(key))
  return found === undefined ? refused(notThere('ServicePrincipalNotFound', 'service principal', called)) : ok(found)
}

function notThere(code: string, what: string, called: string): Refusal {
  const message = `there is no ${what} ${quoted(called)} here; list them to see their names and ids`
  return withFacts(refusal(code, message), { name: briefly(called) })
}
