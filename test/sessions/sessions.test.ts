/** What a browser's session may and may not, and when it ends: the real server, and time that stands still until it is moved. */
import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { beginSession, type SessionRules } from '../../src/app/identity/browser-sessions.ts'
import { changeUser, type UserChange } from '../../src/app/identity/manage-users.ts'
import type { User } from '../../src/domain/roles/identity.ts'
import { HOUR, MINUTE, SECOND } from '../../src/domain/time.ts'
import { createVault } from '../../src/issuer/create-vault.ts'
import { sealerOf } from '../../src/issuer/seal.ts'
import { newSessionSecret, sessionHash } from '../../src/server/sessions/session-cookie.ts'
import { createSignInClient } from '../../src/server/sessions/sign-in-client.ts'
import {
  START,
  startServer,
  TOKEN,
  type CallInit,
  type Reply,
  type RunningServer,
} from '../conformance/running-server.ts'

const ORIGIN = 'https://jit.example.org'
const COOKIE = '__Host-sallyport-session'
const OWN = `${ORIGIN}/tenant/v2.0`
const ENTRA = 'https://login.example/v2.0'
const rules: SessionRules = {
  idle: 30 * MINUTE,
  longest: 8 * HOUR,
  issuers: new Map([
    [OWN, 'own'],
    [ENTRA, 'other'],
  ]),
}

let server: RunningServer

beforeEach(async () => {
  const client = createSignInClient({
    origin: ORIGIN,
    places: [],
    clock: { now: () => START },
    log: { error: () => {}, warn: () => {}, info: () => {} },
  })
  server = await startServer({
    browsers: { rules, at: () => ({ origin: ORIGIN, client, signOutAtIssuer: async () => [] }) },
  })
})
afterEach(() => server.stop())

async function aUser(id: string, more: Partial<User> = {}): Promise<User> {
  const about = { displayName: id, passwordHash: '', mustChangePassword: false, validAfter: 0, createdAt: 0 }
  const user: User = { id, name: `${id}@example.org`, ...about, ...more }
  await server.app.store.transaction((tx) => tx.identity.putUser(user))
  return user
}

/** As after a sign-in: what the browser holds. */
async function signedIn(oid: string, { issuer = OWN, browser = 'Test/1.0', principals = [oid] } = {}): Promise<string> {
  const secret = newSessionSecret()
  const who = { name: `${oid}@example.org`, principals }
  const facts = { who, issuer, address: '203.0.113.7', browser, correlation: 'c' }
  await beginSession(server.app, rules, { ...facts, idHash: sessionHash(secret) })
  return secret
}

function by(secret: string, method: string, path: string, headers: Record<string, string> = {}): Promise<Reply> {
  return server.call(method, path, { token: undefined, headers: { cookie: `${COOKIE}=${secret}`, ...headers } })
}

async function tokenOf(secret: string): Promise<string> {
  return (await by(secret, 'GET', '/auth/session')).body.csrfToken
}

/** As a page of this server calls. */
async function byPage(secret: string, method: string, path: string, init: CallInit = {}): Promise<Reply> {
  const headers = { cookie: `${COOKIE}=${secret}`, origin: ORIGIN, 'x-csrf-token': await tokenOf(secret) }
  return server.call(method, path, { token: undefined, ...init, headers })
}

async function isIn(secret: string): Promise<boolean> {
  const { status, body } = await by(secret, 'GET', '/api/v1/whoami')
  expect([undefined, 'SessionOver']).toContain(body.error?.code)
  return status === 200
}

/** As a page does for hours: here it hears that it may, and goes. */
async function listen(secret: string): Promise<void> {
  const asked = get(`${server.url}/api/v1/changes`, { headers: { cookie: `${COOKIE}=${secret}` }, agent: false })
  const [answer]: IncomingMessage[] = await once(asked, 'response')
  asked.destroy()
  expect(answer?.statusCode).toBe(200)
}

describe('a session', () => {
  it('is the person with their present name and groups', async () => {
    const ada = await aUser('ada')
    const secret = await signedIn('ada')
    const whoami = async (): Promise<unknown> => (await by(secret, 'GET', '/api/v1/whoami')).body
    expect(await whoami()).toMatchObject({ name: 'ada@example.org', principals: ['ada'] })
    await server.app.store.transaction(async ({ identity }) => {
      await identity.putGroup({ id: 'g1', name: 'Readers', createdAt: 0 })
      await identity.addMember('g1', 'ada')
      await identity.putUser({ ...ada, name: 'ada.l@example.org' })
    })
    expect(await whoami()).toMatchObject({ name: 'ada.l@example.org', principals: ['ada', 'g1'] })
  })

  it('says who, until when, and what to send along', async () => {
    await aUser('ada')
    const secret = await signedIn('ada')
    const { status, body } = await by(secret, 'GET', '/auth/session')
    expect([status, body]).toMatchObject([200, { name: 'ada@example.org', issuer: OWN }])
    expect(Date.parse(body.endsAt)).toBe(START + 30 * MINUTE)
    expect(Date.parse(body.endsAtLatest)).toBe(START + 8 * HOUR)
    expect(body.csrfToken).not.toContain(secret)
  })

  it('ends when it is not used, and lives on when it is', async () => {
    await aUser('ada')
    const [used, left] = [await signedIn('ada'), await signedIn('ada')]
    await server.pass(20 * MINUTE)
    expect(await isIn(used)).toBe(true)
    await server.pass(10 * MINUTE)
    expect([await isIn(used), await isIn(left)]).toEqual([true, false])
  })

  it('ends while a page that nobody is at goes on asking and listening', async () => {
    await aUser('ada')
    const secret = await signedIn('ada')
    const background = { 'sallyport-background': 'true' }
    for (const minutes of [20, 9]) {
      await server.pass(minutes * MINUTE)
      expect((await by(secret, 'GET', '/api/v1/whoami', background)).status).toBe(200)
      const { body } = await by(secret, 'GET', '/auth/session', background)
      expect(Date.parse(body.endsAt)).toBe(START + 30 * MINUTE)
      await listen(secret)
    }
    await server.pass(MINUTE)
    expect(await isIn(secret)).toBe(false)
  })

  it('ends after its longest time, however much it is used', async () => {
    await aUser('ada')
    const secret = await signedIn('ada')
    for (let minutes = 0; minutes < 8 * 60 - 20; minutes += 20) {
      await server.pass(20 * MINUTE)
      expect(await isIn(secret)).toBe(true)
    }
    await server.pass(20 * MINUTE - SECOND)
    expect(await isIn(secret)).toBe(true)
    await server.pass(SECOND)
    expect(await isIn(secret)).toBe(false)
  })

  it('is worth nothing under a secret that was guessed, or under its public id', async () => {
    await aUser('ada')
    const secret = await signedIn('ada')
    const { id } = (await by(secret, 'GET', '/auth/session')).body
    for (const guess of [id, sessionHash(secret), newSessionSecret(), `${secret}x`, 'null'])
      expect(await isIn(guess)).toBe(false)
  })

  it('that is over is taken out of the browser', async () => {
    const { headers } = await by(newSessionSecret(), 'GET', '/api/v1/whoami')
    expect(headers.get('set-cookie')).toMatch(/^__Host-sallyport-session=; Max-Age=0; Path=\/; .*Secure/)
  })

  it('is not believed beside a token', async () => {
    await aUser('ada')
    const secret = await signedIn('ada')
    const { status, body } = await by(secret, 'GET', '/api/v1/whoami', { authorization: `Bearer ${TOKEN}` })
    expect([status, body.error.code]).toEqual([400, 'TwoProofs'])
  })

  it('is worth nothing once its issuer is not trusted for it any more', async () => {
    const gone = await signedIn('ada', { issuer: 'https://gone.example' })
    expect(await isIn(gone)).toBe(false)
  })

  it('of another issuer’s person has the groups that the issuer said', async () => {
    const secret = await signedIn('entra-ada', { issuer: ENTRA, principals: ['entra-ada', 'g7'] })
    expect((await by(secret, 'GET', '/api/v1/whoami')).body.principals).toEqual(['entra-ada', 'g7'])
  })
})

describe('a session of a user ends at once when the user', () => {
  it.each([
    ['is disabled', 'disable'],
    ['gets another password', 'reset-password'],
    ['is signed out by an administrator', 'sign-out'],
  ] as const)('%s', async (_, what) => {
    const ada = await aUser('ada')
    const secret = await signedIn('ada')
    expect(await isIn(secret)).toBe(true)
    await change(ada.name, what)
    expect(await isIn(secret)).toBe(false)
  })

  it('is removed', async () => {
    await aUser('ada')
    const secret = await signedIn('ada')
    await server.app.store.transaction((tx) => tx.identity.removeUser('ada'))
    expect(await isIn(secret)).toBe(false)
  })

  it('was disabled on a replica that forgot the sessions', async () => {
    const ada = await aUser('ada')
    const secret = await signedIn('ada')
    await server.app.store.transaction((tx) => tx.identity.putUser({ ...ada, disabledAt: START }))
    expect(await isIn(secret)).toBe(false)
    await server.app.store.transaction((tx) => tx.identity.putUser({ ...ada, validAfter: START + 1 }))
    expect(await isIn(secret)).toBe(false)
  })
})

/** By the use case itself: this server has no issuer of its own. */
async function change(user: string, what: UserChange): Promise<void> {
  const vault = createVault({ sealer: sealerOf(Buffer.alloc(32, 7)), place: 'test' })
  const caller = { name: 'root', address: '127.0.0.1', principals: [], isBreakGlass: true }
  expect((await changeUser({ app: server.app, vault, caller }, { user, what })).ok).toBe(true)
}

describe('signing out', () => {
  it('ends the session in the store: a cookie that was stolen is worth nothing any more', async () => {
    await aUser('ada')
    const secret = await signedIn('ada')
    const { status, headers } = await byPage(secret, 'POST', '/auth/sign-out')
    expect(status).toBe(200)
    expect(headers.get('set-cookie')).toMatch(/^__Host-sallyport-session=; Max-Age=0/)
    expect(await isIn(secret)).toBe(false)
  })

  it('is on record, as the sign-in is, with the session and without its secret', async () => {
    await aUser('ada')
    const secret = await signedIn('ada', { browser: 'Firefox/1' })
    const { id } = (await by(secret, 'GET', '/auth/session')).body
    await byPage(secret, 'POST', '/auth/sign-out')
    const actions = ['session.started', 'session.ended'] as const
    const events = await server.app.store.reads.audit({ actions }, { limit: 10 })
    const facts = events.map(({ action, actor, target, data }) => ({ action, actor, target, ...JSON.parse(data) }))
    const common = { actor: 'ada@example.org', target: 'ada', session: id, browser: 'Firefox/1', actorId: 'ada' }
    expect(facts).toMatchObject([
      { action: 'session.started', ...common, issuer: OWN },
      { action: 'session.ended', ...common, reason: 'signed out' },
    ])
    expect(JSON.stringify(events)).not.toContain(secret)
    expect(JSON.stringify(events)).not.toContain(sessionHash(secret))
    expect(JSON.stringify(events)).not.toContain('withheld')
  })

  it('needs a session', async () => {
    const { status, body } = await server.call('POST', '/auth/sign-out')
    expect([status, body.error.code]).toEqual([404, 'SessionNotFound'])
  })
})

describe('what a person does with a session', () => {
  it('has the session in the audit trail', async () => {
    await aUser('ada')
    const secret = await signedIn('ada')
    const { id } = (await by(secret, 'GET', '/auth/session')).body
    await by(secret, 'GET', '/api/v1/audit')
    await byPage(secret, 'POST', '/api/v1/sessions/sign-out-everywhere')
    const events = await server.app.store.reads.audit({ actions: ['user.signed-out'] }, { limit: 10 })
    expect(events.map(({ data }) => JSON.parse(data))).toMatchObject([{ session: id, actorId: 'ada' }])
  })

  it('is refused when it may come from another page: nothing is changed', async () => {
    await aUser('ada')
    const secret = await signedIn('ada')
    const right = { origin: ORIGIN, 'x-csrf-token': await tokenOf(secret) }
    const other = { ...right, 'x-csrf-token': await tokenOf(await signedIn('ada')) }
    const forged = [{}, { origin: ORIGIN }, other, { ...right, origin: 'https://evil.example' }]
    for (const headers of forged) {
      const { status, body } = await by(secret, 'POST', '/auth/sign-out', headers)
      expect([status, body.error.code]).toEqual([403, 'ForgedCall'])
    }
    expect(await isIn(secret)).toBe(true)
    expect((await by(secret, 'POST', '/auth/sign-out', right)).status).toBe(200)
  })

  it('with a token needs neither', async () => {
    expect((await server.call('POST', '/api/v1/sessions/sign-out-everywhere')).status).toBe(200)
  })
})

describe('the list of sessions', () => {
  it('has where, when and which browser, and which is this one; only one’s own', async () => {
    await aUser('ada')
    await aUser('grace')
    const laptop = await signedIn('ada', { browser: 'Firefox on a laptop' })
    await server.pass(MINUTE)
    const phone = await signedIn('ada', { browser: 'Safari on a phone' })
    await signedIn('grace')
    const { value } = (await by(laptop, 'GET', '/api/v1/sessions')).body
    expect(value).toMatchObject([
      { browser: 'Safari on a phone', address: '203.0.113.7', isCurrent: false },
      { browser: 'Firefox on a laptop', issuer: OWN, isCurrent: true },
    ])
    expect(JSON.stringify(value)).not.toContain(sessionHash(phone))
    expect(Date.parse(value[1].startedAt)).toBe(START)
  })

  it('has none that is over', async () => {
    await aUser('ada')
    await signedIn('ada')
    await server.pass(30 * MINUTE)
    const secret = await signedIn('ada')
    expect((await by(secret, 'GET', '/api/v1/sessions')).body.value).toHaveLength(1)
  })

  it('is empty for who has no id', async () => {
    expect((await server.call('GET', '/api/v1/sessions')).body).toEqual({ value: [] })
  })

  it('lets one sign another of one’s browsers out, and nobody else’s', async () => {
    await aUser('ada')
    await aUser('eve')
    const [here, there, eve] = [await signedIn('ada'), await signedIn('ada'), await signedIn('eve')]
    const { id } = (await by(there, 'GET', '/auth/session')).body
    const foreign = await byPage(eve, 'DELETE', `/api/v1/sessions/${id}`)
    expect([foreign.status, foreign.body.error.code]).toEqual([404, 'SessionNotFound'])
    expect(await isIn(there)).toBe(true)
    const ended = await byPage(here, 'DELETE', `/api/v1/sessions/${id}`)
    expect([ended.status, ended.headers.get('set-cookie')]).toEqual([200, null])
    expect([await isIn(here), await isIn(there)]).toEqual([true, false])
  })

  it('is emptied by signing out everywhere, which ends a user’s tokens too', async () => {
    await aUser('ada')
    await aUser('grace')
    const [here, there, grace] = [await signedIn('ada'), await signedIn('ada'), await signedIn('grace')]
    const { status, body } = await byPage(here, 'POST', '/api/v1/sessions/sign-out-everywhere')
    expect([status, body]).toEqual([200, { sessions: 2 }])
    expect([await isIn(here), await isIn(there), await isIn(grace)]).toEqual([false, false, true])
    expect((await server.app.store.reads.identity.user('ada'))?.validAfter).toBe(START)
  })
})

describe('a server without an issuer that lets browsers in', () => {
  it('says so, and takes no cookie for a proof', async () => {
    const other = await startServer()
    const headers = { cookie: `${COOKIE}=${newSessionSecret()}` }
    const answers = await Promise.all([
      other.call('GET', '/auth/sign-in', { token: undefined }),
      other.call('GET', '/auth/callback?code=x', { token: undefined }),
      other.call('GET', '/api/v1/whoami', { token: undefined, headers }),
    ])
    await other.stop()
    expect(answers.map(({ status, body }) => [status, body.error.code])).toEqual([
      [404, 'NoBrowserSignIn'],
      [404, 'NoBrowserSignIn'],
      [401, 'AuthenticationFailed'],
    ])
  })
})
