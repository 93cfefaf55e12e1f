/** The installation's own users, as administrators look after them. What a password is, only the vault knows. */
import { authorize } from './authorize.ts'
import { change, userCalled, type Change, type Managing, type Told } from './manage-identity.ts'
import type { IdentityTx } from '../ports/identity.ts'
import type { Page } from '../ports/rows.ts'
import { DELETE_USERS, READ_USERS, WRITE_USERS } from '../../domain/roles/identity-actions.ts'
import { parseDisplayName, parseUserName, type User } from '../../domain/roles/identity.ts'
import { ok, refusal, refused, withFacts, type Result } from '../../domain/refusal.ts'
import type { Instant } from '../../domain/time.ts'

export async function listUsers({ app, caller }: Managing, page: Page<string>): Promise<Result<User[]>> {
  const denied = await authorize(app, caller, [{ anyOf: READ_USERS, scope: '/' }])
  return denied.length > 0 ? refused(...denied) : ok(await app.store.reads.identity.users(page))
}

export interface NewUser {
  readonly name: string
  readonly displayName?: string
  /** One is made when none is given. */
  readonly password?: string
}

export interface MadeUser {
  readonly user: User
  /** What to hand to the user, shown once: only where it was made here. */
  readonly password?: string
  /** For an authenticator app, shown once. */
  readonly keyUri?: string
}

/** Whoever gets a password from somebody else chooses one at the first sign-in. */
export async function createUser(managing: Managing, asked: NewUser): Promise<Result<MadeUser>> {
  const { app, vault } = managing
  const denied = await authorize(app, managing.caller, [{ anyOf: WRITE_USERS, scope: '/' }])
  if (denied.length > 0) return refused(...denied)
  const name = parseUserName(asked.name)
  const displayName = parseDisplayName(asked.displayName ?? asked.name, 'displayName')
  const made = asked.password === undefined ? vault.newPassword() : undefined
  const password = vault.checkPassword(asked.password ?? made ?? '', asked.name)
  const wrong = [name, displayName, password].flatMap((parsed) => (parsed.ok ? [] : parsed.refusals))
  if (!name.ok || !displayName.ok || !password.ok) return refused(...wrong)
  const passwordHash = await vault.hashPassword(password.value)
  const id = app.uuid()
  const about = { id, name: name.value, displayName: displayName.value, passwordHash, mustChangePassword: true }
  return change(managing, WRITE_USERS, async (identity, now) => {
    if ((await identity.userNamed(name.value)) !== undefined) return taken(name.value)
    const user: User = { ...about, validAfter: now, createdAt: now }
    await identity.putUser(user)
    const told = { action: 'user.created', target: id, data: { name: name.value } } as const
    return ok({ value: { user, ...(made === undefined ? {} : { password: made }) }, told })
  })
}

function taken(name: string): ReturnType<typeof refused> {
  return refused(withFacts(refusal('NameTaken', `there is a '${name}' already; choose another name`, 'name'), { name }))
}

export const USER_CHANGES = ['disable', 'enable', 'reset-password', 'sign-out', 'set-code', 'remove-code'] as const
export type UserChange = (typeof USER_CHANGES)[number]

export async function changeUser(
  managing: Managing,
  { user: called, what }: { readonly user: string; readonly what: UserChange },
): Promise<Result<MadeUser>> {
  const made = what === 'reset-password' ? managing.vault.newPassword() : ''
  const hash = made === '' ? '' : await managing.vault.hashPassword(made)
  return change(managing, WRITE_USERS, async (identity, now) => {
    const found = await userCalled(identity, called)
    if (!found.ok) return found
    return apply(managing, identity, { user: found.value, what, made, hash, now })
  })
}

interface Applying {
  readonly user: User
  readonly what: UserChange
  readonly made: string
  readonly hash: string
  readonly now: Instant
}

async function apply(
  { vault }: Managing,
  identity: IdentityTx,
  { user, what, made, hash, now }: Applying,
): Promise<Result<Change<MadeUser>>> {
  const changed = async (
    next: User,
    action: Told['action'],
    shown: Partial<MadeUser> = {},
  ): Promise<Result<Change<MadeUser>>> => {
    await identity.putUser(next)
    return ok({ value: { user: next, ...shown }, told: { action, target: user.id, data: { name: user.name, what } } })
  }
  const { disabledAt: _off, ...enabled } = user
  const { totp: _code, ...without } = user
  const ended = { ...user, validAfter: now }
  switch (what) {
    case 'disable':
      await identity.removeArtefactsOfAccount(user.id)
      return changed({ ...ended, disabledAt: now }, 'user.disabled')
    case 'enable':
      return changed(enabled, 'user.enabled')
    case 'reset-password':
      await identity.removeArtefactsOfAccount(user.id)
      return changed({ ...ended, passwordHash: hash, mustChangePassword: true }, 'user.password-changed', {
        password: made,
      })
    case 'sign-out':
      await identity.removeArtefactsOfAccount(user.id)
      return changed(ended, 'user.signed-out')
    case 'set-code': {
      const { sealed, keyUri } = vault.newOneTimeCode(user)
      return changed({ ...user, totp: { sealed, lastStep: 0 } }, 'user.code-changed', { keyUri })
    }
    case 'remove-code':
      return changed(without, 'user.code-changed')
  }
}

export function removeUser(managing: Managing, called: string): Promise<Result<User>> {
  return change(managing, DELETE_USERS, async (identity) => {
    const found = await userCalled(identity, called)
    if (!found.ok) return found
    const { id, name } = found.value
    await identity.removeUser(id)
    return ok({ value: found.value, told: { action: 'user.removed', target: id, data: { name } } })
  })
}
