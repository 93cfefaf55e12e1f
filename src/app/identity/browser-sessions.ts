/**
 * Signing browsers in and out. The browser holds a random secret, the store a hash of it; what somebody may do is looked up
 * anew with every call, so that a right, a group or a person that is gone is gone at once.
 */
import { actorOf } from '../audit/actor-of.ts'
import type { App } from '../app.ts'
import type { Caller } from '../ports/caller.ts'
import type { Tx } from '../ports/store.ts'
import { factsOf, toldBy } from '../audit/told-by.ts'
import type { AuditEvent } from '../../domain/audit/audit.ts'
import { endOf, type BrowserSession } from '../../domain/roles/browser-session.ts'
import { ok, quoted, refusal, refused, type Result } from '../../domain/refusal.ts'
import { MINUTE, type Instant, type Millis } from '../../domain/time.ts'

export interface SessionRules {
  /** It ends when it was not used for so long. */
  readonly idle: Millis
  /** It ends so long after the sign-in, however much it is used. */
  readonly longest: Millis
  /** Whom browsers may be signed in by now: a session of any other is worth nothing. */
  readonly issuers: ReadonlyMap<string, 'own' | 'other'>
}

type Deps = Pick<App, 'store' | 'clock' | 'uuid'>

export interface SignedIn {
  /** Who it is: the name, and the object id with those of the groups. */
  readonly who: Pick<Caller, 'name' | 'principals'>
  readonly issuer: string
  readonly idHash: string
  readonly address: string
  readonly browser: string
  /** What the browser held before: a sign-in never goes on with an id that somebody else may have given it. */
  readonly before?: string
  readonly correlation: string
}

export async function beginSession(
  { store, clock, uuid }: Deps,
  { longest }: SessionRules,
  { who, issuer, idHash, address, browser, before, correlation }: SignedIn,
): Promise<BrowserSession> {
  const now = clock.now()
  const [principal = ''] = who.principals
  const of = { principal, issuer, name: who.name, principals: who.principals, address, browser }
  const session = { ...of, id: uuid(), idHash, startedAt: now, lastSeenAt: now, endsAt: now + longest }
  const data = { issuer, browser, ...factsOf({ principals: who.principals, correlation, session: session.id }) }
  const event = { at: now, action: 'session.started', actor: actorOf(who), address, target: principal } as const
  await store.transaction(async (tx) => {
    if (before !== undefined) await tx.identity.removeBrowserSession(before)
    await tx.identity.addBrowserSession(session)
    await tx.append([{ ...event, data: JSON.stringify(data) }])
  })
  return session
}

export interface Recognised {
  readonly session: BrowserSession
  readonly who: Pick<Caller, 'name' | 'principals'>
  /** Unless it is used before. */
  readonly endsAt: Instant
}

/** How exactly the last use is known: a write for every call would be too much. */
const EXACTLY: Millis = MINUTE

export interface SeenSession {
  readonly idHash: string
  /** Whether a person is at it: what a page that was left open asks by itself keeps no session alive. */
  readonly isUse: boolean
}

/** Undefined for one that is over, or whose person is gone, disabled or signed out since. */
export async function recogniseSession(
  { store, clock }: Pick<Deps, 'store' | 'clock'>,
  rules: SessionRules,
  { idHash, isUse }: SeenSession,
): Promise<Recognised | undefined> {
  const now = clock.now()
  const session = await store.reads.identity.browserSession(idHash)
  if (session === undefined || endOf(session, rules.idle) <= now) return undefined
  const who = await personOf({ store }, rules, session)
  if (who === undefined) return undefined
  if (!isUse || now - session.lastSeenAt < EXACTLY) return { session, who, endsAt: endOf(session, rules.idle) }
  await store.transaction((tx) => tx.identity.seeBrowserSession(idHash, now))
  return { session, who, endsAt: endOf({ ...session, lastSeenAt: now }, rules.idle) }
}

/** Of our own people the store knows the present name and groups; of others, what their issuer said at the sign-in. */
async function personOf(
  { store }: Pick<Deps, 'store'>,
  { issuers }: SessionRules,
  { issuer, principal, name, principals, startedAt }: BrowserSession,
): Promise<Recognised['who'] | undefined> {
  const kind = issuers.get(issuer)
  if (kind !== 'own') return kind === undefined ? undefined : { name, principals }
  const user = await store.reads.identity.user(principal)
  if (user === undefined || user.disabledAt !== undefined || startedAt < user.validAfter) return undefined
  const groups = await store.reads.identity.groupsOf(principal)
  return { name: user.name, principals: [principal, ...groups.map(({ id }) => id)] }
}

/** The caller's own that are not over, newest first. */
export async function listSessions(
  { store, clock }: Pick<Deps, 'store' | 'clock'>,
  { idle, issuers }: SessionRules,
  { principals: [principal] }: Pick<Caller, 'principals'>,
): Promise<BrowserSession[]> {
  if (principal === undefined) return []
  const now = clock.now()
  const all = await store.reads.identity.browserSessionsOf(principal)
  return all.filter((session) => endOf(session, idle) > now && issuers.has(session.issuer))
}

/** One of the caller's own; of another's it is not told whether there is such a one. */
export async function endSession(
  { store, clock }: Pick<Deps, 'store' | 'clock'>,
  caller: Caller,
  id: string,
): Promise<Result<BrowserSession>> {
  const [principal = ''] = caller.principals
  return store.transaction(async (tx) => {
    const session = (await tx.identity.browserSessionsOf(principal)).find((one) => one.id === id)
    if (session === undefined)
      return refused(refusal('SessionNotFound', `you are not signed in with a session ${quoted(id)}`, 'sessionId'))
    await tx.identity.removeBrowserSession(session.idHash)
    await tx.append([endedEvent(caller, session, clock.now())])
    return ok(session)
  })
}

function endedEvent(caller: Caller, { id, browser, principal }: BrowserSession, at: Instant): AuditEvent {
  const { session: by, ...told } = caller
  const reason = by === id ? 'signed out' : by === undefined ? 'ended with a token' : 'ended from another session'
  const data = toldBy({ ...told, session: id }, { reason, browser })
  return { at, action: 'session.ended', actor: actorOf(caller), address: caller.address, target: principal, data }
}

/** Every browser of the caller; of our own people every program too, which is out with its next token. How many browsers. */
export async function signOutEverywhere(
  { store, clock }: Pick<Deps, 'store' | 'clock'>,
  caller: Caller,
): Promise<number> {
  const [principal] = caller.principals
  if (principal === undefined) return 0
  return store.transaction(async (tx) => {
    const now = clock.now()
    const sessions = await tx.identity.browserSessionsOf(principal)
    await tx.append(sessions.map((session) => endedEvent(caller, session, now)))
    await tx.identity.removeArtefactsOfAccount(principal)
    await endTokensOf(tx, caller, now)
    return sessions.length
  })
}

async function endTokensOf(tx: Tx, caller: Caller, now: Instant): Promise<void> {
  const user = await tx.identity.user(caller.principals[0] ?? '')
  if (user === undefined) return
  await tx.identity.putUser({ ...user, validAfter: now })
  const event = { at: now, action: 'user.signed-out', actor: actorOf(caller), address: caller.address } as const
  await tx.append([{ ...event, target: user.id, data: toldBy(caller, { name: user.name, by: 'the user' }) }])
}
