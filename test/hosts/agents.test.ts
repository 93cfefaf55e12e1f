/**
 * Two hosts with real agents, their server, a friend who asks, and an attacker without a grant who probes all the time:
 * through starts, crashes, an upgrade, partitions, other people's rules and a reboot. One life; the order of the tests is
 * its story. At no moment may a probe of the attacker get through.
 */
import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it, onTestFailed, vi } from 'vitest'
import { fakeWallClock } from '../support/fake-wall-clock.ts'
import type { NetProbe } from '../support/net-probe.ts'
import { startRemote, type Remote } from '../support/remote.ts'
import type { Reply } from '../support/reply.ts'
import type { Api } from '../support/api-worker.ts'
import type { Attacker } from './attacker-worker.ts'
import {
  apiOf,
  createHostsLab,
  HOSTS,
  type AgentStart,
  type HostName,
  type HostsLab,
  type Running,
} from './hosts-lab.ts'

const PORT = 2222
/** Nothing protects it: whoever gets no answer here is not connected. */
const OPEN_PORT = 8080
const VERSION = '?api-version=2020-01-01'
/** Nothing but what the unit leaves it: deploy/systemd/sallyport-agent.service. */
const AS_A_SERVICE = ['setpriv', '--bounding-set', '-all,+net_admin', '--no-new-privs']
const worker = (name: string): string => join(import.meta.dirname, name)
const PROBE = join(import.meta.dirname, '../support/net-probe.ts')

// On a machine that is busy with other tests.
vi.setConfig({ testTimeout: 60_000 })

let lab: HostsLab
let server: Running
let api: Remote<Api>
let friend: Remote<NetProbe>
let stranger: Remote<NetProbe>
let attacker: Remote<Attacker>
const agents = new Map<HostName, Running>()
const listeners: Remote<NetProbe>[] = []

beforeAll(async () => {
  lab = createHostsLab()
  for (const host of HOSTS) {
    const listener = await startRemote<NetProbe>(lab.name(host), PROBE)
    await listener.call('listenTcp', [PORT, OPEN_PORT])
    listeners.push(listener)
  }
  friend = await startRemote<NetProbe>(lab.name('friend'), PROBE)
  stranger = await startRemote<NetProbe>(lab.name('attacker'), PROBE)
  await startServer()
  for (const host of HOSTS) {
    await enroll(host)
    await startAgent(host)
  }
  await protect()
  attacker = await startAttacker()
}, 60_000)

afterAll(async () => {
  for (const one of [api, friend, stranger, attacker, ...listeners]) await one.kill()
  await lab.remove()
})

async function startServer(): Promise<void> {
  server = await lab.startServer()
  const { url, token } = apiOf(lab)
  api = await startRemote<Api>(lab.name('server'), worker('../support/api-worker.ts'), [url, token])
}

/** By the very command that the server prints. */
async function enroll(host: HostName): Promise<void> {
  const { body } = await api.call('call', 'POST', `/api/v1/hosts/${host}/enroll`, {})
  const words = String(body.command).split(' ')
  lab.agent(host, words.slice(words.indexOf('enroll')))
}

async function startAgent(host: HostName, options: AgentStart = {}): Promise<void> {
  agents.set(host, lab.startAgent(host, options))
  await until(async () => lab.isConnected(host))
}

async function startAttacker(): Promise<Remote<Attacker>> {
  const started = await startRemote<Attacker>(lab.name('attacker'), worker('attacker-worker.ts'))
  const doors = HOSTS.map((host) => ({ address: lab.addressOf(host, 'attacker'), port: PORT }))
  await started.call('attack', doors)
  return started
}

const until = (isSo: () => Promise<boolean>, timeout = 20_000): Promise<unknown> =>
  vi.waitUntil(isSo, { timeout, interval: 20 })

const hostOf = async (host: HostName): Promise<Reply['body']> =>
  (await api.call('call', 'GET', `/api/v1/hosts/${host}`)).body

async function policy(): Promise<string> {
  const { id } = await hostOf('web1')
  const [, subscription = ''] = /subscriptions\/([^/]+)/.exec(String(id)) ?? []
  return `/subscriptions/${subscription}/resourceGroups/default/providers/Microsoft.Security/locations/local/jitNetworkAccessPolicies/default`
}

async function protect(): Promise<void> {
  const ports = [{ number: PORT, protocol: 'TCP', allowedSourceAddressPrefix: '*', maxRequestAccessDuration: 'PT3H' }]
  const virtualMachines = await Promise.all(HOSTS.map(async (host) => ({ id: (await hostOf(host)).id, ports })))
  const path = `${await policy()}${VERSION}`
  const body = { kind: 'Basic', properties: { virtualMachines } }
  await until(async () => (await api.call('call', 'PUT', path, body)).status === 200)
}

/** The friend asks for so many seconds. */
async function request(host: HostName, seconds: number, source = lab.addressFrom(host, 'friend')): Promise<string> {
  const endTimeUtc = new Date(Date.now() + seconds * 1_000).toISOString()
  const ports = [{ number: PORT, allowedSourceAddressPrefix: source, endTimeUtc }]
  const virtualMachines = [{ id: (await hostOf(host)).id, ports }]
  const path = `${await policy()}/initiate${VERSION}`
  const { status, body } = await api.call('call', 'POST', path, { virtualMachines, justification: 'a test' })
  expect(status, JSON.stringify(body)).toBe(202)
  return String(body.virtualMachines[0].ports[0].status)
}

/** What the record says became of the access for a source. */
async function reasonFor(host: HostName, source: string): Promise<string> {
  return eventsWith(host, source, 'access.failed')
}

/** The newest of the record in which all of that is written. */
async function eventsWith(...words: readonly string[]): Promise<string> {
  const { body } = await api.call('call', 'GET', '/api/v1/audit')
  const events: readonly string[] = body.value.map((event: unknown) => JSON.stringify(event))
  return events.filter((event) => words.every((word) => event.includes(word))).join('\n')
}

/** A closed door never answers: who expects an open one gives a busy machine time. */
const friendAt = (host: HostName, patience = 250): Promise<string> =>
  friend.call('connect', lab.addressOf(host, 'friend'), PORT, patience)

const opens = (host: HostName): Promise<unknown> => until(async () => (await friendAt(host)) === 'open')
const closes = (host: HostName): Promise<unknown> => until(async () => (await friendAt(host)) === 'closed')

async function nobodyGotIn(): Promise<void> {
  const { probes, letIn } = await attacker.call('tally')
  expect(letIn).toEqual([])
  // Somebody who does not knock is not let in either.
  expect(probes).toBeGreaterThan(100)
  for (const host of HOSTS)
    expect(await stranger.call('connect', lab.addressOf(host, 'attacker'), OPEN_PORT, 1_000)).toBe('open')
}

function showLogsOfAgents(): void {
  onTestFailed(() => {
    for (const [host, agent] of agents) console.error(`${host}:\n${agent.log()}`)
    console.error(`server:\n${server.log().slice(-3_000)}`)
  })
}

describe('two hosts that run the agent, probed all the time by somebody without a grant', () => {
  it('are closed to everybody once a policy protects them', async () => {
    showLogsOfAgents()
    for (const host of HOSTS) expect(await friendAt(host)).toBe('closed')
    await nobodyGotIn()
  })

  it('say before a port is protected what that means for the rules of others, and change nothing by saying it', async () => {
    showLogsOfAgents()
    const rules = [
      'type filter hook input priority 0',
      'ip saddr 203.0.113.0/24 tcp dport 2300 accept',
      'tcp dport 2300 accept',
      'meta length < 100 tcp dport 2300 accept',
    ]
    lab.run('web1', ['nft', `table inet theirs { chain input { ${rules.join(';')}; }; }`])
    const before = lab.run('web1', ['nft', '-s', 'list', 'ruleset'])
    const port = { protocol: 'TCP', allowedSourceAddressPrefix: '*', maxRequestAccessDuration: 'PT3H' }
    const ports = [PORT, 2300].map((number) => ({ ...port, number }))
    const virtualMachines = [{ id: (await hostOf('web1')).id, ports }]
    const path = `${await policy()}-proposed${VERSION}&dryRun=true`
    const said = async (): Promise<string[]> => {
      const { body } = await api.call('call', 'PUT', path, { kind: 'Basic', properties: { virtualMachines } })
      const steps: readonly { kind: string; text: string }[] = body.points[0].steps
      return steps.map(({ kind, text }) => `${kind}: ${text}`)
    }
    // What others write is read a moment later.
    await until(async () => (await said()).length === 3)
    expect(await said()).toEqual([
      expect.stringMatching(
        /^protect: close 2300\/TCP .* table inet theirs, .* accepts it from anywhere, and that ends now/,
      ),
      expect.stringMatching(/^protect: table inet theirs, .* may let something in on 2300\/TCP and cannot be read/),
      expect.stringMatching(/^import: keep 2300\/TCP from 203\.0\.113\.0\/24 open: table inet theirs/),
    ])
    expect(lab.run('web1', ['nft', '-s', 'list', 'ruleset'])).toBe(before)
    lab.run('web1', ['nft', 'delete table inet theirs'])
  })

  it('open one at a time, for one source, and close by themselves', async () => {
    showLogsOfAgents()
    expect(await request('web1', 4)).toBe('Initiated')
    expect([await friendAt('web1', 2_000), await friendAt('web2')]).toEqual(['open', 'closed'])
    await closes('web1')
    await nobodyGotIn()
  })

  it('keep what is open until its end, and what is closed closed, when the agent is killed', async () => {
    showLogsOfAgents()
    await request('web1', 4)
    await agents.get('web1')?.kill()
    expect(await friendAt('web1', 2_000)).toBe('open')
    await closes('web1')
    await startAgent('web1')
    await request('web1', 600)
    expect(await friendAt('web1', 2_000)).toBe('open')
    await nobodyGotIn()
  })

  it('keep what is open when the agent is upgraded to another program, which may only change the network', async () => {
    showLogsOfAgents()
    const program = buildProgram()
    await agents.get('web1')?.kill('SIGTERM')
    await startAgent('web1', { program: [...AS_A_SERVICE, program] })
    expect(await friendAt('web1', 2_000)).toBe('open')
    await nobodyGotIn()
  })

  it('go on when the server is killed, and are found again by the next one', async () => {
    showLogsOfAgents()
    await server.kill()
    await api.kill()
    expect(await friendAt('web1', 2_000)).toBe('open')
    await startServer()
    for (const host of HOSTS) await until(async () => lab.isConnected(host))
    await request('web2', 5)
    await opens('web2')
    expect(await friendAt('web1', 2_000)).toBe('open')
    await nobodyGotIn()
  })

  it('close on time where nobody reaches them; what is asked for meanwhile opens when they are back', async () => {
    showLogsOfAgents()
    lab.link('web2', 'server', 'down')
    expect(await friendAt('web2', 2_000)).toBe('open')
    await closes('web2')
    const missed = await request('web2', 1.5, '10.79.2.77')
    expect([missed, await request('web2', 600)]).toEqual(['Initiating', 'Initiating'])
    expect(await friendAt('web2')).toBe('closed')
    await pause(1_500)
    lab.link('web2', 'server', 'up')
    await opens('web2')
    await until(async () => (await reasonFor('web2', '10.79.2.77')) !== '', 25_000)
    await nobodyGotIn()
  })

  it('let nobody in when somebody flushes every rule: the table is held against everybody else', async () => {
    showLogsOfAgents()
    for (const host of HOSTS) lab.run(host, ['nft', 'flush', 'ruleset'])
    for (const host of HOSTS) expect(await friendAt(host, 2_000)).toBe('open')
    await nobodyGotIn()
  })

  it('are closed from the first packet on after a reboot, before any agent runs', async () => {
    showLogsOfAgents()
    await agents.get('web2')?.kill()
    for (const role of ['friend', 'attacker', 'server'] as const) lab.link('web2', role, 'down')
    lab.run('web2', ['nft', 'delete', 'table', 'inet', 'sallyport'])
    lab.run('web2', ['nft', '-f', join(lab.stateFolder('web2'), 'base.nft')])
    // What it counts by begins anew with a boot.
    rmSync(join(lab.stateFolder('web2'), 'clock.json'))
    for (const role of ['friend', 'attacker', 'server'] as const) lab.link('web2', role, 'up')
    // Else it would be the network that is not there yet which lets nobody in.
    await until(
      async () => (await friend.call('connect', lab.addressOf('web2', 'friend'), OPEN_PORT, 1_000)) === 'open',
    )
    expect(await friendAt('web2')).toBe('closed')
    await startAgent('web2')
    await opens('web2')
    expect(lab.run('web2', ['nft', 'list', 'tables'])).not.toContain('sallyport_base')
    await nobodyGotIn()
  })

  it('are probed thousands of times in all that, and let in not once', async () => {
    const { probes, letIn } = await attacker.call('tally')
    await attacker.kill()
    expect([probes > 3_000, letIn.length]).toEqual([true, 0])
    // For whoever reads the run.
    console.log(`${probes.toLocaleString('en')} probes, ${letIn.length} let in`)
  })
})

describe('a host whose kernel lets nobody hold a table', () => {
  it('is repaired within a second after somebody flushed every rule, and who did it is on record', async () => {
    showLogsOfAgents()
    await agents.get('web2')?.kill('SIGTERM')
    lab.run('web2', ['nft', 'delete', 'table', 'inet', 'sallyport'])
    await startAgent('web2', { args: ['--own-table', 'off'] })
    await opens('web2')
    lab.run('web2', ['nft', 'flush', 'ruleset'])
    await until(async () => isProtected('web2'), 1_000)
    await until(async () => /nft/.test(await driftOf('web2'))).catch(async (e) => {
      console.log(
        (await api.call('call', 'GET', '/api/v1/audit')).body.value.map((x: object) => JSON.stringify(x)).join('\n'),
      )
      throw e
    })
    expect(await stranger.call('connect', lab.addressOf('web2', 'attacker'), PORT)).toBe('closed')
  })
})

describe('a host whose agent may not change the firewall', () => {
  it('is told of as one that cannot be protected, with the reason, and stays closed as it was', async () => {
    showLogsOfAgents()
    await agents.get('web2')?.kill('SIGTERM')
    const { program } = lab
    await startAgent('web2', { program: ['setpriv', '--bounding-set', '-all', '--inh-caps', '-all', ...program] })
    await until(async () => (await hostOf('web2')).unsupported?.code === 'MissingPrivilege')
    const because = async (): Promise<object> => {
      const { body } = await api.call('call', 'GET', '/api/v1/posture')
      return body.value.find(({ name }: { name: string }) => name === 'web2').because
    }
    await vi.waitFor(
      async () => expect(await because()).toMatchObject({ code: 'NotEnforced', facts: { cause: 'MissingPrivilege' } }),
      { timeout: 20_000, interval: 100 },
    )
    expect(isProtected('web2')).toBe(true)
    expect(await stranger.call('connect', lab.addressOf('web2', 'attacker'), PORT)).toBe('closed')
  })
})

function isProtected(host: HostName): boolean {
  try {
    return lab.run(host, ['nft', 'list', 'set', 'inet', 'sallyport', 'managed']).includes(String(PORT))
  } catch {
    return false // the table is gone
  }
}

async function driftOf(host: HostName): Promise<string> {
  return eventsWith(host, 'drift')
}

describe('the attacker', () => {
  it('would have seen a door that stands open for 50 milliseconds', async () => {
    const planted = await startAttacker()
    await agents.get('web1')?.kill()
    lab.run('web1', ['nft', 'delete', 'table', 'inet', 'sallyport'])
    await pause(50)
    lab.run('web1', ['nft', '-f', join(lab.stateFolder('web1'), 'base.nft')])
    const { letIn } = await planted.call('tally')
    await planted.kill()
    expect(letIn.length).toBeGreaterThan(0)
  })
})

describe('a host whose wall clock jumps by hours while the agent runs', () => {
  it('closes early rather than late, and opens again what is left once it has asked for the time', async () => {
    showLogsOfAgents()
    const clock = fakeWallClock(join(lab.folder, 'wall-clock'))
    const source = lab.addressFrom('web1', 'attacker')
    const door = lab.addressOf('web1', 'attacker')
    await agents.get('web1')?.kill('SIGTERM')
    await startAgent('web1', { program: [...clock.command, builtProgram()] })
    const prober = await startAttacker()
    const isLetIn = (): Promise<string> => stranger.call('connect', door, PORT, 250)

    clock.jumpTo('-5h')
    const before = Date.now()
    expect(await request('web1', 3, source)).toBe('Initiated')
    await until(async () => (await prober.call('tally')).letIn.length > 0)
    // So that nobody tells it that the end has come.
    lab.link('web1', 'server', 'down')
    await pause(before + 4_000 - Date.now())
    lab.link('web1', 'server', 'up')
    const { letIn } = await prober.call('tally')
    await prober.kill()
    // A millisecond for what lies between this clock's two looks.
    expect(letIn.filter(({ at }) => at > before + 3_000 + 1)).toEqual([])

    expect(await request('web1', 60, source)).toBe('Initiated')
    expect(await isLetIn()).toBe('open')
    clock.jumpTo('+3h')
    await until(async () => (await isLetIn()) === 'closed', 3_000)
    clock.jumpTo('-5h')
    await pause(500)
    expect(await isLetIn()).toBe('closed')
    await agents.get('web1')?.kill('SIGTERM')
    clock.jumpTo('+0')
    await startAgent('web1', { program: [...clock.command, builtProgram()] })
    await until(async () => (await isLetIn()) === 'open')
  })
})

const builtAt = (): string => join(lab.folder, 'built')
const builtProgram = (): string => join(builtAt(), 'sallyport-agent-linux-x64')

/** The program as a host gets it. */
function buildProgram(): string {
  const out = builtAt()
  execFileSync(process.execPath, [join(import.meta.dirname, '../../script/build-agent.ts'), out], { stdio: 'pipe' })
  return builtProgram()
}
