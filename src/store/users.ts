/** Users, and the failed sign-ins under their names. */
import type { Page } from '../app/ports/rows.ts'
import { nameKey, type SignInAttempts, type User } from '../domain/roles/identity.ts'
import type { Instant } from '../domain/time.ts'
import type { SignInAttemptTable, UserTable } from './identity-tables.ts'
import type { Session } from './session.ts'
import { runBuilt, statement } from './statement.ts'

export async function findUser(session: Session, id: string): Promise<User | undefined> {
  const [row] = await userById(session, { id })
  return row === undefined ? undefined : userFromRow(row)
}

const userById = statement((writer, p: { id: string }) => writer.selectFrom('users').selectAll().where('id', '=', p.id))

export async function findUserNamed(session: Session, name: string): Promise<User | undefined> {
  const [row] = await userByName(session, { key: nameKey(name) })
  return row === undefined ? undefined : userFromRow(row)
}

const userByName = statement((writer, p: { key: string }) =>
  writer.selectFrom('users').selectAll().where('name_key', '=', p.key),
)

export async function listUsers(session: Session, page: Page<string>): Promise<User[]> {
  let query = session.flavour.writer.selectFrom('users').selectAll().orderBy('name_key').limit(page.limit)
  if (page.after !== undefined) query = query.where('name_key', '>', nameKey(page.after))
  return (await runBuilt(session, query)).map(userFromRow)
}

/** Rejects when another user has the name. */
export async function writeUser(session: Session, user: User): Promise<void> {
  await upsertUser(session, rowFromUser(user))
}

const upsertUser = statement((writer, p: UserTable) => {
  const changing = {
    name: p.name,
    name_key: p.name_key,
    display_name: p.display_name,
    password_hash: p.password_hash,
    must_change: p.must_change,
    totp_sealed: p.totp_sealed,
    totp_step: p.totp_step,
    disabled_at: p.disabled_at,
    valid_after: p.valid_after,
  }
  return writer
    .insertInto('users')
    .values({ id: p.id, created_at: p.created_at, ...changing })
    .onConflict((conflict) => conflict.column('id').doUpdateSet(changing))
})

export async function deleteUser(session: Session, id: string): Promise<void> {
  await removeUser(session, { id })
}

const removeUser = statement((writer, p: { id: string }) => writer.deleteFrom('users').where('id', '=', p.id))

export async function findAttempts(session: Session, key: string): Promise<SignInAttempts | undefined> {
  const [row] = await attemptsOf(session, { key })
  if (row === undefined) return undefined
  return { nameKey: row.name_key, failures: row.failures, lockedUntil: row.locked_until, lastAt: row.last_at }
}

/** Locked where there are several writers: two guesses at once must not count as one. */
const attemptsOf = statement((writer, p: { key: string }, { locksRows }) =>
  writer
    .selectFrom('sign_in_attempts')
    .selectAll()
    .where('name_key', '=', p.key)
    .$if(locksRows, (query) => query.forUpdate()),
)

export async function writeAttempts(session: Session, attempts: SignInAttempts): Promise<void> {
  const { failures, lockedUntil, lastAt } = attempts
  await upsertAttempts(session, {
    name_key: attempts.nameKey,
    failures,
    locked_until: lockedUntil,
    last_at: lastAt,
  })
}

const upsertAttempts = statement((writer, p: SignInAttemptTable) => {
  const changing = { failures: p.failures, locked_until: p.locked_until, last_at: p.last_at }
  return writer
    .insertInto('sign_in_attempts')
    .values({ name_key: p.name_key, ...changing })
    .onConflict((conflict) => conflict.column('name_key').doUpdateSet(changing))
})

export async function deleteAttemptsBefore(session: Session, before: Instant): Promise<void> {
  await forgetAttempts(session, { before })
}

const forgetAttempts = statement((writer, p: { before: number }) =>
  writer.deleteFrom('sign_in_attempts').where('last_at', '<', p.before).where('locked_until', '<', p.before),
)

function userFromRow(row: UserTable): User {
  return {
    id: row.id,
    name: row.name,
    displayName: row.display_name,
    passwordHash: row.password_hash,
    mustChangePassword: row.must_change === 1,
    ...(row.totp_sealed === null ? {} : { totp: { sealed: row.totp_sealed, lastStep: row.totp_step } }),
    ...(row.disabled_at === null ? {} : { disabledAt: row.disabled_at }),
    validAfter: row.valid_after,
    createdAt: row.created_at,
  }
}

function rowFromUser(user: User): UserTable {
  return {
    id: user.id,
    name: user.name,
    name_key: nameKey(user.name),
    display_name: user.displayName,
    password_hash: user.passwordHash,
    must_change: user.mustChangePassword ? 1 : 0,
    totp_sealed: user.totp?.sealed ?? null,
    totp_step: user.totp?.lastStep ?? 0,
    disabled_at: user.disabledAt ?? null,
    valid_after: user.validAfter,
    created_at: user.createdAt,
  }
}
