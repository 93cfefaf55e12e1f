import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Result } from '../../domain/refusal.ts'
import type { Principal } from '../deps.ts'
import { createSignInClient, type Begun, type SignInClient } from './sign-in-client.ts'

const HERE = 'https://jit.example.org'

/** An issuer that says what a test wants, signed by whom it wants. */
interface Issuer {
  readonly url: string
  says: Record<string, unknown>
  by: CryptoKey
  /** The form that it was sent last. */
  asked: URLSearchParams
  isDown: boolean
}

let server: Server
let own: CryptoKey
let foreign: CryptoKey
let issuer: Issuer
let client: SignInClient

beforeAll(async () => {
  const pair = await generateKeyPair('RS256')
  own = pair.privateKey
  foreign = (await generateKeyPair('RS256')).privateKey
  const jwk = { ...(await exportJWK(pair.publicKey)), kid: 'k', alg: 'RS256', use: 'sig' }
  server = createServer((request, response) => {
    const answer = (body: object): void => {
      response.writeHead(issuer.isDown ? 503 : 200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    }
    const { pathname } = new URL(request.url ?? '/', issuer.url)
    if (pathname === '/keys') return answer({ keys: [jwk] })
    if (pathname !== '/token') return answer(discovery(issuer.url))
    let text = ''
    request.on('data', (part: Buffer) => (text += part.toString()))
    request.on('end', () => {
      issuer.asked = new URLSearchParams(text)
      const signed = new SignJWT(issuer.says).setProtectedHeader({ alg: 'RS256', kid: 'k' }).sign(issuer.by)
      void signed.then((id_token) => answer({ access_token: 'x', token_type: 'Bearer', id_token }))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // it listens on TCP
  issuer = { url: `http://127.0.0.1:${port}`, says: {}, by: own, asked: new URLSearchParams(), isDown: false }
})
afterAll(() => void server.close())

function discovery(url: string): object {
  return {
    issuer: url,
    authorization_endpoint: `${url}/authorize`,
    token_endpoint: `${url}/token`,
    jwks_uri: `${url}/keys`,
    end_session_endpoint: `${url}/out`,
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
  }
}

beforeEach(() => {
  Object.assign(issuer, { by: own, isDown: false })
  const claims = { objectId: ['oid'], name: ['upn'], groups: 'groups' }
  const trusted = { issuer: issuer.url, claims, prefix: '', require: { tid: 'acme' } }
  client = createSignInClient({
    origin: HERE,
    places: [{ trusted, clientId: 'me', clientSecret: 'hush', scope: 'openid profile' }],
    clock: { now: () => Date.now() },
    log: { error: () => {}, warn: () => {}, info: () => {} },
  })
})

async function begun(): Promise<Begun> {
  const result = await client.begin({ issuer: undefined, returnTo: `${HERE}/` })
  if (!result.ok) throw new Error(result.refusals[0]?.message)
  return result.value
}

/** As the issuer sends the browser back, with what it says then. */
async function comesBack({ kept }: Begun, more: object = {}, state = kept.state): Promise<Result<Principal>> {
  const now = Math.floor(Date.now() / 1_000)
  const about = { iss: issuer.url, aud: 'me', sub: 's', iat: now, exp: now + 60, nonce: kept.nonce }
  issuer.says = { ...about, oid: 'ada-id', upn: 'ada@example.org', tid: 'acme', groups: ['g'], ...more }
  return client.finish(kept, new URL(`${HERE}/auth/callback?code=c&state=${state}`))
}

describe('a browser that comes back from an issuer', () => {
  it('is who the issuer says, and its code is redeemed with what only this server knows', async () => {
    const start = await begun()
    const asked = new URL(start.url).searchParams
    expect(Object.fromEntries(asked)).toMatchObject({
      client_id: 'me',
      response_type: 'code',
      redirect_uri: `${HERE}/auth/callback`,
      code_challenge_method: 'S256',
      state: start.kept.state,
      nonce: start.kept.nonce,
    })
    expect(await comesBack(start)).toEqual({
      ok: true,
      value: { name: 'ada@example.org', principals: ['ada-id', 'g'], isBreakGlass: false },
    })
    expect(Object.fromEntries(issuer.asked)).toMatchObject({
      client_secret: 'hush',
      code_verifier: start.kept.verifier,
    })
  })

  it.each<[string, object]>([
    ['for another program', { aud: 'somebody else' }],
    ['of another issuer', { iss: 'https://evil.example' }],
    ['for another sign-in', { nonce: 'another' }],
    ['for no sign-in', { nonce: undefined }],
    ['that has ended', { iat: 1, exp: 2 }],
  ])('is not let in with a token %s', async (_, more) => {
    expect(await comesBack(await begun(), more)).toMatchObject({ ok: false, refusals: [{ code: 'SignInFailed' }] })
  })

  it('is not let in with a token that somebody else signed', async () => {
    issuer.by = foreign
    expect(await comesBack(await begun())).toMatchObject({ ok: false, refusals: [{ code: 'SignInFailed' }] })
  })

  it('is not let in with another state', async () => {
    expect(await comesBack(await begun(), {}, 'another')).toMatchObject({
      ok: false,
      refusals: [{ code: 'SignInFailed' }],
    })
  })

  it('is not let in without what the configuration wants of its people', async () => {
    const strangers = await comesBack(await begun(), { tid: 'strangers' })
    expect(strangers).toMatchObject({ ok: false, refusals: [{ code: 'InvalidAuthenticationToken' }] })
  })

  it('is told when the issuer does not answer', async () => {
    issuer.isDown = true
    const failed = await client.begin({ issuer: undefined, returnTo: `${HERE}/` })
    expect(failed).toMatchObject({ ok: false, refusals: [{ code: 'IssuerUnavailable' }] })
    issuer.isDown = false
    expect((await client.begin({ issuer: undefined, returnTo: `${HERE}/` })).ok).toBe(true)
  })

  it('can be signed out there too, and is led back here', async () => {
    const place = new URL((await client.signOutPlace(issuer.url)) ?? '')
    expect([place.pathname, place.searchParams.get('post_logout_redirect_uri')]).toEqual(['/out', `${HERE}/`])
    expect(await client.signOutPlace('https://unknown.example')).toBeUndefined()
  })
})
