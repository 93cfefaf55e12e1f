/**
 * What every change of users, groups and programs has in common: permission first, then one transaction with the audit
 * event in it. Things are named by their id or their name.
 */
import { actorOf } from '../audit/actor-of.ts'
import type { App } from '../app.ts'
import { authorize } from './authorize.ts'
import type { Caller } from '../ports/caller.ts'
import type { IdentityTx, Vault } from '../ports/identity.ts'
import { refusalOnRecord } from '../audit/refusal-on-record.ts'
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

/** `called` is the name or id as it was written. */
export function identityOnRecord<T>(
  { app, caller }: Managing,
  { what, called }: { readonly what: string; readonly called: string },
  outcome: Promise<Result<T>>,
): Promise<Result<T>> {
  const write = { action: 'identity.refused', target: called.slice(0, 300), caller, facts: { what } } as const
  return refusalOnRecord(app, write, outcome)
}

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
