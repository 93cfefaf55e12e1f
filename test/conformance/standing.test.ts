/** What administrators are told of the installation's surroundings: the trail and who receives it, issuers and their keys. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { SinkFailure } from '../../src/app/audit/stream-audit.ts'
import { MINUTE, SECOND } from '../../src/domain/time.ts'
import { trustedKeysOf, type TrustedKeys } from '../../src/server/auth/trusted-keys.ts'
import type { TrustedIssuer } from '../../src/server/auth/trusted-issuer.ts'
import { startTokenIssuer, type TokenIssuer } from '../support/token-issuer.ts'
import { startServer, type RunningServer } from './running-server.ts'

const START = Date.parse('2026-03-01T12:00:00.123Z')

let server: RunningServer
let issuer: TokenIssuer
let now: number
let failure: SinkFailure | undefined

beforeEach(async () => {
  now = START
  failure = undefined
  issuer = await startTokenIssuer()
  const auditSinks = [
    { name: 'siem', kind: 'syslog' as const, receiver: 'siem.example.org:6514 (TCP)', failure: () => failure },
  ]
  server = await startServer({ auditSinks, issuers: [own(), ...elsewhere()] })
})
afterEach(async () => {
  await server.stop()
  await issuer.stop()
})

const TRUST: Omit<TrustedIssuer, 'issuer' | 'keys'> = {
  audiences: ['https://sallyport.example'],
  algorithms: ['RS256'],
  claims: { objectId: ['oid'], name: ['upn'], groups: 'groups' },
  prefix: 'github:',
  require: {},
}

const deps = { clock: { now: () => now }, log: { error() {}, warn() {}, info() {} } }

function own(): TrustedKeys {
  const trusted = { ...TRUST, prefix: '', issuer: 'https://jit.example', keys: { kind: 'own' } } as const
  return {
    issuer: { ...trusted, keys: { kind: 'own', read: async () => ({ keys: [] }) } },
    find: () => Promise.reject(),
  }
}

function elsewhere(): readonly TrustedKeys[] {
  return trustedKeysOf([{ ...TRUST, issuer: issuer.url, keys: { kind: 'discovery' } }], deps)
}

const get = async (path: string) => (await server.call('GET', `/api/v1/${path}`)).body

const written = (at: number): string => new Date(at).toISOString().replace('Z', '0000Z')

test('of the trail: where it ends, how far each sink is behind and since when, and why it takes nothing', async () => {
  expect(await get('audit/status')).toMatchObject({ seq: 0, sinks: [{ name: 'siem', behind: 0 }] })
  await get('audit/verify')
  failure = { since: START + SECOND, reason: 'connect ECONNREFUSED' }
  const status = await get('audit/status')
  expect(status).toEqual({
    seq: 1,
    verified: { at: written(START), by: 'ada@example.org', intact: true, events: 0 },
    sinks: [
      {
        name: 'siem',
        kind: 'syslog',
        receiver: 'siem.example.org:6514 (TCP)',
        behind: 1,
        waitingSince: written(START),
        failure: { since: written(START + SECOND), reason: 'connect ECONNREFUSED' },
      },
    ],
  })
  await server.app.store.transaction(async (tx) => {
    await tx.trail.claimCursor('siem', { owner: 'one', now: START, until: START + MINUTE })
    await tx.trail.moveCursor('siem', 1, 'one')
  })
  failure = undefined
  const [sink] = (await get('audit/status')).sinks
  expect(sink).toEqual({ name: 'siem', kind: 'syslog', receiver: 'siem.example.org:6514 (TCP)', behind: 0 })
})

test('of issuers: whose tokens are taken, and whether each answers, asked as seldom as their keys are', async () => {
  const [ours, theirs] = (await get('issuers')).value
  expect(ours).toMatchObject({ issuer: 'https://jit.example', isOwn: true, keys: { state: 'own' } })
  expect(theirs).toMatchObject({ issuer: issuer.url, isOwn: false, prefix: 'github:', keys: { state: 'read' } })
  await issuer.stop()
  now += 9 * MINUTE
  expect((await get('issuers')).value[1].keys).toEqual({ state: 'read', readAt: written(START) })
  now += MINUTE
  const failing = (await get('issuers')).value[1].keys
  expect(failing).toMatchObject({ state: 'failing', readAt: written(START) })
  expect(failing.problem).toMatch(/ECONNREFUSED/)
})
