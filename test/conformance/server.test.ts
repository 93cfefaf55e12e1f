import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { once } from 'node:events'
import { connect as connectHttp2 } from 'node:http2'
import { request as httpsRequest } from 'node:https'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { initiateBody, policyBody, policyPath, VERSION } from './bodies.ts'
import { startServer, SUBSCRIPTION, TOKEN, type RunningServer } from './running-server.ts'

let server: RunningServer

beforeEach(async () => {
  server = await startServer()
})
afterEach(async () => {
  await server.stop()
})

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const LIST = `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Security/jitNetworkAccessPolicies`

test('every answer carries the headers of the original, good or bad (R25)', async () => {
  for (const path of [`${LIST}${VERSION}`, LIST, '/nowhere', '/healthz', '/%zz']) {
    const { headers } = await server.call('GET', path)
    expect(headers.get('cache-control')).toBe('no-cache')
    expect(headers.get('pragma')).toBe('no-cache')
    expect(headers.get('expires')).toBe('-1')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('content-type')).toBe('application/json; charset=utf-8')
    expect(headers.get('x-ms-request-id')).toMatch(GUID)
    expect(headers.get('x-ms-correlation-request-id')).toMatch(GUID)
    expect(headers.get('x-ms-routing-request-id')).toMatch(/^LOCAL:\d{8}T\d{6}Z:[-0-9a-f]{36}$/)
    expect(headers.has('strict-transport-security')).toBe(false)
  }
})

test('over TLS the browser is told to stay on TLS (R25)', async () => {
  const { cert, key } = selfSigned()
  const secure = await startServer({ tls: { cert, key } })
  try {
    const header = await new Promise((resolve, reject) => {
      const call = httpsRequest(`${secure.url}/healthz`, { ca: cert, servername: 'localhost' }, (response) => {
        response.resume()
        resolve(response.headers['strict-transport-security'])
      })
      call.on('error', reject).end()
    })
    expect(header).toBe('max-age=31536000; includeSubDomains')
  } finally {
    await secure.stop()
  }
})

test('over TLS, HTTP/2 and HTTP/1.1 are both spoken, and closing lets an HTTP/2 call finish', async () => {
  const { cert, key } = selfSigned()
  const secure = await startServer({ tls: { cert, key } })
  const client = connectHttp2(secure.url, { ca: cert, servername: 'localhost' })
  const call = async (method: string, path: string, body: object = {}) => {
    const authorization = `Bearer ${TOKEN}`
    const headers = { ':method': method, ':path': path, authorization, 'content-type': 'application/json' }
    const stream = client.request(headers)
    if (method !== 'GET') stream.end(JSON.stringify(body))
    const [[answer], read] = await Promise.all([once(stream, 'response'), text(stream)])
    return { status: answer[':status'], body: JSON.parse(read) }
  }
  expect(await call('GET', '/api/v1/whoami')).toMatchObject({ status: 200, body: { address: '127.0.0.1' } })
  expect(await call('PUT', `${policyPath()}${VERSION}`, policyBody())).toMatchObject({ status: 200 })
  const release = secure.driver.holdUp()
  const last = call('POST', `${policyPath()}/initiate${VERSION}`, initiateBody())
  await expect.poll(async () => (await secure.app.store.reads.requests({}, { limit: 1 })).length).toBe(1)
  const stopped = secure.stop()
  release()
  expect(await last).toMatchObject({ status: 202 })
  await stopped
})

function selfSigned(): { cert: string; key: string } {
  const folder = mkdtempSync(join(tmpdir(), `sallyport-tls-${process.pid}-`))
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
  const making = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1']
  execFileSync('openssl', [...making, ...subject, '-keyout', key, '-out', cert], { stdio: 'ignore' })
  const texts = { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') }
  rmSync(folder, { recursive: true })
  return texts
}

test("a caller's correlation id is kept when it is a GUID, and replaced when it is anything else", async () => {
  const mine = '0f8fad5b-d9cb-469f-a165-70867728950e'
  const echo = async (value: string) => {
    const { headers } = await server.call('GET', '/healthz', { headers: { 'x-ms-correlation-request-id': value } })
    return headers.get('x-ms-correlation-request-id')
  }
  expect(await echo(mine)).toBe(mine)
  expect(await echo('<script>')).toMatch(GUID)
})

test('nothing but health, readiness and metadata answers without a token', async () => {
  for (const path of ['/healthz', '/readyz', '/metadata/endpoints'])
    expect((await server.call('GET', path, { token: undefined })).status).toBe(200)
  for (const path of [`${LIST}${VERSION}`, '/metrics', '/api/v1/whoami', '/nowhere', '/api/v1/requests/x']) {
    const { status, headers, body } = await server.call('GET', path, { token: undefined })
    expect([path, status, body.error.code]).toEqual([path, 401, 'AuthenticationFailed'])
    expect(headers.get('www-authenticate')).toBe('Bearer')
  }
})

test('a wrong token is refused, told to the log, and itself told to nobody', async () => {
  const { status, text } = await server.call('GET', '/api/v1/whoami', { token: 'guessed-token' })
  expect(status).toBe(401)
  expect(server.logged).toHaveLength(1)
  expect(server.logged[0]).toMatchObject({ level: 'warn', fields: { address: '127.0.0.1' } })
  expect(text + JSON.stringify(server.logged)).not.toContain('guessed')
})

test('a caller without a token is turned away before its body is read', async () => {
  const { status } = await server.call('PUT', `${policyPath()}${VERSION}`, { raw: '{', token: undefined })
  expect(status).toBe(401)
})

test('metrics are served in the Prometheus format, by operation and never by path', async () => {
  await server.call('GET', `${LIST}${VERSION}`)
  const { headers, text } = await server.call('GET', '/metrics')
  expect(headers.get('content-type')).toMatch(/^text\/plain/)
  expect(text).toContain(
    'sallyport_http_request_duration_seconds_count{operation="JitNetworkAccessPolicies_List",status="200"} 1',
  )
  expect(text).not.toContain(SUBSCRIPTION)
})

test('a server that is not ready says why with 503', async () => {
  await server.stop()
  server = await startServer({ unready: async () => 'the store is being migrated' })
  const { status, body } = await server.call('GET', '/readyz', { token: undefined })
  expect([status, body]).toEqual([503, { status: 'unavailable', text: 'the store is being migrated' }])
})

const WRONG: readonly [string, string, string, number, string][] = [
  ['no api-version', 'GET', LIST, 400, 'MissingApiVersionParameter'],
  ['an empty api-version', 'GET', `${LIST}?api-version=`, 400, 'MissingApiVersionParameter'],
  ['an api-version that is not served', 'GET', `${LIST}?api-version=2099-01-01`, 400, 'NoRegisteredProviderFound'],
  [
    'a subscription that is not a GUID',
    'GET',
    `${LIST.replace(SUBSCRIPTION, 'mine')}${VERSION}`,
    400,
    'InvalidSubscriptionId',
  ],
  ['an unknown subscription', 'GET', `${LIST.replace('20ff', '21ff')}${VERSION}`, 404, 'SubscriptionNotFound'],
  [
    'a path that is cut short',
    'GET',
    `/subscriptions/${SUBSCRIPTION}/resourceGroups/g/providers${VERSION}`,
    404,
    'PathNotFound',
  ],
  ['a path of another provider', 'GET', `${LIST.replace('Security', 'Storage')}${VERSION}`, 404, 'PathNotFound'],
  ['a method that a policy does not have', 'PATCH', `${policyPath()}${VERSION}`, 405, 'MethodNotAllowed'],
  ['a method that a list does not have', 'DELETE', `${LIST}${VERSION}`, 405, 'MethodNotAllowed'],
  ['a method that nobody has', 'PROPFIND', '/nowhere', 404, 'PathNotFound'],
  ['a URL that is not well formed', 'GET', '/subscriptions/%zz', 400, 'InvalidUrl'],
  ['a name longer than any', 'GET', `${policyPath('x'.repeat(4_000))}${VERSION}`, 414, 'RequestUriTooLong'],
  ['a name with control characters', 'GET', `${policyPath('a%00b')}${VERSION}`, 404, 'PathNotFound'],
  ['a name that no resource has', 'GET', `${policyPath('a%23b')}${VERSION}`, 400, 'InvalidResourceId'],
  ['a switch that is neither true nor false', 'DELETE', `/api/v1/requests?live=maybe`, 405, 'MethodNotAllowed'],
  ['a wrong query parameter', 'GET', `/api/v1/requests?live=maybe`, 400, 'InvalidRequestContent'],
  ['a query parameter given twice', 'GET', `/api/v1/requests?top=1&top=2`, 400, 'InvalidRequestContent'],
  ['an unknown request', 'GET', `/api/v1/requests/nope`, 404, 'RequestNotFound'],
  [
    'an unknown network security group',
    'GET',
    `/subscriptions/${SUBSCRIPTION}/resourceGroups/g/providers/Microsoft.Network/networkSecurityGroups/n?api-version=2022-07-01`,
    404,
    'NetworkSecurityGroupNotFound',
  ],
]

test.each(WRONG)('%s is answered in the shape of the original', async (_, method, path, status, code) => {
  const reply = await server.call(method, path)
  expect([reply.status, reply.body.error.code]).toEqual([status, code])
  expect(reply.body.error.message).not.toBe('')
})

test('the api-versions that are served are named where another was asked for', async () => {
  const { body } = await server.call('GET', `${LIST}?api-version=2099-01-01`)
  expect(body.error.message).toContain("The supported api-versions are '2015-06-01-preview, 2020-01-01'.")
  expect((await server.call('GET', `${LIST}?API-Version=2015-06-01-PREVIEW`)).status).toBe(200)
})

test('a wrong method names the right ones', async () => {
  const { headers } = await server.call('PATCH', `${policyPath()}${VERSION}`)
  expect(headers.get('allow')).toBe('GET, PUT, DELETE')
})

const UNREADABLE: readonly [string, string, Record<string, string>, number, string][] = [
  ['malformed JSON', '{"properties":', {}, 400, 'InvalidRequestContent'],
  ['no body at all', '', {}, 400, 'InvalidRequestContent'],
  [
    'a body that poisons prototypes',
    JSON.stringify(policyBody()).replace('{', '{"__proto__":{"x":1},'),
    {},
    400,
    'InvalidRequestContent',
  ],
  [
    'a body of another media type',
    'kind=Basic',
    { 'content-type': 'application/x-www-form-urlencoded' },
    415,
    'UnsupportedMediaType',
  ],
  ['a body of more than 1 MiB', `"${'x'.repeat(1_048_576)}"`, {}, 413, 'RequestEntityTooLarge'],
  ['a list where an object belongs', '[]', {}, 400, 'InvalidRequestContent'],
  ['a text with U+0000', JSON.stringify({ ...policyBody(), kind: 'a\u0000b' }), {}, 400, 'InvalidRequestContent'],
  ['half a surrogate pair', '{"kind":"\\ud800","properties":{"virtualMachines":[]}}', {}, 400, 'InvalidRequestContent'],
]

test.each(UNREADABLE)('%s is refused and changes nothing', async (_, raw, headers, status, code) => {
  const reply = await server.call('PUT', `${policyPath()}${VERSION}`, { raw, headers })
  expect([reply.status, reply.body.error.code]).toEqual([status, code])
  expect((await server.call('GET', `${policyPath()}${VERSION}`)).status).toBe(404)
})

test('a member of the wrong type is named with its place, what was expected and what came', async () => {
  const body = { virtualMachines: [{ id: 7, ports: [{ number: '22', duration: null }] }, 'web1'] }
  const { body: answer } = await server.call('POST', `${policyPath()}/initiate${VERSION}`, { body })
  expect(answer.error.details).toEqual([
    {
      code: 'InvalidRequestContent',
      target: 'virtualMachines[0].id',
      message: "'virtualMachines[0].id' should be a text; got 7",
      facts: { place: 'virtualMachines[0].id', got: '7' },
    },
    {
      code: 'InvalidRequestContent',
      target: 'virtualMachines[0].ports[0].number',
      message: `'virtualMachines[0].ports[0].number' should be a number; got "22"`,
      facts: { place: 'virtualMachines[0].ports[0].number', got: '"22"' },
    },
    {
      code: 'InvalidRequestContent',
      target: 'virtualMachines[1]',
      message: `'virtualMachines[1]' should be an object; got "web1"`,
      facts: { place: 'virtualMachines[1]', got: '"web1"' },
    },
  ])
})

test('a fault is told with a correlation id, without its inside, and logged with its cause', async () => {
  await server.stop()
  server = await startServer({
    doctor: () => Promise.reject(new SyntaxError('secret /etc/path', { cause: new Error('deep') })),
  })
  const { status, body, text, headers } = await server.call('GET', '/api/v1/doctor')
  const correlation = headers.get('x-ms-correlation-request-id') ?? 'none'
  expect([status, body.error.code]).toEqual([500, 'InternalServerError'])
  expect(body.error.message).toContain(correlation)
  expect(text).not.toContain('secret')
  expect(server.logged).toMatchObject([
    { level: 'error', fields: { correlation, path: '/api/v1/doctor', err: { message: 'secret /etc/path' } } },
  ])
})

test('an error of a cloud that carries a status of its own is still a fault of ours', async () => {
  await server.stop()
  server = await startServer({ doctor: () => Promise.reject(Object.assign(new Error('gone'), { statusCode: 404 })) })
  expect((await server.call('GET', '/api/v1/doctor')).status).toBe(500)
})

test('an authentication that fails to answer lets nobody in', async () => {
  await server.stop()
  server = await startServer({ authenticate: () => Promise.reject(new Error('the store is gone')) })
  expect((await server.call('GET', '/api/v1/whoami')).status).toBe(500)
})

test('bytes that are not HTTP are answered in the same shape', async () => {
  const answer = await raw('nonsense\r\n\r\n')
  expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/)
  expect(JSON.parse(answer.split('\r\n\r\n')[1] ?? '').error.code).toBe('BadRequest')
  const long = await raw(`GET / HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(40_000)}\r\n\r\n`)
  expect(long).toMatch(/^HTTP\/1\.1 431 /)
})

function raw(bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1', () => socket.write(bytes))
    let text = ''
    socket.setEncoding('utf8').on('data', (part: string) => (text += part))
    socket.on('close', () => resolve(text)).on('error', reject)
  })
}

test('a host that is not a host is not repeated into links', async () => {
  const bytes = `GET /metadata/endpoints HTTP/1.1\r\nhost: evil"><b>\r\nconnection: close\r\n\r\n`
  expect(await raw(bytes)).not.toContain('evil')
})

test('a request that was accepted is finished while the server closes', async () => {
  await server.call('PUT', `${policyPath()}${VERSION}`, { body: policyBody() })
  const release = server.driver.holdUp()
  const answer = server.call('POST', `${policyPath()}/initiate${VERSION}`, { body: initiateBody() })
  await expect.poll(async () => (await server.app.store.reads.requests({}, { limit: 1 })).length).toBe(1)
  const stopped = server.stop()
  release()
  expect((await answer).status).toBe(202)
  await stopped
  await expect(fetch(`${server.url}/healthz`)).rejects.toThrow('fetch failed')
  server = await startServer()
})

test("the caller's address is the socket's own, whatever a header says", async () => {
  const { body } = await server.call('GET', '/api/v1/whoami', { headers: { 'x-forwarded-for': '203.0.113.9' } })
  expect(body).toEqual({
    name: 'ada@example.org',
    principals: [],
    address: '127.0.0.1',
    subscriptionId: SUBSCRIPTION,
    resourceGroup: 'default',
    location: 'local',
    version: '0.0.0-test',
  })
})

test('a shell header that cannot be understood is refused rather than ignored', async () => {
  const headers = { 'x-sallyport-shell': '203.0.113.7' }
  const { status, body } = await server.call('PUT', `${policyPath()}${VERSION}`, { body: policyBody(), headers })
  expect([status, body.error.code]).toEqual([400, 'InvalidShellHeader'])
})

test('the command line of Azure finds the endpoints of this cloud', async () => {
  const { body } = await server.call('GET', '/metadata/endpoints?api-version=2015-01-01', { token: undefined })
  expect(body.authentication.audiences).toEqual([server.url])
  expect(body.galleryEndpoint).toBe(server.url)
})
