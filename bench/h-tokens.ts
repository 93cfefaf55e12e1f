/** (h) Knowing who calls: tokens verified a second against the bare signature, and what a token adds to a request. */
import { KeyObject, verify } from 'node:crypto'
import { exportJWK, generateKeyPair, importJWK, SignJWT, type CryptoKey } from 'jose'
import { ok } from '../src/domain/refusal.ts'
import type { TrustedIssuer } from '../src/server/auth/trusted-issuer.ts'
import { trustedKeysOf } from '../src/server/auth/trusted-keys.ts'
import { createTokenVerifier, type VerifyToken } from '../src/server/auth/verify-token.ts'
import type { ServerDeps } from '../src/server/deps.ts'
import { initiateBody, policyBody, policyPath, VERSION } from '../test/conformance/bodies.ts'
import { startServer, SUBSCRIPTION, TOKEN, type RunningServer } from '../test/conformance/running-server.ts'
import { openStoreWithoutAudit } from './floor-audit.ts'
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
  const issuer: TrustedIssuer = {
    issuer: ISSUER,
    audiences: [AUDIENCE],
    algorithms: ['RS256'],
    keys: { kind: 'own', read: () => Promise.resolve(keys) },
    claims: { objectId: ['oid'], name: ['upn'], groups: 'groups' },
    prefix: '',
    require: {},
  }
  const clock = { now: () => Date.now() }
  const log = { error() {}, warn() {}, info() {} }
  const check = createTokenVerifier({ keys: trustedKeysOf([issuer], { clock, log }), clock })
  const token = await tokenBy(privateKey)
  const bare = await bareSignature(token, jwk)
  const verified = await rateOf(check, token)
  const { byAdministrator, byToken, unknownAndUntold, untold } = await requestsInTurn(check, token)
  return {
    summaries: {
      'a request by nobody in particular, of which nothing is written down': summaryOf(unknownAndUntold),
      'a request by a token, of which nothing is written down': summaryOf(untold),
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
      ratio(
        'identity, permission and audit together, to a request without',
        { ours: summaryOf(byToken).p50, floor: summaryOf(unknownAndUntold).p50 },
        { atMost: SHARE },
      ),
      ratio('of that, audit', {
        ours: summaryOf(byAdministrator).p50,
        floor: summaryOf(unknownAndUntold).p50,
      }),
    ],
    notes: [
      'The floor is RSA alone (node:crypto), on the same token.',
      'Requests are whole calls over HTTP on loopback, over a real SQLite store and simulated rules, in turn.',
      'Without audit: the same transactions and the same durable commits on a store of its own, less the events.',
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

interface InTurn {
  readonly byAdministrator: number[]
  readonly byToken: number[]
  /** By one text that is compared and never judged, with nothing written down. */
  readonly unknownAndUntold: number[]
  /** By a token that is judged, with nothing written down. */
  readonly untold: number[]
}

async function requestsInTurn(check: VerifyToken, token: string): Promise<InTurn> {
  const administrator = ok({ name: 'administrator', principals: [], isBreakGlass: true })
  const authenticate: ServerDeps['authenticate'] = (given) =>
    given === TOKEN ? Promise.resolve(administrator) : check(given)
  const server = await startServer({ authenticate })
  const floor = await startServer({ authenticate, store: await openStoreWithoutAudit() })
  try {
    await Promise.all([prepare(server), prepare(floor)])
    const times: InTurn = { byAdministrator: [], byToken: [], unknownAndUntold: [], untold: [] }
    // As many on each server: a request costs more where more is open.
    const turns = [
      ['unknownAndUntold', floor, TOKEN],
      ['byAdministrator', server, TOKEN],
      ['untold', floor, token],
      ['byToken', server, token],
    ] as const
    for (let round = 0; round < WARM_UP + ROUNDS; round++) {
      // Another first each round: what one leaves behind for the next to wait for falls on all alike.
      for (let turn = 0; turn < turns.length; turn++) {
        const [name, at, by] = turns[(turn + round) % turns.length] ?? turns[0]
        const time = await timeOfRequest(
          at,
          by,
          `10.${turns.findIndex(([each]) => each === name)}.${round >> 8}.${round & 0xff}`,
        )
        if (round >= WARM_UP) times[name].push(time)
      }
    }
    const told = await Promise.all([server, floor].map(({ app }) => app.store.reads.auditHead()))
    if (told[0]?.seq === 0 || told[1]?.seq !== 0) throw new Error('only the floor should have no audit trail')
    return times
  } finally {
    await server.stop()
    await floor.stop()
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
