/** HTTPS and plain HTTP on one port, told apart by the first byte of a connection. */
import { once } from 'node:events'
import { request as httpRequest, Agent, type IncomingMessage } from 'node:http'
import { connect as connectHttp2 } from 'node:http2'
import { request as httpsRequest, Agent as SecureAgent } from 'node:https'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isLoopback } from '../../src/server/auth/loopback.ts'
import { makeCertificate } from '../support/certificate.ts'
import { startServer, TOKEN, type RunningServer } from './running-server.ts'

const { cert, key } = makeCertificate()
let server: RunningServer

beforeAll(async () => {
  server = await startServer({ tls: { cert, key }, plainHttp: 'loopback' })
})
afterAll(() => server.stop())

async function get(scheme: 'http' | 'https', options: object = {}, from = server): Promise<IncomingMessage> {
  const url = new URL('/api/v1/whoami', from.url.replace('https', scheme))
  const headers = { authorization: `Bearer ${TOKEN}` }
  const request =
    scheme === 'http'
      ? httpRequest(url, { headers, ...options })
      : httpsRequest(url, { headers, ca: cert, servername: 'localhost', ...options })
  request.end()
  const [response] = await once(request, 'response')
  return response
}

test('this machine is served plain HTTP and HTTPS on the same port', async () => {
  for (const scheme of ['http', 'https'] as const) {
    const response = await get(scheme)
    expect([scheme, response.statusCode]).toEqual([scheme, 200])
    expect(JSON.parse(await text(response))).toMatchObject({ name: 'ada@example.org', address: '127.0.0.1' })
    expect(response.headers['strict-transport-security'] !== undefined).toBe(scheme === 'https')
  }
})

test('HTTP/2 is spoken over TLS', async () => {
  const client = connectHttp2(server.url, { ca: cert, servername: 'localhost' })
  const stream = client.request({ ':path': '/api/v1/whoami', authorization: `Bearer ${TOKEN}` })
  const [answer] = await once(stream, 'response')
  expect(answer[':status']).toBe(200)
  expect(JSON.parse(await text(stream))).toMatchObject({ address: '127.0.0.1' })
  client.close()
})

test.each([
  ['http', () => new Agent({ keepAlive: true })],
  ['https', () => new SecureAgent({ keepAlive: true })],
] as const)('a connection is used again over %s', async (scheme, agentOf) => {
  const agent = agentOf()
  const ports = new Set<number | undefined>()
  for (let call = 0; call < 3; call += 1) {
    const response = await get(scheme, { agent })
    ports.add(response.socket.localPort)
    await text(response)
  }
  agent.destroy()
  expect(ports.size).toBe(1)
})

test('a request that comes byte by byte is read whole', async () => {
  const { port } = new URL(server.url)
  const socket = connect(Number(port), '127.0.0.1').setNoDelay()
  for (const sign of 'GET /healthz HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n') {
    socket.write(sign)
    await new Promise(setImmediate)
  }
  expect(await text(socket)).toMatch(/^HTTP\/1\.1 200 OK/)
})

test('what is neither is told that it is not an HTTP request', async () => {
  const { port } = new URL(server.url)
  const socket = connect(Number(port), '127.0.0.1')
  socket.write('\0\0\0\0\r\n\r\n')
  expect(await text(socket)).toMatch(/^HTTP\/1\.1 400 .*BadRequest/s)
})

test('stopping waits neither for a silent connection nor for an idle one', async () => {
  const other = await startServer({ tls: { cert, key }, plainHttp: 'loopback' })
  const { port } = new URL(other.url)
  const silent = connect(Number(port), '127.0.0.1').on('error', () => {})
  await once(silent, 'connect')
  for (const [scheme, agent] of [
    ['http', new Agent({ keepAlive: true })],
    ['https', new SecureAgent({ keepAlive: true })],
  ] as const)
    await text(await get(scheme, { agent }, other))
  const began = performance.now()
  await other.stop()
  expect(performance.now() - began).toBeLessThan(5_000)
})

test.each([
  ['127.0.0.1', true],
  ['127.255.0.9', true],
  ['::1', true],
  ['::ffff:127.0.0.1', true],
  ['::ffff:10.0.0.1', false],
  ['10.0.0.1', false],
  ['128.0.0.1', false],
  ['::2', false],
  ['localhost', false],
  ['', false],
  [undefined, false],
])('the far end %s is this machine: %s', (address, own) => {
  expect(isLoopback(address)).toBe(own)
})
