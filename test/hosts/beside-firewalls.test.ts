/**
 * Hosts with agents beside the firewalls of others, the real ones: whatever those do with their own rules, nobody without
 * access gets in, whoever has access does, and what an administrator lets everybody in by is closed. The agents hold no
 * table, so that everything has to be put right that anybody takes away.
 */
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { NetProbe } from '../support/net-probe.ts'
import { isInstalled, startFirewall, type FirewallName, type OtherFirewall } from '../support/other-firewalls.ts'
import { startRemote, type Remote } from '../support/remote.ts'
import type { Api } from '../support/api-worker.ts'
import type { Attacker } from './attacker-worker.ts'
import { apiOf, createHostsLab, HOSTS, type HostName, type HostsLab } from './hosts-lab.ts'

const PORT = 2222
const VERSION = '?api-version=2020-01-01'
const PROBE = join(import.meta.dirname, '../support/net-probe.ts')

// On a machine that is busy with other tests.
vi.setConfig({ testTimeout: 60_000 })

let lab: HostsLab
let api: Remote<Api>
let friend: Remote<NetProbe>
let attacker: Remote<Attacker>
const remotes: { kill(): Promise<void> }[] = []
const firewalls: OtherFirewall[] = []

async function remote<Made>(place: HostName | 'server' | 'friend' | 'attacker', file: string, args: string[] = []) {
  const started = await startRemote<Made>(lab.name(place), file, args)
  remotes.push(started)
  return started
}

beforeAll(async () => {
  lab = createHostsLab()
  await lab.startServer()
  const { url, token } = apiOf(lab)
  api = await remote<Api>('server', join(import.meta.dirname, '../support/api-worker.ts'), [url, token])
  friend = await remote<NetProbe>('friend', PROBE)
  attacker = await remote<Attacker>('attacker', join(import.meta.dirname, 'attacker-worker.ts'))
  for (const host of HOSTS) {
    const listener = await remote<NetProbe>(host, PROBE)
    await listener.call('listenTcp', [PORT])
    const words = String((await called('POST', `/api/v1/hosts/${host}/enroll`, {})).command).split(' ')
    lab.agent(host, words.slice(words.indexOf('enroll')))
    lab.startAgent(host, { args: ['--own-table', 'off'] })
    await vi.waitUntil(() => lab.isConnected(host), { timeout: 20_000, interval: 50 })
  }
  await protect()
  const doors = HOSTS.map((host) => ({ address: lab.addressOf(host, 'attacker'), port: PORT }))
  await attacker.call('attack', doors)
}, 60_000)

afterAll(async () => {
  for (const firewall of firewalls) firewall.stop()
  for (const one of remotes) await one.kill()
  await lab.remove()
})

async function called(method: string, path: string, body?: object) {
  const answer = await api.call('call', method, path, body)
  expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(300)
  return answer.body
}

async function idOf(host: HostName): Promise<string> {
  return String((await called('GET', `/api/v1/hosts/${host}`)).id)
}

async function policy(): Promise<string> {
  const [group = ''] = (await idOf('web1')).split('/providers/')
  return `${group}/providers/Microsoft.Security/locations/local/jitNetworkAccessPolicies/default`
}

async function protect(): Promise<void> {
  const ports = [{ number: PORT, protocol: 'TCP', allowedSourceAddressPrefix: '*', maxRequestAccessDuration: 'PT3H' }]
  const virtualMachines = await Promise.all(HOSTS.map(async (host) => ({ id: await idOf(host), ports })))
  await called('PUT', `${await policy()}${VERSION}`, { kind: 'Basic', properties: { virtualMachines } })
}

async function letFriendIn(host: HostName): Promise<void> {
  const endTimeUtc = new Date(Date.now() + 600_000).toISOString()
  const ports = [{ number: PORT, allowedSourceAddressPrefix: lab.addressFrom(host, 'friend'), endTimeUtc }]
  const virtualMachines = [{ id: await idOf(host), ports }]
  await called('POST', `${await policy()}/initiate${VERSION}`, { virtualMachines })
}

const friendAt = (host: HostName): Promise<string> => friend.call('connect', lab.addressOf(host, 'friend'), PORT, 2_000)

async function start(name: FirewallName, host: HostName): Promise<OtherFirewall> {
  const firewall = await startFirewall(name, lab.name(host))
  firewalls.push(firewall)
  return firewall
}

/** Whoever has access gets in, and of the attacker's tries, of which there were some, none got through. */
async function doorsOf(host: HostName): Promise<object> {
  const friendSees = await friendAt(host)
  const { probes, letIn } = await attacker.call('tally')
  return { friend: friendSees, attacker: probes === 0 ? 'does not try' : letIn }
}

const HOLDS = { friend: 'open', attacker: [] }

describe.skipIf(!isInstalled('ufw'))('beside ufw', () => {
  it('what it allows is closed, and its reload, its end and its start let nobody in', async () => {
    await letFriendIn('web1')
    const ufw = await start('ufw', 'web1')
    ufw.run('ufw', 'allow', `${PORT}/tcp`)
    expect(await doorsOf('web1')).toEqual(HOLDS)
    for (const command of [['reload'], ['disable'], ['--force', 'enable'], ['reload']]) {
      ufw.run('ufw', ...command)
      expect(await doorsOf('web1')).toEqual(HOLDS)
    }
  })
})

describe.skipIf(!isInstalled('firewalld'))('beside firewalld', () => {
  it('what it allows is closed, and its reloads let nobody in', async () => {
    await letFriendIn('web2')
    const firewalld = await start('firewalld', 'web2')
    firewalld.run('firewall-cmd', '--permanent', `--add-port=${PORT}/tcp`)
    for (const how of ['--reload', '--complete-reload']) {
      firewalld.run('firewall-cmd', how)
      expect(await doorsOf('web2')).toEqual(HOLDS)
    }
  })
})

describe('an administrator who loads all rules anew', () => {
  it('takes ours away for less than a second, and is on record at the server', async () => {
    await letFriendIn('web2')
    lab.run('web2', ['nft', 'flush', 'ruleset'])
    const isBack = (): boolean => lab.run('web2', ['nft', 'list', 'tables']).includes('inet sallyport')
    await vi.waitUntil(isBack, { timeout: 1_000, interval: 10 })
    await vi.waitFor(async () => expect(await friendAt('web2')).toBe('open'), { timeout: 5_000 })
    const drifted = async (): Promise<string> =>
      JSON.stringify(await called('GET', '/api/v1/audit?action=point.drifted'))
    await vi.waitFor(async () => expect(await drifted()).toMatch(/process \d+ \(nft\)/), { timeout: 10_000 })
  })
})
