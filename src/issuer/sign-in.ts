/**
 * Whether a person is who they say: name, password and, where set up, a one-time code. The same work and the same answer
 * for a wrong password, a wrong code, an unknown, disabled or locked name, so that nobody learns which names there are.
 * Never records what was typed, which might be a password in the wrong field.
 */
import { createHmac } from 'node:crypto'
import type { Clock } from '../app/ports/clock.ts'
import type { IdentityTx } from '../app/ports/identity.ts'
import type { Store, Tx } from '../app/ports/store.ts'
import type { AuditEvent } from '../domain/audit/audit.ts'
import { nameKey, type User } from '../domain/roles/identity.ts'
import type { Instant } from '../domain/time.ts'
import { afterFailure, afterSuccess, isLocked } from './lock-out.ts'
import { stepOfCode } from './one-time-code.ts'
import { passwordMatches } from './password.ts'
import type { Sealer } from './seal.ts'

export interface SignInDeps {
  readonly store: Store
  readonly clock: Clock
  readonly sealer: Sealer
}

export interface Typed {
  readonly name: string
  readonly password: string
  /** Empty when none was typed. */
  readonly code: string
  /** The caller's address. */
  readonly address: string
  /** The program that asked, for the audit trail. */
  readonly client: string
}

type Reason = 'no such user' | 'wrong password' | 'disabled' | 'locked' | 'one-time code missing or wrong'

/** The user, or undefined. */
export async function signIn(deps: SignInDeps, typed: Typed): Promise<User | undefined> {
  const known = await deps.store.reads.identity.userNamed(typed.name)
  const matches = await passwordMatches(typed.password, known?.passwordHash)
  return deps.store.transaction((tx) => judge(deps, tx, { typed, matches, seen: known?.passwordHash }))
}

interface Judged {
  readonly typed: Typed
  readonly matches: boolean
  /** The hash that the password was compared with; a password changed meanwhile does not match. */
  readonly seen: string | undefined
}

async function judge(deps: SignInDeps, tx: Tx, { typed, matches, seen }: Judged): Promise<User | undefined> {
  const { identity } = tx
  const now = deps.clock.now()
  const key = attemptsKey(deps.sealer, typed.name)
  const attempts = await identity.attempts(key)
  const user = await identity.userNamed(typed.name)
  const step = user === undefined ? undefined : codeStep(deps, user, typed.code, now)
  const reason = whyNot({
    user,
    locked: isLocked(attempts, now),
    matches: matches && user?.passwordHash === seen,
    codeIsRight: step !== undefined,
  })
  await identity.putAttempts(reason === undefined ? afterSuccess(key, now) : afterFailure(attempts, key, now))
  await tx.append([eventOf({ typed, user, reason, now })])
  if (user === undefined || reason !== undefined) return undefined
  return spendCode(identity, user, step ?? 0)
}

/** 0 where no code is asked for. */
function codeStep({ sealer }: SignInDeps, user: User, code: string, now: Instant): number | undefined {
  if (user.totp === undefined) return 0
  const secret = Buffer.from(sealer.open(user.totp.sealed, totpPurpose(user.id)), 'base64url')
  return stepOfCode(secret, code, { now, spent: user.totp.lastStep })
}

export function totpPurpose(user: string): string {
  return `one-time-code:${user}`
}

/** The same for a name however it is written; nobody reads the name from it, who has not the key file too. */
export function attemptsKey(sealer: Sealer, name: string): string {
  return createHmac('sha256', sealer.derived('failed-sign-ins')).update(nameKey(name)).digest('base64url')
}

interface Facts {
  readonly user: User | undefined
  readonly locked: boolean
  readonly matches: boolean
  readonly codeIsRight: boolean
}

function whyNot({ user, locked, matches, codeIsRight }: Facts): Reason | undefined {
  if (locked) return 'locked'
  if (user === undefined) return 'no such user'
  if (!matches) return 'wrong password'
  if (user.disabledAt !== undefined) return 'disabled'
  return codeIsRight ? undefined : 'one-time code missing or wrong'
}

async function spendCode(identity: IdentityTx, user: User, step: number): Promise<User> {
  if (user.totp === undefined) return user
  const spent = { ...user, totp: { ...user.totp, lastStep: step } }
  await identity.putUser(spent)
  return spent
}

interface Outcome {
  readonly typed: Typed
  readonly user: User | undefined
  readonly reason: Reason | undefined
  readonly now: Instant
}

function eventOf({ typed: { address, client }, user, reason, now }: Outcome): AuditEvent {
  return {
    at: now,
    action: reason === undefined ? 'signin.succeeded' : 'signin.failed',
    actor: user?.name ?? '',
    address,
    target: user?.id ?? '',
    data: JSON.stringify({ name: user?.name, client, by: 'password', ...(reason === undefined ? {} : { reason }) }),
  }
}
