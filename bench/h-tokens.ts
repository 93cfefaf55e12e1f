/** (h) Knowing who calls: tokens verified a second against the bare signature, and what a token adds to a request. */
import { KeyObject, verify } from 'node:crypto'
import { exportJWK, generateKeyPair, importJWK, SignJWT, type CryptoKey } from 'jose'
import { ok } from '../src/domain/refusal.ts'
import { createTokenVerifier, type VerifyToken } from '../src/server/auth/verify-token.ts'
import { initiateBody, policyBody, policyPath, VERSION } from '../test/conformance/bodies.ts'
import { startServer, SUBSCRIPTION, TOKEN, type RunningServer } from '../test/conformance/running-server.ts'
import type { Report } from './report.ts'
import { summaryOf } from './summary.ts'
import { fact, judged, ratio } from './verdict.ts'

const TOKENS = 5_000
const ROUNDS = 300
const WARM_UP = 50
/** What identity, permission and audit may add together. */
const SHARE = 1.2
const ISSUER = 'https://issuer.example'
const AUDIENCE = 'https://sallyport.example'
const OBJECT_ID = '7d2f3c1a-0d2f-4a8e-9a63-3f2f2a3b5a01'
const OWNER = '8e3af657-a8ff-443c-a75c-2fe8c4bcb635'

export const title = 'knowing who calls, by RS256 tokens with 20 groups'

export async function measure(): Promise<Report> {
  const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true })
  const jwk = { ...(await exportJWK(publicKey)), kid: 'k1', alg: 'RS256', use: 'sig' }
  const keys = { keys: [jwk] }
  const check = createTokenVerifier({
    issuers: [
      {
        issuer: ISSUER,
        audiences: [AUDIENCE],
        algorithms: ['RS256'],
        keys: { kind: 'own', read: () => Promise.resolve(keys) },
        claims: { objectId: ['oid'], name: ['upn'], groups: 'groups' },
        prefix: '',
        require: {},
      },
    ],
    clock: { now: () => Date.now() },
    log: { error() {}, warn() {}, info() {} },
  })
  const token = await tokenBy(privateKey)
  const bare = await bareSignature(token, jwk)
  const verified = await rateOf(check, token)
  const [byAdministrator, byToken] = await requestsInTurn(check, token)
  return {
    summaries: {
      'a request by the administrator token': summaryOf(byAdministrator),
      'a request by a token, with its rights': summaryOf(byToken),
    },
    findings: [
      fact('tokens verified', verified, '/s'),
      ratio('a token, to its bare signature', { ours: 1_000 / verified, floor: 1_000 / bare }),
      judged('one token', 1_000 / verified, 'ms', { atMost: 1 }),
      ratio(
        'a request by a token',
        { ours: summaryOf(byToken).p50, floor: summaryOf(byAdministrator).p50 },
        { atMost: SHARE },
      ),
    ],
    notes: [
      'The floor is RSA alone (node:crypto), on the same token.',
      'Requests are whole calls over HTTP on loopback, over a real SQLite store and simulated rules, in turn.',
    ],
  }
}

function tokenBy(key: CryptoKey): Promise<string> {
  const now = Math.floor(Date.now() / 1_000)
  const groups = Array.from({ length: 20 }, () => crypto.randomUUID())
  const claims = {
    iss: ISSUER,
    aud: AUDIENCE,
    iat: now,
    exp: now + 3_600,
    oid: OBJECT_ID,
    upn: 'ada@example.org',
    groups,
  }
  return new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'k1' }).sign(key)
}

/** Signatures a second, with the key as it is kept for that. */
async function bareSignature(token: string, jwk: object): Promise<number> {
  const imported = await importJWK(jwk, 'RS256')
  if (imported instanceof Uint8Array) throw new Error('an RSA key is no row of bytes')
  const key = KeyObject.from(imported)
  const [header = '', payload = '', signature = ''] = token.split('.')
  const [data, bytes] = [Buffer.from(`${header}.${payload}`), Buffer.from(signature, 'base64url')]
  const started = performance.now()
  for (let index = 0; index < TOKENS; index++)
    if (!verify('sha256', data, key, bytes)) throw new Error('the signature should be good')
  return (TOKENS * 1_000) / (performance.now() - started)
}

async function rateOf(check: VerifyToken, token: string): Promise<number> {
  const started = performance.now()
  for (let index = 0; index < TOKENS; index++) {
    const known = await check(token)
    if (!known.ok) throw new Error(JSON.stringify(known.refusals))
  }
  return (TOKENS * 1_000) / (performance.now() - started)
}

async function requestsInTurn(check: VerifyToken, token: string): Promise<[number[], number[]]> {
  const administrator = ok({ name: 'administrator', principals: [], isBreakGlass: true })
  const server = await startServer({
    authenticate: (given) => (given === TOKEN ? Promise.resolve(administrator) : check(given)),
  })
  try {
    await prepare(server)
    const times: [number[], number[]] = [[], []]
    for (let round = 0; round < WARM_UP + ROUNDS; round++) {
      for (const [turn, by] of [TOKEN, token].entries()) {
        const time = await timeOfRequest(server, by, `10.${turn}.${round >> 8}.${round & 0xff}`)
        if (round >= WARM_UP) times[turn]?.push(time)
      }
    }
    return times
  } finally {
    await server.stop()
  }
}

async function prepare(server: RunningServer): Promise<void> {
  const roleDefinitionId = `/providers/Microsoft.Authorization/roleDefinitions/${OWNER}`
  const properties = { roleDefinitionId, principalId: OBJECT_ID, principalType: 'User' }
  const assignment = `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Authorization/roleAssignments/${crypto.randomUUID()}`
  const assigned = await server.call('PUT', `${assignment}?api-version=2022-04-01`, { body: { properties } })
  const written = await server.call('PUT', `${policyPath()}${VERSION}`, { body: policyBody() })
  if (assigned.status !== 201 || written.status !== 200) throw new Error(`${assigned.text}\n${written.text}`)
}

async function timeOfRequest(server: RunningServer, token: string, source: string): Promise<number> {
  const body = initiateBody({ allowedSourceAddressPrefix: source })
  const started = performance.now()
  const { status, text } = await server.call('POST', `${policyPath()}/initiate${VERSION}`, { body, token })
  if (status !== 202) throw new Error(text)
  return performance.now() - started
}
