/** The browsers that one is signed in with, from the command line. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { beginSession, type SessionRules } from '../../src/app/identity/browser-sessions.ts'
import { ok } from '../../src/domain/refusal.ts'
import { HOUR } from '../../src/domain/time.ts'
import { createSignInClient } from '../../src/server/sessions/sign-in-client.ts'
import { startServer, START, type RunningServer } from '../conformance/running-server.ts'
import { type, type Circumstances, type Typed } from './type.ts'

const ISSUER = 'https://issuer.example'
const rules: SessionRules = { idle: HOUR, longest: HOUR, issuers: new Map([[ISSUER, 'other']]) }
const who = { name: 'ada@example.org', principals: ['ada'] }

let server: RunningServer
const sp = (line: string, around: Circumstances = {}): Promise<Typed> => type(server.url, line.split(' '), around)

beforeEach(async () => {
  const [origin, log] = ['https://jit.example.org', { error: () => {}, warn: () => {}, info: () => {} }]
  const client = createSignInClient({ origin, places: [], clock: { now: () => START }, log })
  server = await startServer({
    authenticate: async () => ok({ ...who, isBreakGlass: false }),
    browsers: { rules, at: () => ({ origin, client, signOutAtIssuer: async () => [] }) },
  })
  for (const browser of ['Firefox', 'Safari']) {
    const facts = { who, issuer: ISSUER, address: '203.0.113.7', browser, correlation: 'c' }
    await beginSession(server.app, rules, { ...facts, idHash: browser })
  }
})
afterEach(() => server.stop())

test('browsers are listed, and one of them is signed out', async () => {
  const { stdout } = await sp('session list')
  expect(stdout).toMatch(/SESSION +SINCE +LAST USED +FROM +BROWSER/)
  expect(stdout).toMatch(/203\.0\.113\.7 +Firefox/)
  expect((await sp('session end fire')).stderr).toContain('Signed out: Firefox')
  const { json } = await sp('session list -o json')
  expect(json).toMatchObject([{ browser: 'Safari', address: '203.0.113.7', isCurrent: false }])
  expect((await sp('session end fire')).exit).toBe(3)
})

test('all of them are signed out at once, after a question', async () => {
  expect((await sp('session end-all', { terminal: true, answer: 'n' })).stderr).toContain('nothing was changed')
  expect((await sp('session list -o json')).json).toHaveLength(2)
  expect((await sp('session end-all --yes')).stderr).toContain('Signed out everywhere')
  expect((await sp('session list')).stderr).toContain('not signed in with any browser')
})
