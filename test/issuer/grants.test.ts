import { createHash, createPrivateKey, randomUUID } from 'node:crypto'
import { SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Proof } from '../../src/domain/roles/identity.ts'
import { makeCertificate, type Certificate } from '../support/certificate.ts'
import { startTokenIssuer, type TokenIssuer } from '../support/token-issuer.ts'
import { AZURE_CLI, PASSWORD, startIssuer, TENANT, type Reply, type RunningIssuer } from './running-issuer.ts'

const SHAPES = [
  ['ADFS', '/adfs/oauth2'],
  ['Entra', `/${TENANT}/oauth2/v2.0`],
] as const
const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

describe('the issuer', () => {
  let issuer: RunningIssuer
  let scope: string
  beforeAll(async () => {
    issuer = await startIssuer()
    scope = `${issuer.url}/.default`
  })
  afterAll(() => issuer.stop())

  async function addPrincipal(proof: Proof, days = 30): Promise<{ id: string; appId: string }> {
    const [id, appId, now] = [randomUUID(), randomUUID(), Date.now()]
    await issuer.store().transaction(async ({ identity }) => {
      await identity.putServicePrincipal({ id, appId, name: `robot ${appId}`, createdAt: now })
      const about = { id: randomUUID(), principal: id, hint: 'test', createdAt: now, endsAt: now + days * 86_400_000 }
      await identity.addCredential({ ...about, proof })
    })
    return { id, appId }
  }

  describe('to a service principal', () => {
    const secret = 'a secret with many random bits'
    const hash = createHash('sha256').update(secret).digest('hex')

    it.each(SHAPES)('with its secret gives a token at the %s address', async (_, place) => {
      const { id, appId } = await addPrincipal({ kind: 'secret', hash })
      const form = {
        grant_type: 'client_credentials',
        client_id: appId,
        client_secret: secret,
        scope,
        client_info: '1',
      }
      const reply = await issuer.ask(`${place}/token`, { form })
      expect(reply.body).toMatchObject({ token_type: 'Bearer', expires_in: 3600, scope })
      expect(await issuer.claimsOf(reply.body.access_token)).toMatchObject({
        iss: `${issuer.url}/${TENANT}/v2.0`,
        aud: issuer.url,
        sub: id,
        oid: id,
        tid: TENANT,
        appid: appId,
        azp: appId,
        groups: [],
      })
    })

    it('asked for with two slashes, the token is for the same resource', async () => {
      const { appId } = await addPrincipal({ kind: 'secret', hash })
      const form = { grant_type: 'client_credentials', client_id: appId, client_secret: secret }
      for (const word of [`${issuer.url}//.default`, `${issuer.url}/.default`]) {
        const reply = await issuer.ask('/adfs/oauth2/token', { form: { ...form, scope: word } })
        expect((await issuer.claimsOf(reply.body.access_token)).aud).toBe(issuer.url)
      }
      const azure = { ...form, scope: 'https://management.azure.com//.default' }
      const reply = await issuer.ask('/adfs/oauth2/token', { form: azure })
      expect((await issuer.claimsOf(reply.body.access_token)).aud).toBe('https://management.azure.com')
    })

    it('with a secret in the header gives a token as well', async () => {
      const { appId } = await addPrincipal({ kind: 'secret', hash })
      const authorization = `Basic ${Buffer.from(`${appId}:${encodeURIComponent(secret)}`).toString('base64')}`
      const form = { grant_type: 'client_credentials', scope }
      expect((await issuer.ask('/oauth2/token', { form, headers: { authorization } })).status).toBe(200)
    })

    it('with a wrong secret, or none, gives nothing, and the same answer as for a program that is not there', async () => {
      const { appId } = await addPrincipal({ kind: 'secret', hash })
      const form = { grant_type: 'client_credentials', scope }
      const wrong = await issuer.ask('/adfs/oauth2/token', {
        form: { ...form, client_id: appId, client_secret: 'wrong' },
      })
      const unknown = { ...form, client_id: randomUUID(), client_secret: secret }
      const nobody = await issuer.ask('/adfs/oauth2/token', { form: unknown })
      expect(wrong).toMatchObject({ status: 401, body: { error: 'invalid_client', error_codes: [7_000_215] } })
      expect(nobody.body).toEqual(wrong.body)
      const silent = await issuer.ask('/adfs/oauth2/token', { form: { ...form, client_id: appId } })
      expect(silent).toMatchObject({ status: 401, body: { error: 'invalid_client' } })
    })

    it('with an ended secret gives nothing, and says so to whoever has it', async () => {
      const { appId } = await addPrincipal({ kind: 'secret', hash }, -1 + 1 / 86_400_000 + 1)
      issuer.move(2 * 86_400_000)
      const form = { grant_type: 'client_credentials', client_id: appId, client_secret: secret, scope }
      const reply = await issuer.ask('/adfs/oauth2/token', { form })
      expect(reply).toMatchObject({ status: 401, body: { error: 'invalid_client', error_codes: [7_000_222] } })
      expect(reply.body.error_description).toContain('add a new one')
    })

    it('does not take what stands for a proof inside the server, nor a proof given twice', async () => {
      const { appId } = await addPrincipal({ kind: 'secret', hash })
      const form = { grant_type: 'client_credentials', client_id: appId, client_secret: secret, scope }
      const twice = await issuer.ask('/adfs/oauth2/token', { form: { ...form, client_assertion: 'x' } })
      expect(twice).toMatchObject({ status: 400, body: { error: 'invalid_request' } })
      const cli = { ...form, client_id: AZURE_CLI }
      expect((await issuer.ask('/adfs/oauth2/token', { form: cli })).status).toBe(401)
    })

    it('for a resource that is not here gives nothing', async () => {
      const { appId } = await addPrincipal({ kind: 'secret', hash })
      const form = { grant_type: 'client_credentials', client_id: appId, client_secret: secret }
      const graph = { ...form, scope: 'https://graph.microsoft.com/.default' }
      expect(await issuer.ask('/adfs/oauth2/token', { form: graph })).toMatchObject({
        status: 400,
        body: { error: 'invalid_scope', error_description: expect.stringContaining(issuer.url) },
      })
    })

    describe('by an assertion', () => {
      let certificate: Certificate
      beforeAll(async () => {
        certificate = makeCertificate('robot')
      })

      /** As MSAL writes it. */
      async function assertion(appId: string, claims: object = {}, by = certificate): Promise<string> {
        const now = Math.floor(Date.now() / 1000)
        const usual = { iss: appId, sub: appId, aud: `${issuer.url}/adfs/oauth2/token`, exp: now + 600, iat: now }
        return (
          new SignJWT({ ...usual, jti: randomUUID(), ...claims })
            // padded, as MSAL for Python writes it and RFC 7515 does not
            .setProtectedHeader({ alg: 'RS256', typ: 'JWT', x5t: `${certificate.x5t}=` })
            .sign(createPrivateKey(by.key))
        )
      }

      async function ask(appId: string, client_assertion: string, place = '/adfs/oauth2'): Promise<Reply> {
        const form = { grant_type: 'client_credentials', client_id: appId, scope, client_info: '1' }
        const proof = { client_assertion, client_assertion_type: JWT_BEARER }
        return issuer.ask(`${place}/token`, { form: { ...form, ...proof } })
      }

      function proof(): Proof {
        return { kind: 'certificate', pem: certificate.cert, sha1: certificate.x5t, sha256: '-' }
      }

      it('signed with its certificate gives a token', async () => {
        const { id, appId } = await addPrincipal(proof())
        const reply = await ask(appId, await assertion(appId))
        expect(reply.status).toBe(200)
        expect((await issuer.claimsOf(reply.body.access_token))['oid']).toBe(id)
        const aud = `${issuer.url}/${TENANT}/oauth2/v2.0/token`
        expect((await ask(appId, await assertion(appId, { aud }), `/${TENANT}/oauth2/v2.0`)).status).toBe(200)
      })

      it.each([
        ['for another server', { aud: 'https://login.microsoftonline.com/x/oauth2/v2.0/token' }],
        ['that has ended', { exp: 1_000_000 }],
        ['that never ends', { exp: undefined }],
        ['in another name', { iss: 'somebody' }],
      ])('%s gives nothing', async (_, claims) => {
        const { appId } = await addPrincipal(proof())
        expect((await ask(appId, await assertion(appId, claims))).status).toBe(401)
      })

      it('signed by another key gives nothing', async () => {
        const { appId } = await addPrincipal(proof())
        const stolen = await assertion(appId, {}, makeCertificate('thief'))
        expect((await ask(appId, stolen)).status).toBe(401)
      })

      it('of another service principal gives nothing', async () => {
        const [ada, eve] = [await addPrincipal(proof()), await addPrincipal({ kind: 'secret', hash })]
        expect((await ask(eve.appId, await assertion(eve.appId))).status).toBe(401)
        expect((await ask(ada.appId, await assertion(eve.appId))).status).toBe(401)
      })
    })

    describe('by a token of another issuer', () => {
      let other: TokenIssuer
      beforeAll(async () => {
        other = await startTokenIssuer()
      })
      afterAll(() => other.stop())

      const subject = 'repo:acme/deploy:ref:refs/heads/main'
      const audience = 'api://AzureADTokenExchange'

      async function ask(appId: string, claims: object): Promise<Reply> {
        const exp = Math.floor(Date.now() / 1000) + 300
        const client_assertion = await other.sign({ sub: subject, aud: audience, exp, ...claims })
        const form = { grant_type: 'client_credentials', client_id: appId, scope, client_assertion }
        return issuer.ask('/adfs/oauth2/token', { form: { ...form, client_assertion_type: JWT_BEARER } })
      }

      it('gives a token where an administrator named issuer, subject and audience', async () => {
        const { id, appId } = await addPrincipal({ kind: 'federated', issuer: other.url, subject, audience })
        const reply = await ask(appId, {})
        expect((await issuer.claimsOf(reply.body.access_token))['oid']).toBe(id)
        expect((await ask(appId, { sub: 'repo:acme/deploy:ref:refs/heads/evil' })).status).toBe(401)
        expect((await ask(appId, { aud: 'somebody else' })).status).toBe(401)
        expect((await ask(appId, { exp: 1_000_000 })).status).toBe(401)
      })

      it('gives nothing to another service principal', async () => {
        const { appId } = await addPrincipal({ kind: 'secret', hash })
        expect((await ask(appId, {})).status).toBe(401)
      })
    })
  })

  describe('to a person', () => {
    it('with name and password, as az login -u -p, gives tokens that say who it is', async () => {
      const id = await issuer.addUser('ada@example.org')
      const form = { grant_type: 'password', client_id: AZURE_CLI, username: 'ADA@example.org', password: PASSWORD }
      const asked = { ...form, scope: `${scope} offline_access openid profile`, client_info: '1' }
      const reply = await issuer.ask('/adfs/oauth2/token', { form: asked })
      expect(reply.body).toMatchObject({ refresh_token: expect.any(String), id_token: expect.any(String) })
      const who = { oid: id, tid: TENANT, upn: 'ada@example.org', preferred_username: 'ada@example.org' }
      expect(await issuer.claimsOf(reply.body.access_token)).toMatchObject({
        ...who,
        aud: issuer.url,
        appid: AZURE_CLI,
      })
      expect(await issuer.claimsOf(reply.body.id_token)).toMatchObject({ ...who, aud: AZURE_CLI })
      const info: unknown = JSON.parse(Buffer.from(reply.body.client_info, 'base64url').toString())
      expect(info).toEqual({ uid: id, utid: TENANT })
    })

    it('the groups are in the token', async () => {
      const [id, group] = [await issuer.addUser('grace@example.org'), randomUUID()]
      await issuer.store().transaction(async ({ identity }) => {
        await identity.putGroup({ id: group, name: 'Operators', createdAt: Date.now() })
        await identity.addMember(group, id)
      })
      const form = { grant_type: 'password', client_id: AZURE_CLI, username: 'grace@example.org', password: PASSWORD }
      const reply = await issuer.ask('/adfs/oauth2/token', { form: { ...form, scope } })
      expect((await issuer.claimsOf(reply.body.access_token))['groups']).toEqual([group])
    })

    async function tokens(name: string): Promise<Reply> {
      const form = { grant_type: 'password', client_id: AZURE_CLI, username: name, password: PASSWORD }
      return issuer.ask('/adfs/oauth2/token', { form: { ...form, scope: `${scope} openid offline_access` } })
    }

    function refresh(refresh_token: string, more: object = {}): Promise<Reply> {
      const form = { grant_type: 'refresh_token', client_id: AZURE_CLI, refresh_token, ...more }
      return issuer.ask('/adfs/oauth2/token', { form })
    }

    it('a refresh token gives new tokens, for another resource too, and another refresh token', async () => {
      await issuer.addUser('r1@example.org')
      const first = await tokens('r1@example.org')
      const again = await refresh(first.body.refresh_token, { scope: 'https://management.azure.com//.default openid' })
      expect(again.status).toBe(200)
      expect((await issuer.claimsOf(again.body.access_token)).aud).toBe('https://management.azure.com')
      expect(again.body.refresh_token).not.toBe(first.body.refresh_token)
      expect(again.body.id_token).toEqual(expect.any(String))
    })

    it('a refresh token used again later ends all that came from it: one of the two is a thief', async () => {
      await issuer.addUser('r2@example.org')
      const first = await tokens('r2@example.org')
      const second = await refresh(first.body.refresh_token)
      issuer.move(11_000)
      expect(await refresh(first.body.refresh_token)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
      expect((await refresh(second.body.refresh_token)).status).toBe(400)
    })

    it('a refresh token used again later is on record once, with whose it is and where it came from', async () => {
      const id = await issuer.addUser('r8@example.org')
      const { body } = await tokens('r8@example.org')
      await refresh(body.refresh_token)
      issuer.move(11_000)
      for (let again = 0; again < 2; again += 1) await refresh(body.refresh_token)
      const events = await issuer
        .store()
        .reads.audit({ actions: ['signin.failed'], actor: 'r8@example.org' }, { limit: 9 })
      expect(events).toMatchObject([
        {
          target: id,
          address: '127.0.0.1',
          data: '{"name":"r8@example.org","by":"refresh token","reason":"UsedBefore"}',
        },
      ])
    })

    it('two programs of one person may refresh in the same moment', async () => {
      await issuer.addUser('r3@example.org')
      const { body } = await tokens('r3@example.org')
      const both = await Promise.all([refresh(body.refresh_token), refresh(body.refresh_token)])
      expect(both.map(({ status }) => status)).toEqual([200, 200])
    })

    it('of many that use one refresh token in the same moment, one gets the next', async () => {
      await issuer.addUser('r6@example.org')
      const { body } = await tokens('r6@example.org')
      const all = await Promise.all(Array.from({ length: 8 }, () => refresh(body.refresh_token)))
      const next = all.flatMap((reply) => reply.body.refresh_token ?? [])
      expect(next).toEqual([expect.any(String)])
      expect(next).not.toContain(body.refresh_token)
      expect((await refresh(next[0])).status).toBe(200)
    })

    it('a thief who uses a refresh token in the same moment as its owner is found out when the other goes on', async () => {
      await issuer.addUser('r7@example.org')
      const { body } = await tokens('r7@example.org')
      const thief = await refresh(body.refresh_token)
      const owner = await refresh(body.refresh_token)
      expect([owner.status, owner.body.refresh_token]).toEqual([200, undefined])
      issuer.move(3_600_000)
      expect((await refresh(body.refresh_token)).body.error).toBe('invalid_grant')
      expect((await refresh(thief.body.refresh_token)).body.error).toBe('invalid_grant')
    })

    it('a refresh token outlives a restart, and ends after fourteen days without use', async () => {
      await issuer.addUser('r4@example.org')
      const { body } = await tokens('r4@example.org')
      await issuer.restart()
      const again = await refresh(body.refresh_token)
      expect(again.status).toBe(200)
      issuer.move(14 * 86_400_000 + 1000)
      expect((await refresh(again.body.refresh_token)).status).toBe(400)
    })

    it('a disabled user refreshes nothing', async () => {
      const id = await issuer.addUser('r5@example.org')
      const { body } = await tokens('r5@example.org')
      const user = await issuer.store().reads.identity.user(id)
      if (user === undefined) throw new Error('just made')
      await issuer.store().transaction((tx) => tx.identity.putUser({ ...user, disabledAt: Date.now() }))
      expect((await refresh(body.refresh_token)).status).toBe(400)
      expect(await issuer.issuer().mayAct(id, Date.now())).toBe(false)
    })
  })

  it('logged no fault', () => {
    expect(issuer.faults).toEqual([])
  })
})
