/** Two servers on one PostgreSQL: an agent may be connected to either, and people may ask either. */
import { afterAll, beforeAll, describe, expect, it, onTestFailed, vi } from 'vitest'
import {
  agentServers,
  machineIdOf,
  protectHosts,
  requestHoles,
  type AgentServer,
  type AgentServers,
} from '../support/agent-server.ts'
import { startPostgres, type ThrowawayPostgres } from '../support/postgres.ts'
import { connectAgent, enrolled, type Enrolled, type SimulatedAgent } from '../support/simulated-agent.ts'

let postgres: ThrowawayPostgres
let database: string
let servers: AgentServers
let one: AgentServer
let two: AgentServer
let web1: Enrolled
let agent: SimulatedAgent
let asked = 0

const PORT = 22
const POLICY = { policy: 'default', hosts: ['web1'], port: PORT }

beforeAll(async () => {
  postgres = await startPostgres()
  database = await postgres.createDatabase()
  servers = await agentServers()
  one = await servers.start('one', { database })
  two = await servers.start('two', { database })
  const { body } = await one.call('POST', '/api/v1/hosts/web1/enroll', {})
  web1 = await enrolled(await trusting(one), body.token)
  agent = await connectAgent(web1)
  // A host that enrolled a moment ago becomes known to the other server.
  for (const server of [one, two]) {
    const protect = async () => (await protectHosts(server, servers, POLICY)).status === 200
    await vi.waitUntil(protect, { timeout: 5_000, interval: 50 })
  }
}, 60_000)

afterAll(async () => {
  await agent.close()
  await servers.remove()
  await postgres.stop()
})

/** The authority is the same on both; here it is learned as the agent does. */
async function trusting(server: AgentServer): Promise<{ server: string; authority: string }> {
  const { authorityOf } = await import('../../src/agent/link/server-line.ts')
  const { body } = await server.call('POST', '/api/v1/hosts/web1/enroll', {})
  return { server: server.agentUrl, authority: await authorityOf(server.agentUrl, body.fingerprint, {}) }
}

const moveTo = async (server: AgentServer): Promise<void> => {
  const sequence = agent.sequence()
  await agent.close()
  agent = await connectAgent({ ...web1, server: server.agentUrl }, { sequence })
}

const showLogs = (): void =>
  onTestFailed(() => console.error(`one:\n${one.log()}\ntwo:\n${two.log()}\n${JSON.stringify(agent.document())}`))

/** How long it takes until the agent carries the hole, in milliseconds. */
async function timeToOpen(server: AgentServer): Promise<number> {
  asked += 1
  const source = `198.51.100.${asked}`
  const before = performance.now()
  const { status, body } = await requestHoles(server, servers, { ...POLICY, source })
  expect(status, JSON.stringify(body)).toBe(202)
  const isHeld = () => agent.document()?.holes.some((hole) => hole.source.startsWith(source)) === true
  await vi.waitUntil(isHeld, { timeout: 15_000, interval: 10 })
  return performance.now() - before
}

describe('a request', () => {
  it('opens within a second, also when it is made at the server that the agent is not connected to', async () => {
    showLogs()
    expect(await timeToOpen(one)).toBeLessThan(1_500)
    expect(await timeToOpen(two)).toBeLessThan(1_500)
  })

  it('opens as soon when the agent has just come to the other server', async () => {
    showLogs()
    await moveTo(two)
    expect(await timeToOpen(one)).toBeLessThan(1_500)
    expect(await timeToOpen(two)).toBeLessThan(1_500)
  })

  it('opens when the server that the agent was connected to was killed, and the agent comes to the other one', async () => {
    showLogs()
    await moveTo(one)
    expect(await timeToOpen(one)).toBeLessThan(1_500)
    await one.stop('SIGKILL')
    await moveTo(two)
    expect(await timeToOpen(two)).toBeLessThan(1_500)
    one = await servers.start('one', { database })
    expect(await timeToOpen(one)).toBeLessThan(1_500)
  }, 30_000)
})

describe('a host', () => {
  it('is shown as connected by both servers', async () => {
    const state = async (server: AgentServer) => (await server.call('GET', '/api/v1/hosts/web1')).body.state
    await vi.waitUntil(async () => (await state(one)) === 'connected', { timeout: 12_000, interval: 100 })
    expect(await state(two)).toBe('connected')
  }, 15_000)

  it('tells either server who is connected to it, who should not be, and its log', async () => {
    showLogs()
    const machine = machineIdOf(servers, 'web1')
    const rule = { number: PORT, protocol: 'TCP', allowedSourceAddressPrefix: '*', maxRequestAccessDuration: 'PT3H' }
    const virtualMachines = [{ id: machine, ports: [{ ...rule, onExpiry: 'warn' }] }]
    const body = { kind: 'Basic', properties: { virtualMachines } }
    const path = `${servers.policyPath('default')}?api-version=2020-01-01`
    expect((await one.call('PUT', path, body)).status).toBe(200)
    const sequence = agent.sequence()
    await agent.close()
    const [from, port] = ['203.0.113.99', PORT]
    const flow = {
      machine: machine.toLowerCase(),
      protocol: 'TCP' as const,
      from,
      fromPort: 50_000,
      to: '10.0.0.4',
      port,
    }
    agent = await connectAgent({ ...web1, server: two.agentUrl }, { sequence, flows: [flow] })
    for (const server of [one, two]) {
      const told = async (what: string) => (await server.call('GET', what)).body.value
      const expected = [{ from, state: 'ended' }]
      // One that asked while the agent was on its way has waited for nobody's answer first.
      await expect.poll(() => told(`/api/v1/flows?machine=${machine}`), { timeout: 20_000 }).toMatchObject(expected)
      await expect.poll(() => told('/api/v1/findings'), { timeout: 5_000 }).toMatchObject([{ kind: 'outlived' }])
      expect(await told('/api/v1/hosts/web1/logs')).toMatchObject([{ text: 'hi' }])
    }
  }, 30_000)

  it('that is revoked at one server is cut off the other within a second', async () => {
    showLogs()
    expect((await one.call('POST', '/api/v1/hosts/web1/revoke')).status).toBe(200)
    await vi.waitUntil(() => !agent.isOpen(), { timeout: 1_500, interval: 10 })
    expect(agent.bye()?.code).toBe('HostCertificateNotInForce')
    await expect(connectAgent({ ...web1, server: one.agentUrl }, { sequence: 1_000 })).rejects.toThrow('was revoked')
  })

  it('whose key was copied is noticed by two servers that each have one of the two', async () => {
    showLogs()
    const { body } = await one.call('POST', '/api/v1/hosts/web1/enroll', {})
    web1 = await enrolled({ server: one.agentUrl, authority: web1.authority }, body.token)
    const original = await connectAgent(web1, { sequence: 10 })
    await vi.waitUntil(() => original.document() !== undefined, { timeout: 5_000, interval: 10 })
    const copy = await connectAgent({ ...web1, server: two.agentUrl }, { sequence: 100, bootId: 'boot-2' })
    // The original is sent away, and comes back with what it has.
    await vi.waitUntil(() => original.bye()?.code === 'TakenOver', { timeout: 1_500, interval: 10 })
    await connectAgent(web1, { sequence: original.sequence() })
    await vi.waitUntil(() => !copy.isOpen(), { timeout: 3_000, interval: 10 })
    const { body: shown } = await two.call('GET', '/api/v1/hosts/web1')
    expect([shown.state, shown.revokedBecause]).toEqual(['revoked', 'cloned'])
  })
})
