import { SignJWT, UnsecuredJWT, type JWTPayload } from 'jose'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { HOUR, MINUTE, SECOND } from '../../domain/time.ts'
import { startTokenIssuer, type TokenIssuer } from '../../../test/support/token-issuer.ts'
import type { TrustedIssuer } from './trusted-issuer.ts'
import { trustedKeysOf } from './trusted-keys.ts'
import { createTokenVerifier, type VerifyToken } from './verify-token.ts'

const AUDIENCE = 'https://sallyport.example'
const OBJECT_ID = '7d2f3c1a-0d2f-4a8e-9a63-3f2f2a3b5a01'

let issuer: TokenIssuer
let verify: VerifyToken
let now: number

beforeEach(async () => {
  issuer = await startTokenIssuer()
  now = Date.parse('2026-03-01T12:00:00Z')
  verify = aVerifier()
})

afterEach(async () => {
  await issuer.stop()
})

function trusting(changes: Partial<TrustedIssuer> = {}): TrustedIssuer {
  return {
    issuer: issuer.url,
    audiences: [AUDIENCE],
    algorithms: ['RS256', 'ES256'],
    keys: { kind: 'discovery' },
    claims: { objectId: ['oid'], name: ['upn', 'preferred_username'], groups: 'groups' },
    prefix: '',
    require: {},
    ...changes,
  }
}

function aVerifier(...issuers: Partial<TrustedIssuer>[]): VerifyToken {
  const all = issuers.length === 0 ? [trusting()] : issuers.map(trusting)
  const clock = { now: () => now }
  return createTokenVerifier({ keys: trustedKeysOf(all, { clock, log: { error() {}, warn() {}, info() {} } }), clock })
}

function claims(changes: JWTPayload = {}): JWTPayload {
  const seconds = now / SECOND
  return { aud: AUDIENCE, iat: seconds, nbf: seconds, exp: seconds + 3_600, oid: OBJECT_ID, ...changes }
}

function claimsWithout(name: string): JWTPayload {
  return Object.fromEntries(Object.entries(claims()).filter(([claim]) => claim !== name))
}

async function codeOf(token: string, by = verify): Promise<string> {
  const known = await by(token)
  return known.ok ? 'accepted' : (known.refusals[0]?.code ?? '')
}

describe('a token of a trusted issuer', () => {
  it('says who calls, and in which groups they are', async () => {
    const token = await issuer.sign(claims({ upn: 'ada@example.org', groups: ['group-1', 'group-2'] }))
    expect(await verify(token)).toEqual({
      ok: true,
      value: { name: 'ada@example.org', principals: [OBJECT_ID, 'group-1', 'group-2'], isBreakGlass: false },
    })
  })

  it('has no name when it is a program’s', async () => {
    expect(await verify(await issuer.sign(claims()))).toMatchObject({ ok: true, value: { name: '' } })
  })

  it('may write the audience with or without the slash at its end', async () => {
    expect(await codeOf(await issuer.sign(claims({ aud: `${AUDIENCE}/` })))).toBe('accepted')
    const slashed = aVerifier({ audiences: [`${AUDIENCE}/`] })
    expect(await codeOf(await issuer.sign(claims()), slashed)).toBe('accepted')
  })

  it('is refused for another audience, and is told which to ask for', async () => {
    const known = await verify(await issuer.sign(claims({ aud: 'https://other.example' })))
    expect(known).toMatchObject({ ok: false, refusals: [{ code: 'InvalidAuthenticationTokenAudience' }] })
    expect(known.ok ? '' : known.refusals[0]?.message).toContain(AUDIENCE)
  })

  it('ends when it says, give or take a minute that clocks may differ', async () => {
    const token = await issuer.sign(claims())
    now += HOUR + 59 * SECOND
    expect(await codeOf(token)).toBe('accepted')
    now += 2 * SECOND
    expect(await codeOf(token)).toBe('ExpiredAuthenticationToken')
  })

  it('is not taken before its time, nor without an end', async () => {
    expect(await codeOf(await issuer.sign(claims({ nbf: now / SECOND + 61 })))).toBe('InvalidAuthenticationToken')
    expect(await codeOf(await issuer.sign(claimsWithout('exp')))).toBe('AuthenticationFailed')
  })

  it('is refused when its groups were left out because they are too many', async () => {
    const named = claims({ _claim_names: { groups: 'src1' }, _claim_sources: {} })
    expect(await codeOf(await issuer.sign(named))).toBe('TooManyGroups')
    expect(await codeOf(await issuer.sign(claims({ hasgroups: true })))).toBe('TooManyGroups')
  })

  it('is refused when it does not say who it is', async () => {
    const known = await verify(await issuer.sign(claimsWithout('oid')))
    expect(known).toMatchObject({ ok: false, refusals: [{ code: 'InvalidAuthenticationToken' }] })
    expect(known.ok ? '' : known.refusals[0]?.message).toContain("'oid'")
  })

  it('of an issuer for the whole world needs the claims that make it ours, and cannot name another issuer’s people', async () => {
    const ours = aVerifier({
      claims: { objectId: ['sub'], name: ['actor'], groups: 'groups' },
      prefix: 'github:',
      require: { repository_owner: 'acme' },
    })
    const of = (owner: string) =>
      issuer.sign(claims({ sub: 'repo:acme/app:ref:refs/heads/main', repository_owner: owner }))
    expect(await ours(await of('acme'))).toMatchObject({
      value: { principals: ['github:repo:acme/app:ref:refs/heads/main'] },
    })
    expect(await codeOf(await of('mallory'), ours)).toBe('InvalidAuthenticationToken')
  })

  it('is of one issuer under one set of rules: listing it twice is refused at the start', () => {
    expect(() => aVerifier({}, { require: { tid: 'another' } })).toThrow('trusted twice')
  })

  it('may have been taken back', async () => {
    const judge = async ({ oid }: JWTPayload) =>
      oid === OBJECT_ID ? { code: 'AuthenticationFailed', message: 'disabled' } : undefined
    expect(await codeOf(await issuer.sign(claims()), aVerifier({ judge }))).toBe('AuthenticationFailed')
  })
})

describe('a token that nobody trusted made', () => {
  it.each([
    ['is no token at all', () => 'rubbish'],
    ['names an issuer that is not trusted', () => issuer.sign(claims({ iss: 'https://mallory.example' }))],
    ['has no signature', () => new UnsecuredJWT(claims({ iss: issuer.url })).encode()],
    ['is signed with a shared secret', () => hs256(claims({ iss: issuer.url }))],
    ['was changed after it was signed', async () => tampered(await issuer.sign(claims()))],
    ['is signed by a key that the issuer does not have', () => issuer.sign(claims(), { kid: 'unheard-of' })],
    ['is longer than any token', () => 'x'.repeat(100_000)],
  ])('is refused when it %s', async (_, make) => {
    expect(await codeOf(await make())).toBe('AuthenticationFailed')
  })

  it('is refused when an algorithm is used that is not on the list', async () => {
    await issuer.rotate('PS256')
    expect(await codeOf(await issuer.sign(claims()))).toBe('AuthenticationFailed')
  })
})

function hs256(payload: JWTPayload): Promise<string> {
  return new SignJWT(payload)
    .setProtectedHeader({ alg: 'HS256', kid: 'key-1' })
    .sign(new TextEncoder().encode('x'.repeat(32)))
}

function tampered(token: string): string {
  const [header, , signature] = token.split('.')
  const other = Buffer.from(JSON.stringify(claims({ iss: issuer.url, oid: 'mallory' }))).toString('base64url')
  return [header, other, signature].join('.')
}

describe('the keys of an issuer', () => {
  it('are read once and not for every call', async () => {
    const token = await issuer.sign(claims())
    for (let call = 0; call < 5; call += 1) expect(await codeOf(token)).toBe('accepted')
    await Promise.all(Array.from({ length: 20 }, () => verify(token)))
    expect(issuer.asked()).toBe(1)
  })

  it('may be replaced by new ones at any time', async () => {
    await verify(await issuer.sign(claims()))
    await issuer.rotate('ES256')
    now += 31 * SECOND
    expect(await codeOf(await issuer.sign(claims()))).toBe('accepted')
  })

  it('are not asked for again and again by forged tokens', async () => {
    await verify(await issuer.sign(claims()))
    now += 31 * SECOND
    for (let call = 0; call < 20; call += 1) await verify(await issuer.sign(claims(), { kid: `forged-${call}` }))
    expect(issuer.asked()).toBe(2)
  })

  it('go on counting while the issuer is down, and a new one is a matter of time', async () => {
    const token = await issuer.sign(claims())
    expect(await codeOf(token)).toBe('accepted')
    issuer.goDown()
    await issuer.rotate()
    now += 15 * MINUTE
    expect(await codeOf(token)).toBe('accepted')
    now += MINUTE
    const newer = await issuer.sign(claims())
    expect(await codeOf(newer)).toBe('IssuerUnavailable')
    expect(await codeOf(token)).toBe('accepted')
    issuer.comeBack()
    now += MINUTE
    expect(await codeOf(newer)).toBe('accepted')
  })

  it('count for nothing after a day without seeing them', async () => {
    await verify(await issuer.sign(claims()))
    issuer.goDown()
    now += 25 * HOUR
    expect(await codeOf(await issuer.sign(claims()))).toBe('IssuerUnavailable')
  })

  it('are not known before the issuer was ever reached', async () => {
    issuer.goDown()
    expect(await codeOf(await issuer.sign(claims()))).toBe('IssuerUnavailable')
  })

  it('are not taken from a document that speaks for another issuer', async () => {
    const elsewhere = `${issuer.url}/`
    const token = await issuer.sign(claims({ iss: elsewhere }))
    expect(await codeOf(token, aVerifier({ issuer: elsewhere }))).toBe('IssuerUnavailable')
  })
})
