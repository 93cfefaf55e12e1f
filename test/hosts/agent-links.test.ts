/** What goes between server and agent once it is let in: by a stream, by polls, over slow networks and to the end. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { AgentLook } from '../../src/app/ports/hosts.ts'
import { openServerLine } from '../../src/agent/link/server-line.ts'
import { pollLink } from '../../src/agent/link/poll-link.ts'
import type { Link } from '../../src/agent/link/link.ts'
import { AGENT_PATHS, type HostDocument, type HostReport, type ToAgent } from '../../src/contract/agent.ts'
import type { Slot } from '../../src/domain/access/hole.ts'
import type { HostId } from '../../src/domain/hosts/host.ts'
import { MINUTE } from '../../src/domain/time.ts'
import { connectAgent, enrolled, type Enrolled, type SimulatedAgent } from '../support/simulated-agent.ts'
import { openAgentDoor, type AgentDoor } from './agent-door.ts'

let at: AgentDoor
let web1: Enrolled
let id: HostId
let isOpen: boolean

beforeEach(async () => {
  at = await openAgentDoor()
  isOpen = true
  web1 = await enrolled(at.door, await at.invite('web1'))
  id = (await at.host('web1')).id
})

afterEach(async () => {
  if (isOpen) await at.stop()
})

const soon = (condition: () => unknown): Promise<unknown> => vi.waitFor(condition, { timeout: 2_000, interval: 10 })
const within = (): AbortSignal => AbortSignal.timeout(2_000)

const EVERYTHING: AgentLook = { scope: 'all', flows: true }

const aDocument = (version: string, padding = 0): HostDocument => ({
  version,
  machine: 'm',
  sentAt: 0,
  shields: [{ machine: 'm', policy: 'x'.repeat(padding + 1), ports: [{ number: 22, protocol: 'TCP' }] }],
  holes: [],
  settings: { drift: 'repair' },
})

const isHere = (): Promise<unknown> => soon(() => expect(at.listener.hub.reportOf(id)).toBeDefined())

describe('by a stream', () => {
  it('a document comes back as the report about it, a look as what is seen, and the log as its lines', async () => {
    const agent = await connectAgent(web1)
    await isHere()
    const { hub } = at.listener
    expect((await hub.offer(id, aDocument('v1'), within())).state.version).toBe('v1')
    expect((await hub.look(id, EVERYTHING, within())).sequence).toBe(agent.sequence())
    expect(await hub.logs(id, 10, within())).toEqual([{ at: 1, level: 'info', text: 'hi' }])
    await agent.close()
  })

  it('a document that gave way to another is not waited for', async () => {
    const agent = await connectAgent(web1)
    await isHere()
    const first = at.listener.hub.offer(id, aDocument('v1'), within())
    const second = at.listener.hub.offer(id, aDocument('v2'), within())
    await expect(first).rejects.toThrow('another document')
    expect((await second).state.version).toBe('v2')
    await agent.close()
  })

  it('only the newest document waits for an agent that does not read', async () => {
    const got: string[] = []
    const agent = await connectAgent(web1, { onDocument: ({ version }) => got.push(version) })
    await isHere()
    agent.freeze()
    // More than what the network in between takes: from the second on they wait.
    for (let n = 1; n <= 40; n += 1) at.listener.hub.offer(id, aDocument(`v${n}`, 4_000_000), within()).catch(() => {})
    agent.thaw()
    await vi.waitFor(() => expect(got.at(-1)).toBe('v40'), { timeout: 5_000, interval: 10 })
    expect(got.length).toBeLessThan(10)
    await agent.close()
  })

  it('the end of the connection ends every wait', async () => {
    const agent = await connectAgent(web1)
    await isHere()
    agent.freeze()
    const waits = [at.listener.hub.offer(id, aDocument('v1'), within()), at.listener.hub.look(id, EVERYTHING, within())]
    at.listener.hub.cut(id, 'Gone', 'gone')
    for (const wait of waits) await expect(wait).rejects.toThrow('ended')
    agent.thaw()
    await agent.close()
  })

  it('the server says goodbye, with a time to come back that is each agent’s own', async () => {
    const agent = await connectAgent(web1)
    await isHere()
    isOpen = false
    await at.stop()
    expect(agent.bye()?.code).toBe('ServerStops')
    expect(agent.bye()?.retryAfter).toBeLessThanOrEqual(1_000)
  })
})

describe('by polls, where no stream gets through', () => {
  it('the real agent’s link gets documents and tells of them', async () => {
    const line = openServerLine({ ...web1, env: {} })
    const heard: ToAgent[] = []
    const end = new AbortController()
    let link: Link | undefined
    const report = (sequence: number, version: string): HostReport => ({
      sequence,
      bootId: 'boot-1',
      state: { version, shields: [], held: [], lingering: [], impossible: [], left: [] },
    })
    const over = pollLink(line)(
      {
        onOpen: (opened) => {
          link = opened
          link.send({ type: 'report', report: report(1, '') })
        },
        onMessage: (message) => {
          heard.push(message)
          if (message.type === 'document') link?.send({ type: 'report', report: report(2, message.document.version) })
          if (message.type === 'look') link?.send({ type: 'report', report: report(3, 'v1') })
        },
      },
      end.signal,
    )
    await isHere()
    expect((await at.listener.hub.offer(id, aDocument('v1'), within())).state.version).toBe('v1')
    expect((await at.listener.hub.look(id, EVERYTHING, within())).sequence).toBe(3)
    at.listener.hub.cut(id, 'HostRevoked', 'out')
    await soon(() => expect(heard.at(-1)).toMatchObject({ type: 'bye', code: 'HostRevoked' }))
    end.abort()
    await over
    line.close()
  })

  const poll = (after: string) => at.call(web1, 'GET', `${AGENT_PATHS.document}?after=${after}`)
  const tell = async (sequence: number, more: Partial<HostReport> = {}): Promise<void> => {
    const state = { version: '', shields: [], held: [], lingering: [], impossible: [], left: [] }
    const report: HostReport = { sequence, bootId: 'b', state, ...more }
    expect((await at.call(web1, 'POST', AGENT_PATHS.report, { type: 'report', report })).status).toBe(204)
  }

  it('what somebody wants to be looked at while the agent asks nothing is one question, with all their names', async () => {
    await tell(1)
    await isHere()
    const slots = ['m|22|any', 'm|80|any'] as Slot[] // as slotOf makes them
    const looks = slots.map((slot) => at.listener.hub.look(id, { scope: new Set([slot]), flows: false }, within()))
    const { body } = await poll('')
    expect(body).toMatchObject({ type: 'look', slots, flows: false })
    await tell(2, { looks: body.ids })
    expect((await Promise.all(looks)).map(({ sequence }) => sequence)).toEqual([2, 2])
  })

  it('a document whose answer was lost is answered again', async () => {
    await tell(1)
    await isHere()
    at.listener.hub.offer(id, aDocument('v1'), within()).catch(() => {})
    expect((await poll('')).body.document.version).toBe('v1')
    expect((await poll('')).body.document.version).toBe('v1')
  })
})

describe('connections of one host', () => {
  it('that have said nothing wait by a few only: the newest, beside the one that is here', async () => {
    const here = await connectAgent(web1)
    await isHere()
    const silent: SimulatedAgent[] = []
    for (let n = 0; n < 12; n += 1) silent.push(await connectAgent(web1, { isSilent: true }))
    await soon(() =>
      expect(silent.map((one) => one.isOpen())).toEqual([...Array(8).fill(false), true, true, true, true]),
    )
    expect(silent[0]?.bye()?.code).toBe('TakenOver')
    expect([here.isOpen(), at.listener.hub.size]).toEqual([true, 1])
    const other = await enrolled(at.door, await at.invite('web2'))
    const another = await connectAgent(other)
    await soon(() => expect(at.listener.hub.size).toBe(2))
    for (const one of [...silent, here, another]) await one.close()
  })

  it('are one where each reports: the newest, and a second machine among them is noticed as ever', async () => {
    const agents: SimulatedAgent[] = []
    for (let n = 0; n < 6; n += 1) {
      agents.push(await connectAgent(web1, { sequence: n * 10 }))
      await soon(() => expect(at.listener.hub.reportOf(id)?.sequence).toBe(n * 10 + 1))
    }
    await soon(() => expect(agents.map((one) => one.isOpen())).toEqual([false, false, false, false, false, true]))
    expect((await at.host('web1')).revokedAt).toBeUndefined()
    const thief = await connectAgent(web1, { sequence: 500, bootId: 'another-machine' })
    await soon(async () => expect((await at.host('web1')).revokedBecause).toBe('cloned'))
    for (const one of [...agents, thief]) await one.close()
  })
})

describe('who was away', () => {
  it('is away since it was last heard, not since somebody noticed', async () => {
    const agent = await connectAgent(web1)
    await isHere()
    agent.freeze()
    const heard = Date.now()
    at.moveClock(MINUTE)
    at.listener.hub.dismiss(id, { code: 'Silent', message: 'nothing came for 45 s' })
    await soon(async () => expect((await at.host('web1')).goneAt).toBeLessThanOrEqual(heard))
    agent.thaw()
    await agent.close()
  })

  it('is away since the connection ended, where it says so itself', async () => {
    const agent = await connectAgent(web1)
    await isHere()
    const before = Date.now()
    at.moveClock(MINUTE)
    await agent.close()
    await soon(async () => expect((await at.host('web1')).goneAt).toBeGreaterThanOrEqual(before + MINUTE))
  })

  it('for a minute is told of once, and again when it is back', async () => {
    const agent = await connectAgent(web1)
    await isHere()
    await agent.close()
    await soon(async () => expect((await at.host('web1')).goneAt).toBeDefined())
    expect(await at.audit('host.unreachable')).toEqual([])
    at.moveClock(3 * MINUTE)
    await soon(async () => expect(await at.audit('host.unreachable')).toEqual(['web1']))
    const again = await connectAgent(web1, { sequence: 10 })
    await soon(async () => expect(await at.audit('host.connected')).toEqual(['web1', 'web1']))
    await again.close()
  })
})
