/** What a thief of a key, somebody without one, and a host that is not its own master any more can do to the server. */
import { once } from 'node:events'
import { connect } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { newKeyWithRequest } from '../../src/agent/csr.ts'
import { AGENT_PATHS, AGENT_SERVER_NAME, AGENT_WIRE } from '../../src/contract/agent.ts'
import { DAY, HOUR, MINUTE } from '../../src/domain/time.ts'
import type { HostId } from '../../src/domain/hosts/host.ts'
import { AgentHub, type Bye } from '../../src/server/agents/agent-hub.ts'
import { watchTrust } from '../../src/server/agents/watch-trust.ts'
import { connectAgent, enrolled, factsOf, type Enrolled } from '../support/simulated-agent.ts'
import { openAgentDoor, type AgentDoor } from './agent-door.ts'

let at: AgentDoor

beforeAll(async () => {
  at = await openAgentDoor()
})

afterAll(() => at.stop())

const becomes = async (name: string): Promise<Enrolled> => enrolled(at.door, await at.invite(name), name)
const soon = (condition: () => unknown): Promise<unknown> => vi.waitFor(condition, { timeout: 2_000, interval: 10 })
const reportOf = async (name: string) => at.listener.hub.reportOf((await at.host(name)).id)

describe('a thief who connects while the key is good, and is silent', () => {
  it('is not heard once the host is revoked', async () => {
    const thief = await connectAgent(await becomes('revoked'), { isSilent: true })
    const other = await connectAgent(await becomes('other'))
    await soon(async () => expect(await reportOf('other')).toBeDefined())
    await at.revoke('revoked')
    await at.revoke('other')
    // By now the server has looked whose connection is to be cut.
    await soon(() => expect(other.isOpen()).toBe(false))
    thief.report({ sequence: 1_000 })
    await soon(() => expect(thief.bye()?.code).toBe('HostCertificateNotInForce'))
    expect(await reportOf('revoked')).toBeUndefined()
  })

  it('does not take over from the host that was enrolled anew', async () => {
    const thief = await connectAgent(await becomes('again'), { isSilent: true })
    const agent = await connectAgent(await becomes('again'))
    await soon(async () => expect(await reportOf('again')).toBeDefined())
    thief.report({ sequence: 1_000 })
    await soon(() => expect(thief.bye()?.code).toBe('HostCertificateNotInForce'))
    expect([agent.isOpen(), (await at.host('again')).revokedAt]).toEqual([true, undefined])
    await agent.close()
  })
})

describe('a thief who renews the certificate before its host does', () => {
  it('takes over from nobody: the host goes on coming with the one before, and then neither is let in', async () => {
    const other = await openAgentDoor()
    try {
      const host = await enrolled(other.door, await other.invite('copied'))
      const clock = async (who: Enrolled) => (await other.call(who, 'GET', AGENT_PATHS.clock)).body.error?.code
      const { key, csr } = newKeyWithRequest()
      const { body } = await other.call(host, 'POST', AGENT_PATHS.renew, { csr })
      const thief = { ...host, key, certificate: body.certificate as string }
      expect(await clock(thief)).toBeUndefined()
      // A call of the host that was under way proves nothing yet.
      expect(await clock(host)).toBe('HostCertificateNotInForce')
      expect((await other.host('copied')).revokedBecause).toBeUndefined()
      other.moveClock(6 * MINUTE)
      expect(await clock(host)).toBe('HostCertificateNotInForce')
      expect((await other.host('copied')).revokedBecause).toBe('cloned')
      expect(await clock(thief)).toBe('HostCertificateNotInForce')
      expect(await other.audit('host.cloned')).toEqual([expect.stringContaining('copied')])
    } finally {
      await other.stop()
    }
  })

  it('is no reason to doubt a host that was enrolled anew, whoever comes with what was good before', async () => {
    const other = await openAgentDoor()
    try {
      const before = await enrolled(other.door, await other.invite('anew'))
      const after = await enrolled(other.door, await other.invite('anew'))
      other.moveClock(6 * MINUTE)
      expect((await other.call(before, 'GET', AGENT_PATHS.clock)).body.error.code).toBe('HostCertificateNotInForce')
      expect((await other.call(after, 'GET', AGENT_PATHS.clock)).status).toBe(200)
    } finally {
      await other.stop()
    }
  })
})

describe('a certificate that ends', () => {
  it('lets nobody in any more, whatever TLS remembers of it', async () => {
    const other = await openAgentDoor()
    try {
      const who = await enrolled(other.door, await other.invite('ends'))
      other.moveClock(30 * DAY)
      const { body } = await other.call(who, 'GET', AGENT_PATHS.clock)
      expect(body.error.message).toContain('CERT_HAS_EXPIRED')
    } finally {
      await other.stop()
    }
  })

  it('ends the connection that was made with it', async () => {
    const hub = new AgentHub()
    const byes: Bye[] = []
    const connection = {
      fingerprint: 'aa',
      address: '',
      endsAt: 1_000,
      send: () => {},
      heardAt: () => 0,
      isAlive: async () => true,
    }
    const state = { version: '', shields: [], held: [], lingering: [], impossible: [], left: [] }
    const close = (bye: Bye): number => byes.push(bye)
    hub.begin('id' as HostId, { ...connection, close }, { sequence: 1, bootId: 'boot-1', state }) // what a test calls it
    const timer = { sleep: () => new Promise<void>((resolve) => setImmediate(resolve)) }
    let now = 999
    const log = { error: () => {}, warn: () => {}, info: () => {} }
    const reads = { hosts: { version: async () => -1 } }
    const store = { reads } as unknown as AgentDoor['store'] // it has nothing else to ask
    const watch = watchTrust({ store, log, owner: 'o', clock: { now: () => now }, timer, onHosts: () => {} }, hub)
    watch.start()
    await timer.sleep()
    expect(byes).toEqual([])
    now = 1_000
    await soon(() => expect(byes[0]?.message).toContain('has ended'))
    await watch.stop()
  })
})

describe('an agent that polls', () => {
  const reportBy = (who: Enrolled, sequence: number, bootId: string) => {
    const state = { version: '', shields: [], held: [], lingering: [], impossible: [], left: [] }
    return at.call(who, 'POST', AGENT_PATHS.report, { type: 'report', report: { sequence, bootId, state } })
  }

  it('is no clone when its host was booted anew, and is one when the boot before goes on', async () => {
    const who = await becomes('polls')
    await reportBy(who, 1, 'boot-1')
    await soon(async () => expect(await reportOf('polls')).toBeDefined())
    await reportBy(who, 1_001, 'boot-2')
    await soon(async () => expect((await reportOf('polls'))?.bootId).toBe('boot-2'))
    expect((await at.host('polls')).revokedAt).toBeUndefined()
    await reportBy(who, 2, 'boot-1')
    await soon(async () => expect((await at.host('polls')).revokedBecause).toBe('cloned'))
  })
})

describe('who has no certificate', () => {
  const secure = async () => {
    const port = Number(new URL(at.door.server).port)
    const socket = connect({ port, host: '127.0.0.1', ca: at.door.authority, servername: AGENT_SERVER_NAME })
    await once(socket, 'secureConnect')
    return socket
  }

  it('cannot call for a person by hanging up', async () => {
    const cut = await secure()
    cut.write(`POST ${AGENT_PATHS.enroll} HTTP/1.1\r\nhost: a\r\ncontent-length: 1000\r\n\r\n{`, () => cut.destroy())
    await once(cut, 'close')
    await at.call(at.door, 'GET', AGENT_PATHS.clock)
    expect(at.errors).not.toContain('a call of an agent failed')
  })

  it('cannot call for a person by asking for what is no address', async () => {
    const odd = await secure()
    odd.write('GET // HTTP/1.1\r\nhost: a\r\n\r\n')
    const [answer] = (await once(odd, 'data')) as [Buffer]
    odd.destroy()
    expect(answer.toString()).toContain('404')
    expect(at.errors).not.toContain('a call of an agent failed')
  })

  it('is on record a few times, however many tries come at once', async () => {
    const body = JSON.stringify({ wire: AGENT_WIRE, token: 'guess', csr: '', facts: factsOf('a') })
    const before = (await at.audit('host.turned-away')).length
    const sockets = await Promise.all(Array.from({ length: 40 }, secure))
    for (const socket of sockets)
      socket.write(`POST ${AGENT_PATHS.enroll} HTTP/1.1\r\nhost: a\r\ncontent-length: ${body.length}\r\n\r\n`)
    // By the time of another's answer all have been let try.
    await at.call(at.door, 'GET', AGENT_PATHS.clock)
    const answers = sockets.map((socket) => once(socket, 'data'))
    for (const socket of sockets) socket.write(body)
    await Promise.all(answers)
    for (const socket of sockets) socket.destroy()
    at.moveClock(MINUTE)
    const told = (await at.audit('host.turned-away')).length - before
    expect(told).toBeGreaterThan(0)
    expect(told).toBeLessThanOrEqual(10 + 1)
  })
})

describe('an agent whose host was revoked', () => {
  it('is on record when it comes, once an hour however often', async () => {
    const other = await openAgentDoor()
    try {
      const host = await enrolled(other.door, await other.invite('gone'))
      await other.revoke('gone')
      const come = async () => (await other.call(host, 'GET', AGENT_PATHS.clock)).body.error?.code
      expect([await come(), await come()]).toEqual(['HostCertificateNotInForce', 'HostCertificateNotInForce'])
      const told = ['HostCertificateNotInForce']
      expect(await other.audit('host.turned-away')).toEqual(told)
      other.moveClock(HOUR)
      await come()
      expect(await other.audit('host.turned-away')).toEqual([...told, ...told])
    } finally {
      await other.stop()
    }
  })
})

describe('a host that lies', () => {
  it('is not kept with more of itself than it may say when it enrols', async () => {
    const liar = await connectAgent(await becomes('liar'), {
      facts: { ...factsOf('liar'), system: 'x'.repeat(100_000) },
    })
    await soon(async () => expect((await at.host('liar')).seenAt).toBeDefined())
    expect((await at.host('liar')).facts?.length).toBeLessThan(1_000)
    await liar.close()
  })

  it('is not taken apart when it says more than any host has to tell', async () => {
    const who = await becomes('million')
    const texts = Array.from({ length: 1_300_000 }, () => '').join('","')
    const state = `{"version":"","shields":[],"held":[],"lingering":["${texts}"],"impossible":[],"left":[]}`
    const body = `{"type":"report","report":{"sequence":1,"bootId":"boot-1","state":${state}}}`
    expect((await at.call(who, 'POST', AGENT_PATHS.report, body)).status).toBe(400)
    const agent = await connectAgent(who, { isSilent: true })
    agent.sendText(body)
    await soon(() => expect(agent.isOpen()).toBe(false))
    expect(await reportOf('million')).toBeUndefined()
  })
})
