/** The verbs of hosts: what they ask of a server, and what a person sees of its answers. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { WireHost } from '../../src/contract/host.ts'
import { agentServers } from '../support/agent-server.ts'
import { CLI_OUTPUT } from '../../script/cli-output.ts'
import { type, type Typed } from './type.ts'

const EDGE: WireHost = {
  id: '/subscriptions/s/resourceGroups/default/providers/Microsoft.HybridCompute/machines/edge',
  name: 'edge',
  kind: 'gateway',
  state: 'unreachable',
  unreachableSince: '2026-03-01T11:00:00.0000000Z',
  labels: { env: 'prod', tier: 'web' },
  addresses: ['10.0.0.4'],
  generation: 1,
  findings: [{ name: 'clock', status: 'warning', text: 'its clock is 7 s late', remedy: 'timedatectl set-ntp on' }],
  behind: [],
  gateway: { publicAddresses: [], mappedPorts: { from: 40_000, to: 49_999 }, snat: false },
  version: 3,
  createdAt: '2026-03-01T10:00:00.0000000Z',
}

interface Asked {
  readonly call: string
  readonly body: unknown
  readonly ifMatch: string | undefined
}

let server: Server
let asked: Asked[] = []

/** Answers as the contract says, and keeps what it was asked. */
beforeEach(async () => {
  asked = []
  server = createServer((request, reply) => {
    let text = ''
    request.on('data', (chunk: Buffer) => (text += chunk.toString()))
    request.on('end', () => {
      const body: unknown = text === '' ? undefined : JSON.parse(text)
      asked.push({ call: `${request.method} ${request.url}`, body, ifMatch: request.headers['if-match'] })
      const { status = 200, answer } = answerTo(request.url ?? '')
      reply.writeHead(status, { 'content-type': 'application/json', etag: '"3"' }).end(JSON.stringify(answer))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterEach(() => {
  server.closeAllConnections()
  server.close()
})

function answerTo(url: string): { readonly status?: number; readonly answer: unknown } {
  const { pathname } = new URL(url, 'http://server')
  if (pathname === '/api/v1/hosts') return { answer: { value: [EDGE] } }
  if (pathname.endsWith('/enroll')) {
    const command = 'curl -fsSL https://jit.example.org/agent | sh -s -- --token T'
    return { answer: { host: EDGE, command, server: 's', token: 'T', fingerprint: 'f', until: EDGE.createdAt } }
  }
  if (pathname.endsWith('/logs'))
    return { answer: { value: [{ at: EDGE.createdAt, level: 'warn', text: 'no answer' }] } }
  if (pathname.startsWith('/api/v1/hosts/edge')) return { answer: EDGE }
  return { status: 404, answer: { error: { code: 'NotFound', message: 'there is no such host' } } }
}

function sp(line: string, around = {}): Promise<Typed> {
  const { port } = server.address() as AddressInfo // it listens on TCP
  return type(`http://127.0.0.1:${port}`, line.split(' '), around)
}

test('the command that enrols a host stands alone on stdout, and until when it is good beside it', async () => {
  const { stdout, stderr } = await sp('host enroll edge --label env=prod --valid-for 2h')
  expect(stdout).toBe('curl -fsSL https://jit.example.org/agent | sh -s -- --token T\n')
  expect(stderr).toMatch(/Run this on edge once, as root\. It is good until 2026-03-01 10:00:00 UTC/)
  expect(asked.map(({ call, body }) => [call, body])).toEqual([
    ['POST /api/v1/hosts/edge/enroll', { validFor: 'PT2H', labels: { env: 'prod' } }],
  ])
  expect((await sp('host enroll edge -o json')).json).toMatchObject({ token: 'T' })
})

test('a gateway is enrolled with how it is reached, and later told otherwise without losing the rest', async () => {
  await sp('host enroll edge --gateway --public-address 203.0.113.4=10.0.0.4 --mapped-ports 30000-30099')
  const gateway = {
    publicAddresses: [{ address: '203.0.113.4', seenAs: '10.0.0.4' }],
    mappedPorts: { from: 30_000, to: 30_099 },
  }
  expect(asked[0]?.body).toEqual({ validFor: 'PT15M', kind: 'gateway', gateway })
  await sp('host gateway edge --snat')
  expect(asked.at(-1)).toEqual({
    call: 'PUT /api/v1/hosts/edge/gateway',
    body: { ...EDGE.gateway, snat: true },
    ifMatch: '"3"',
  })
  await sp('host gateway edge --no-snat')
  expect(asked.at(-1)?.body).toMatchObject({ snat: false })
  expect((await sp('host gateway edge')).exit).toBe(2)
  await sp('host add-machine edge printer1 --address 10.1.0.7 --address fd00::7')
  expect(asked.at(-1)).toMatchObject({
    call: 'PUT /api/v1/hosts/edge/machines/printer1',
    body: { addresses: ['10.1.0.7', 'fd00::7'], os: 'Linux' },
  })
  await sp('host remove-machine edge printer1 --yes')
  expect(asked.at(-1)?.call).toBe('DELETE /api/v1/hosts/edge/machines/printer1')
})

test('a list is asked for by label and state; a host shows its state in words, and what its agent found', async () => {
  const list = await sp('host list -l env=prod -l tier=web --state unreachable')
  expect(asked[0]?.call).toBe('GET /api/v1/hosts?selector=env%3Dprod%2Ctier%3Dweb&state=unreachable&top=1000')
  expect(list.stdout).toMatch(
    /^edge +gateway +unreachable +10\.0\.0\.4 +env=prod, tier=web +- +- +its clock is 7 s late$/m,
  )
  const { stdout } = await sp('host show ed')
  expect(stdout).toMatch(/^State: +unreachable since 2026-03-01 11:00:00 UTC$/m)
  expect(stdout).toMatch(/^clock +warning +its clock is 7 s late +timedatectl set-ntp on$/m)
  expect(stdout).toMatch(/^Mapped ports: +40000-49999$/m)
  expect((await sp('host logs edge --lines 5')).stdout).toMatch(/warn +no answer$/m)
})

test('labels are set and taken away, as they were read and not over somebody else’s change', async () => {
  await sp('host label edge env=test owner=ada tier-')
  expect(asked.at(-1)).toEqual({
    call: 'PUT /api/v1/hosts/edge/labels',
    body: { labels: { env: 'test', owner: 'ada' } },
    ifMatch: '"3"',
  })
  const wrong = await sp('host label edge env')
  expect([wrong.exit, wrong.stderr]).toEqual([2, expect.stringContaining("'env' is not a label")])
})

test('nothing is revoked or removed before somebody said yes, and what is no name is not sent', async () => {
  for (const verb of ['revoke', 'remove']) {
    asked = []
    const no = await sp(`host ${verb} edge`, { terminal: true, answer: 'n' })
    expect([no.exit, asked.map(({ call }) => call)]).toEqual([130, ['GET /api/v1/hosts/edge']])
  }
  await sp('host revoke edge --yes')
  expect(asked.at(-1)?.call).toBe('POST /api/v1/hosts/edge/revoke')
  await sp('host remove edge --yes --force')
  expect(asked.at(-1)?.call).toBe('DELETE /api/v1/hosts/edge?force=true')
  asked = []
  for (const name of ['a?b', '..', '.']) expect([(await sp(`host enroll ${name}`)).exit, asked]).toEqual([2, []])
  expect((await sp('host show nosuch')).exit).toBe(3)
})

test('a server that takes agents does what is asked, and answers as is documented', async () => {
  const servers = await agentServers()
  try {
    const { url } = await servers.start('one')
    const token = (await readFile(join(servers.folder, 'one', 'admin-token'), 'utf8')).trim()
    const real = (line: string): Promise<Typed> => type(url, line.split(' '), { env: { SALLYPORT_TOKEN: token } })
    const asDocumented = async (verb: string, rest: string): Promise<Typed['json']> => {
      const { json, stderr } = await real(`host ${verb} ${rest} -o json`)
      const shape = CLI_OUTPUT[`host ${verb}`]?.safeParse(json)
      expect([verb, shape?.success, shape?.error?.message ?? stderr]).toEqual([verb, true, expect.anything()])
      return json
    }
    expect((await real('host enroll web1 --label env=prod')).stdout).toMatch(/^sallyport-agent enroll .*--token \S+/)
    await asDocumented('enroll', 'edge --gateway --public-address 203.0.113.4=10.0.0.4')
    expect((await asDocumented('list', '-l env=prod')).map(({ name }: WireHost) => name)).toEqual(['web1'])
    expect((await asDocumented('label', 'web1 tier=web env-')).labels).toEqual({ tier: 'web' })
    const [{ mappedPorts }, behind] = [
      (await asDocumented('gateway', 'edge --mapped-ports 30000-30099')).gateway,
      (await asDocumented('add-machine', 'edge printer1 --address 10.1.0.7')).behind,
    ]
    expect([mappedPorts.from, behind[0].addresses]).toEqual([30_000, ['10.1.0.7']])
    expect((await asDocumented('show', 'edg')).gateway.publicAddresses).toHaveLength(1)
    expect((await real('host remove-machine edge printer1 --yes')).exit).toBe(0)
    expect((await real('host logs web1')).stderr).toContain('is not connected')
    expect((await asDocumented('revoke', 'web1 --yes')).state).toBe('revoked')
    for (const name of ['web1', 'edge']) expect((await real(`host remove ${name} --yes`)).exit).toBe(0)
    expect((await real('host list')).stderr).toContain('sallyport host enroll NAME')
  } finally {
    await servers.remove()
  }
})
