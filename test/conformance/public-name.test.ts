import { get } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startServer, TOKEN, type RunningServer } from './running-server.ts'

const PUBLIC = 'https://jit.example.org'
const OWN = {
  issuer: `${PUBLIC}/tenant/v2.0`,
  clientId: 'cli',
  scope: 'openid',
  name: 'this installation',
  isOwn: true,
}

let server: RunningServer
afterEach(() => server.stop())

function ask(path: string, host: string): Promise<string> {
  const headers = { host, authorization: `Bearer ${TOKEN}` }
  return new Promise((resolve, reject) => {
    get(new URL(path, server.url), { headers }, (response) => {
      let text = ''
      response.on('data', (part: Buffer) => (text += part.toString())).on('end', () => resolve(text))
    }).on('error', reject)
  })
}

describe('behind a proxy that ends TLS, a server that was told its public URL', () => {
  beforeEach(async () => {
    server = await startServer({ publicUrl: PUBLIC, signIn: [OWN] })
    for (let read = 0; read < 3; read += 1) await server.call('GET', '/api/v1/audit')
  })

  it('leads to the next page over TLS, never with the token over plain HTTP', async () => {
    for (const host of ['jit.example.org', 'JIT.example.org']) {
      const { nextLink } = JSON.parse(await ask('/api/v1/audit?top=1', host)) as { nextLink: string }
      expect(new URL(nextLink).origin).toBe(PUBLIC)
    }
  })

  it('leads who came by another name on by that name', async () => {
    const { nextLink } = JSON.parse(await ask('/api/v1/audit?top=1', 'backend:8470')) as { nextLink: string }
    expect(new URL(nextLink).origin).toBe('http://backend:8470')
  })

  it('sends Azure’s command line to sign in at the public URL, whatever name the proxy calls it by', async () => {
    for (const host of ['jit.example.org', 'backend:8470']) {
      const cloud = JSON.parse(await ask('/metadata/endpoints?api-version=2015-01-01', host)) as object
      expect(cloud).toMatchObject({ resourceManager: PUBLIC, authentication: { loginEndpoint: `${PUBLIC}/adfs` } })
    }
  })
})
