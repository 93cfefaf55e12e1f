/** Who may speak plain HTTP to the server, seen from its own machine and from another one over a real wire. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { HOST_SEEN_BY, setStage, type Role, type Stage } from '../demo/stage.ts'

const SERVER = join(import.meta.dirname, '../../src/main/sallyport.ts')
const AT_HOST = `${HOST_SEEN_BY.operator}:8470`

let stage: Stage

beforeEach(() => {
  stage = setStage()
})
afterEach(() => stage.leave())

interface Ready {
  readonly url: string
  readonly httpsUrl: string | null
  readonly caFile: string | null
  readonly adminTokenFile: string
}

async function serve(...options: readonly string[]): Promise<Ready & { readonly log: () => string }> {
  const file = join(stage.folder, 'ready.json')
  writeFileSync(join(stage.folder, 'fleet.json'), '[]')
  const place = ['--data', join(stage.folder, 'data'), '--fleet', join(stage.folder, 'fleet.json')]
  const command = [process.execPath, SERVER, 'server', ...place, '--ready-file', file, ...options]
  const server = stage.spawn('host', command, { stdio: ['ignore', 'ignore', 'pipe'] })
  let log = ''
  server.stderr?.on('data', (chunk: Buffer) => (log += chunk.toString()))
  while (!existsSync(file)) {
    if (server.exitCode !== null) throw new Error(`the server did not start: ${log}`)
    await pause(20)
  }
  const ready = JSON.parse(readFileSync(file, 'utf8')) as Ready // its own
  return { ...ready, log: () => log }
}

/** The status and the body; status 0 for no answer at all. */
async function curl(role: Role, ...args: readonly string[]): Promise<[number, string]> {
  const seen = await stage.run(role, ['curl', '-sS', '-m', '5', '-w', '\n%{http_code}', ...args]).catch(() => '\n0')
  const end = seen.lastIndexOf('\n')
  return [Number(seen.slice(end + 1)), seen.slice(0, end)]
}

test('another machine must speak HTTPS, and this one may speak either', async () => {
  const { url, httpsUrl, caFile, adminTokenFile, log } = await serve('--listen', '0.0.0.0:8470')
  expect([url, httpsUrl]).toEqual(['http://127.0.0.1:8470', 'https://127.0.0.1:8470'])
  const trusting = ['--cacert', caFile ?? '']
  const token = ['-H', `authorization: Bearer ${readFileSync(adminTokenFile, 'utf8').trim()}`]

  const [status, body] = await curl('operator', ...token, `http://${AT_HOST}/api/v1/whoami`)
  expect(status).toBe(400)
  expect(JSON.parse(body).error).toMatchObject({ code: 'HttpsRequired' })
  expect(JSON.parse(body).error.message).toMatch(/use https:\/\/ .*dev-ca\.pem/)
  const lies = ['-H', 'x-forwarded-for: 127.0.0.1', '-H', 'host: localhost']
  expect((await curl('operator', ...lies, `http://${AT_HOST}/healthz`))[0]).toBe(400)
  expect((await curl('operator', '-F', `big=@${caFile ?? ''}`, `http://${AT_HOST}/healthz`))[0]).toBe(400)

  const [, seen] = await curl('operator', ...trusting, ...token, `https://${AT_HOST}/api/v1/whoami`)
  expect(JSON.parse(seen)).toMatchObject({ address: '10.117.1.2' })
  expect((await curl('operator', `https://${AT_HOST}/healthz`))[0]).toBe(0)

  for (const place of [url, httpsUrl ?? '', `https://${AT_HOST}`])
    expect([place, (await curl('host', ...trusting, `${place}/healthz`))[0]]).toEqual([place, 200])
  // Its own address on the wire is not loopback: whoever may take that address over is not this machine.
  expect((await curl('host', `http://${AT_HOST}/healthz`))[0]).toBe(400)
  expect(log()).toContain('update-ca-certificates')
})

test('programs on another machine sign in by the name or address that they know, without more being configured', async () => {
  const { url, caFile, adminTokenFile } = await serve('--listen', '0.0.0.0:8470')
  const admin = ['-H', `authorization: Bearer ${readFileSync(adminTokenFile, 'utf8').trim()}`]
  const json = ['-H', 'content-type: application/json', '-d']
  const [, made] = await curl('host', ...admin, ...json, '{"name":"deploy"}', `${url}/api/v1/service-principals`)
  const { appId } = JSON.parse(made)
  const place = `${url}/api/v1/service-principals/${appId}/credentials`
  const [, added] = await curl('host', ...admin, ...json, '{"kind":"secret","days":1}', place)
  const { secret, tenant } = JSON.parse(added)

  const trusting = ['--cacert', caFile ?? '']
  const here = `https://${AT_HOST}`
  const [, found] = await curl('operator', ...trusting, `${here}/${tenant}/v2.0/.well-known/openid-configuration`)
  const { issuer, token_endpoint } = JSON.parse(found)
  expect([issuer, token_endpoint]).toEqual([`${here}/${tenant}/v2.0`, `${here}/${tenant}/oauth2/v2.0/token`])
  const [, places] = await curl('operator', ...trusting, `${here}/.well-known/sallyport`)
  expect(JSON.parse(places).issuers).toMatchObject([{ issuer, isOwn: true }])
  const form = `grant_type=client_credentials&client_id=${appId}&client_secret=${secret}&scope=${here}/.default`
  const [, granted] = await curl('operator', ...trusting, '-d', form, token_endpoint)
  const bearer = ['-H', `authorization: Bearer ${JSON.parse(granted).access_token}`]
  expect((await curl('operator', ...trusting, ...bearer, `${here}/api/v1/whoami`))[0]).toBe(200)
  expect((await curl('host', ...bearer, `${url}/api/v1/whoami`))[0]).toBe(200)

  // A name that the certificate does not have is answered as the first, and never repeated.
  const lie = ['-k', '-H', 'host: evil.example']
  const [, lied] = await curl('operator', ...lie, `${here}/${tenant}/v2.0/.well-known/openid-configuration`)
  expect(lied).toContain('"issuer":"http://localhost:8470/')
  expect(lied).not.toContain('evil')
})

test('an address that others see gets HTTPS alone in the ready file', async () => {
  const { url, httpsUrl, caFile } = await serve('--listen', AT_HOST)
  expect([url, httpsUrl]).toEqual([`https://${AT_HOST}`, `https://${AT_HOST}`])
  expect((await curl('operator', '--cacert', caFile ?? '', `${url}/healthz`))[0]).toBe(200)
})

test('on loopback alone there is no certificate and no authority', async () => {
  const { url, httpsUrl, caFile } = await serve('--listen', '127.0.0.1:8470')
  expect([url, httpsUrl, caFile]).toEqual(['http://127.0.0.1:8470', null, null])
  expect(existsSync(join(stage.folder, 'data/tls'))).toBe(false)
})

test('plain HTTP from anywhere is served when that is wanted, and warned of', async () => {
  const { log } = await serve('--listen', '0.0.0.0:8470', '--plain-http', 'anywhere')
  expect((await curl('operator', `http://${AT_HOST}/healthz`))[0]).toBe(200)
  expect(log()).toContain('tokens can be read and stolen on the way')
})

test('a proxy on this machine may speak plain HTTP for callers that are elsewhere', async () => {
  const { url, adminTokenFile } = await serve('--listen', '0.0.0.0:8470', '--trusted-proxies', '127.0.0.1')
  const token = ['-H', `authorization: Bearer ${readFileSync(adminTokenFile, 'utf8').trim()}`]
  const [status, body] = await curl('host', ...token, '-H', 'x-forwarded-for: 203.0.113.9', `${url}/api/v1/whoami`)
  expect([status, JSON.parse(body).address]).toEqual([200, '203.0.113.9'])
})
