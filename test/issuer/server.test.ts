/** The whole server with its own issuer: an administrator makes people and programs, and they come in with their tokens. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { connect, type ClientHttp2Session, type IncomingHttpHeaders } from 'node:http2'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { request as httpsRequest } from 'node:https'
import { ClientSecretCredential } from '@azure/identity'
import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { WireAuditEvent } from '../../src/contract/audit-event.ts'
import { targetNameOf } from '../../src/domain/audit/target-name.ts'
import { loadConfig } from '../../src/main/config/config.ts'
import { serve, type Serving } from '../../src/main/serve.ts'
import { makeCertificate } from '../support/certificate.ts'
import { AZURE_CLI, type Reply } from './running-issuer.ts'
import { freePort } from '../support/free-port.ts'

const OWNER = '8e3af657-a8ff-443c-a75c-2fe8c4bcb635'
const READER = 'acdd72a7-3385-48ef-bd42-f606fba81ae7'

describe('the server with its own issuer', () => {
  let folder: string
  let serving: Serving
  let url: string
  let ca: string
  let adminToken: string

  async function start(): Promise<void> {
    const file = join(folder, 'sallyport.yaml')
    const loaded = await loadConfig({ flags: {}, env: {}, file })
    if (!loaded.ok) throw new Error(loaded.refusals.map(({ message }) => message).join('; '))
    serving = await serve(loaded.value, '0.0.0-test')
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), `sallyport-issuer-server-${process.pid}-`))
    const port = await freePort()
    const { cert, key } = makeCertificate()
    ca = cert
    await writeFile(join(folder, 'cert.pem'), cert)
    await writeFile(join(folder, 'key.pem'), key)
    await writeFile(join(folder, 'fleet.json'), '[]')
    const options = {
      data: join(folder, 'data'),
      listen: `127.0.0.1:${port}`,
      publicUrl: `https://localhost:${port}`,
      fleet: join(folder, 'fleet.json'),
      tlsCert: join(folder, 'cert.pem'),
      tlsKey: join(folder, 'key.pem'),
      logLevel: 'error',
    }
    await writeFile(join(folder, 'sallyport.yaml'), JSON.stringify(options))
    await start()
    url = `https://localhost:${port}`
    adminToken = (await readFile(join(folder, 'data', 'admin-token'), 'utf8')).trim()
  })
  afterAll(async () => {
    await serving.stop()
    await rm(folder, { recursive: true })
  })

  interface Sent {
    readonly token?: string
    readonly body?: object
    readonly form?: Readonly<Record<string, string>>
  }

  function call(method: string, path: string, { token = adminToken, body, form }: Sent = {}): Promise<Reply> {
    const text = form === undefined ? body && JSON.stringify(body) : new URLSearchParams(form).toString()
    const type = form === undefined ? 'application/json' : 'application/x-www-form-urlencoded'
    const headers = { authorization: `Bearer ${token}`, ...(text === undefined ? {} : { 'content-type': type }) }
    if (form !== undefined) Reflect.deleteProperty(headers, 'authorization')
    return new Promise((resolve, reject) => {
      const request = httpsRequest(new URL(path, url), {
        method,
        ca,
        headers,
        host: '127.0.0.1',
        servername: 'localhost',
      })
      request.on('error', reject)
      request.on('response', (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString()
          const { statusCode: status = 0, headers } = response
          resolve({ status, headers, text, body: text.startsWith('{') ? JSON.parse(text) : undefined })
        })
      })
      request.end(text)
    })
  }

  async function assign(role: string, principalId: string): Promise<void> {
    const path = `/providers/Microsoft.Authorization/roleAssignments/${crypto.randomUUID()}?api-version=2022-04-01`
    const roleDefinitionId = `/providers/Microsoft.Authorization/roleDefinitions/${role}`
    const reply = await call('PUT', path, { body: { properties: { roleDefinitionId, principalId } } })
    expect(reply.status).toBe(201)
  }

  function passwordGrant(username: string, password: string): Promise<Reply> {
    const form = { grant_type: 'password', client_id: AZURE_CLI, username, password, scope: `${url}/.default openid` }
    return call('POST', '/adfs/oauth2/token', { form })
  }

  async function robot(
    name: string,
    days = 30,
  ): Promise<{ id: string; appId: string; tenant: string; secret: string }> {
    const made = await call('POST', '/api/v1/service-principals', { body: { name } })
    expect(made.status).toBe(200)
    const path = `/api/v1/service-principals/${made.body.appId}/credentials`
    const added = await call('POST', path, { body: { kind: 'secret', days } })
    expect(added.status).toBe(200)
    return { ...made.body, tenant: added.body.tenant, secret: added.body.secret }
  }

  it('says on its way to nobody whether a user exists', async () => {
    expect((await call('GET', '/api/v1/users', { token: 'x' })).status).toBe(401)
  })

  it.each(['its tenant', 'adfs'])('lets @azure/identity sign in with a client secret, at %s', async (shape) => {
    const { id, appId, tenant, secret } = await robot(`identity at ${shape}`)
    const authority = { authorityHost: url, disableInstanceDiscovery: true, tlsOptions: { ca } }
    const credential = new ClientSecretCredential(shape === 'adfs' ? 'adfs' : tenant, appId, secret, authority)
    const token = await credential.getToken(`${url}/.default`)
    expect(decodeJwt(token.token)).toMatchObject({ oid: id, tid: tenant, aud: url })
    expect(token.expiresOnTimestamp).toBeGreaterThan(Date.now() + 3_000_000)
    expect((await call('GET', '/api/v1/users', token)).status).toBe(403)
    await assign(READER, id)
    expect((await call('GET', '/api/v1/users', token)).status).toBe(200)
    const azure = await credential.getToken('https://management.azure.com/.default')
    expect((await call('GET', '/subscriptions?api-version=2019-11-01', azure)).status).toBe(200)
  })

  it('refuses @azure/identity with a wrong secret, and says why', async () => {
    const { appId, tenant } = await robot('wrong secret')
    const authority = { authorityHost: url, disableInstanceDiscovery: true, tlsOptions: { ca } }
    const credential = new ClientSecretCredential(tenant, appId, 'wrong', authority)
    await expect(credential.getToken(`${url}/.default`)).rejects.toThrow('could not prove who it is')
  })

  it('puts tokens that are not believed on record, and nothing that they say', async () => {
    const { appId, tenant, secret } = await robot('told on')
    const form = { grant_type: 'client_credentials', client_id: appId, client_secret: secret, scope: `${url}/.default` }
    const { access_token: good } = (await call('POST', `/${tenant}/oauth2/v2.0/token`, { form })).body
    const [header = '', body = '', signature = ''] = String(good).split('.')
    const forged = [header, body, `${signature.slice(0, -4)}AAAA`].join('.')
    const foreign = ['e30', Buffer.from('{"iss":"https://evil.example"}').toString('base64url'), 'x'].join('.')
    for (const token of [forged, foreign, 'not-a-token']) await call('GET', '/api/v1/users', { token })
    const path = `/api/v1/audit?action=signin.failed&since=${new Date(Date.now() - 60_000).toISOString()}`
    const { value } = (await call('GET', path)).body
    const byToken = value.filter(({ data }: { data: { by?: string } }) => data.by === 'token')
    const issuers = byToken.map(({ data }: { data: { issuer: string } }) => data.issuer)
    expect(new Set(issuers)).toEqual(new Set(['', `${url}/${tenant}/v2.0`]))
    expect(byToken[0]).toMatchObject({ address: '127.0.0.1', actor: '', data: { reason: 'AuthenticationFailed' } })
    expect(JSON.stringify(value)).not.toContain('evil')
  })

  it('shows a secret once and keeps only its hash', async () => {
    const { appId, secret } = await robot('secretive')
    const listed = await call('GET', '/api/v1/service-principals')
    expect(listed.text).toContain(appId)
    expect(listed.text).not.toContain(secret)
    expect(await readFile(join(folder, 'data', 'sallyport.db'), 'latin1')).not.toContain(secret)
    expect((await call('GET', '/api/v1/audit?top=1000')).text).not.toContain(secret)
  })

  it('a removed credential works no more, and a removed program’s token neither', async () => {
    const { id, appId, secret, tenant } = await robot('short lived')
    await assign(READER, id)
    const form = { grant_type: 'client_credentials', client_id: appId, client_secret: secret, scope: `${url}/.default` }
    const { body } = await call('POST', `/${tenant}/oauth2/v2.0/token`, { form })
    const token = body.access_token
    const mine = (await call('GET', '/api/v1/service-principals')).body.value.find(
      (each: { id: string }) => each.id === id,
    )
    await call('DELETE', `/api/v1/service-principals/${appId}/credentials/${mine.credentials[0].id}`)
    expect((await call('POST', `/${tenant}/oauth2/v2.0/token`, { form })).status).toBe(401)
    expect((await call('GET', '/api/v1/users', { token })).status).toBe(200)
    expect((await call('DELETE', `/api/v1/service-principals/${appId}`)).status).toBe(200)
    expect((await call('GET', '/api/v1/users', { token })).status).toBe(401)
  })

  describe('a user', () => {
    const password = 'a long enough phrase'

    async function newUser(name: string): Promise<string> {
      const made = await call('POST', '/api/v1/users', { body: { name } })
      expect(made.status).toBe(200)
      const fields = { name, password: made.body.password, new: password, again: password }
      expect((await call('POST', '/oauth2/password', { form: fields })).text).toContain('was changed')
      return made.body.user.id
    }

    it('made by an administrator must choose a password of their own before any token', async () => {
      const made = await call('POST', '/api/v1/users', { body: { name: 'new@example.org', displayName: 'New' } })
      expect(made.body.user).toMatchObject({ displayName: 'New', mustChangePassword: true, disabled: false })
      const refusedYet = await passwordGrant('new@example.org', made.body.password)
      expect(refusedYet.body.error_description).toContain(`${url}/oauth2/password`)
    })

    it('comes in with the rights of a group, and is out the moment they are disabled', async () => {
      const id = await newUser('ada@example.org')
      const group = await call('POST', '/api/v1/groups', { body: { name: 'Readers' } })
      await assign(READER, group.body.id)
      const before = (await passwordGrant('ada@example.org', password)).body.access_token
      expect((await call('GET', '/api/v1/users', { token: before })).status).toBe(403)
      const added = await call('PUT', '/api/v1/groups/Readers/members/ada@example.org')
      expect(added.body.members).toEqual([id])
      const token = (await passwordGrant('ada@example.org', password)).body.access_token
      expect((await call('GET', '/api/v1/users', { token })).status).toBe(200)
      const me = await call('GET', '/api/v1/whoami', { token })
      expect(me.body.name).toBe('ada@example.org')
      await call('POST', '/api/v1/users/ada@example.org/change', { body: { change: 'disable' } })
      expect((await call('GET', '/api/v1/users', { token })).status).toBe(401)
      await call('POST', '/api/v1/users/ADA@example.org/change', { body: { change: 'enable' } })
      expect((await passwordGrant('ada@example.org', password)).status).toBe(200)
    })

    it('keeps being signed in through a restart', async () => {
      const id = await newUser('grace@example.org')
      await assign(READER, id)
      const { access_token: token } = (await passwordGrant('grace@example.org', password)).body
      expect(token).toEqual(expect.any(String))
      await serving.stop()
      await start()
      expect((await call('GET', '/api/v1/users', { token })).status).toBe(200)
    })

    it('is told by name when a name is taken or wrong, and which password is too weak', async () => {
      await call('POST', '/api/v1/users', { body: { name: 'twice@example.org' } })
      const codes = async (body: object): Promise<unknown> =>
        (await call('POST', '/api/v1/users', { body })).body.error.code
      expect(await codes({ name: 'TWICE@example.org' })).toBe('NameTaken')
      expect(await codes({ name: 'no spaces' })).toBe('InvalidUserName')
      expect(await codes({ name: 'weak@example.org', password: 'short' })).toBe('WeakPassword')
      expect(await codes({ name: 'weak@example.org', password: 'weak-and-long-enough' })).toBe('WeakPassword')
    })

    it('may get a one-time code, shown once', async () => {
      await newUser('admin@example.org')
      const set = await call('POST', '/api/v1/users/admin@example.org/change', { body: { change: 'set-code' } })
      expect(set.body.keyUri).toMatch(/^otpauth:\/\/totp\/Sallyport%20localhost/)
      expect((await passwordGrant('admin@example.org', password)).status).toBe(400)
      await call('POST', '/api/v1/users/admin@example.org/change', { body: { change: 'remove-code' } })
      expect((await passwordGrant('admin@example.org', password)).status).toBe(200)
    })

    it('who may give rights signs in with a one-time code, as soon as that is given', async () => {
      const id = await newUser('owner@example.org')
      const { access_token: before, refresh_token } = (await passwordGrant('owner@example.org', password)).body
      expect(before).toEqual(expect.any(String))
      await assign(OWNER, id)
      const refusedNow = await passwordGrant('owner@example.org', password)
      expect(refusedNow.status).toBe(400)
      expect(refusedNow.body.error_description).toContain(`${url}/auth/sign-in`)
      const form = { grant_type: 'refresh_token', client_id: AZURE_CLI, refresh_token }
      expect((await call('POST', '/adfs/oauth2/token', { form })).status).toBe(400)
    })

    it('is looked after only by who may give roles: Contributor may not', async () => {
      const id = await newUser('contributor@example.org')
      await assign('b24988ac-6180-42a0-ab88-20f7382dd24c', id)
      const { access_token: token } = (await passwordGrant('contributor@example.org', password)).body
      const body = { change: 'reset-password' }
      const denied = await call('POST', '/api/v1/users/grace@example.org/change', { token, body })
      expect(denied).toMatchObject({ status: 403, body: { error: { code: 'AuthorizationFailed' } } })
    })
  })

  it('answers over HTTP/2 as well, as browsers ask', async () => {
    const session = connect(url, {
      ca,
      lookup: (_host, _options, found) => found(null, [{ address: '127.0.0.1', family: 4 }]),
    })
    const ask = (method: string, path: string, form?: Readonly<Record<string, string>>): Promise<H2Reply> =>
      askOver(session, { method, path, ...(form === undefined ? {} : { form }) })
    try {
      const { appId, secret } = await robot('over http2')
      const form = {
        grant_type: 'client_credentials',
        client_id: appId,
        client_secret: secret,
        scope: `${url}/.default`,
      }
      const tokens = await ask('POST', '/adfs/oauth2/token', form)
      expect(JSON.parse(tokens.text)).toMatchObject({ token_type: 'Bearer' })
      const query = {
        client_id: AZURE_CLI,
        response_type: 'code',
        redirect_uri: 'http://localhost:1',
        scope: `${url}/.default`,
      }
      const pkce = { code_challenge: 'x'.repeat(43), code_challenge_method: 'S256' }
      const start = await ask('GET', `/adfs/oauth2/authorize?${new URLSearchParams({ ...query, ...pkce }).toString()}`)
      expect(start).toMatchObject({
        status: 303,
        headers: { location: expect.stringContaining('/oauth2/interaction/') },
      })
      expect((await ask('GET', '/oauth2/password')).text).toContain('Change your password')
      const fields = { name: 'nobody', password: 'x', new: 'y', again: 'y' }
      expect((await ask('POST', '/oauth2/password', fields)).text).toContain('That did not work')
      expect(await ask('POST', '/oauth2/device', { user_code: 'x' })).toMatchObject({
        status: 303,
        headers: { location: '/oauth2/device' },
      })
      expect((await ask('GET', '/oauth2/device')).status).toBe(200)
    } finally {
      session.close()
    }
  })

  it('tells every change in the audit trail, and who made it', async () => {
    const { body } = await call('GET', '/api/v1/audit?top=1000')
    const actions = new Set(body.value.map((event: { action: string }) => event.action))
    for (const action of [
      'user.created',
      'user.disabled',
      'group.member-added',
      'principal.credential-added',
      'signin.succeeded',
    ])
      expect(actions).toContain(action)
  })

  it('calls people, groups and programs by their names there, and who was given a role', async () => {
    const { body } = await call('GET', '/api/v1/audit?top=1000')
    const events: WireAuditEvent[] = body.value
    const byId = events.filter(({ target }) => /^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(target))
    expect(byId.length).toBeGreaterThan(10)
    expect(byId.filter((event) => targetNameOf(event) === undefined)).toEqual([])
    const said = (action: string, name: string) => events.find((one) => one.action === action)?.data[name]
    expect(said('group.member-added', 'memberName')).toBe('ada@example.org')
    expect(said('role.assigned', 'principalName')).toBeDefined()
    const csv = await call('GET', '/api/v1/audit/export?action=user.password-changed')
    expect(csv.text).toMatch(/,ada@example\.org\r\n/)
  })
})

interface H2Reply {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

function askOver(
  session: ClientHttp2Session,
  { method, path, form }: { method: string; path: string; form?: Readonly<Record<string, string>> },
): Promise<H2Reply> {
  const type = form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }
  return new Promise((resolve, reject) => {
    const stream = session.request({ ':method': method, ':path': path, accept: 'text/html, application/json', ...type })
    let [text, headers]: [string, IncomingHttpHeaders & { ':status'?: number | undefined }] = ['', {}]
    stream.setEncoding('utf8')
    stream.on('response', (received) => (headers = received))
    stream.on('data', (chunk: string) => (text += chunk))
    stream.on('end', () => resolve({ status: headers[':status'] ?? 0, headers, text }))
    stream.on('error', reject)
    stream.end(form === undefined ? undefined : new URLSearchParams(form).toString())
  })
}
