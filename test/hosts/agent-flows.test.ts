/** Who is connected to a host with an agent, who is cut off when access ends, and who gets in by the rules of others. */
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { NetProbe } from '../support/net-probe.ts'
import { startRemote, type Remote } from '../support/remote.ts'
import type { Reply } from '../support/reply.ts'
import { createHostsLab, type HostsLab, type Running } from './hosts-lab.ts'
import { serveHost, type ServedHost } from './served-host.ts'

const PROBE = join(import.meta.dirname, '../support/net-probe.ts')
const VERSION = '?api-version=2020-01-01'
const PATIENCE = { timeout: 10_000 }
const [CUT, WARN] = [22, 3389]

let lab: HostsLab
let served: ServedHost
let friend: Remote<NetProbe>
let stranger: Remote<NetProbe>
let host: Remote<NetProbe>
let machine: string
let policy: string
let agent: Running

const call: ServedHost['call'] = (...asked) => served.call(...asked)
const listOf = async (path: string): Promise<Reply['body']> => (await call('GET', path)).body.value

beforeAll(async () => {
  lab = createHostsLab()
  ;[host, friend, stranger] = (await Promise.all(
    (['web1', 'friend', 'attacker'] as const).map((place) => startRemote<NetProbe>(lab.name(place), PROBE)),
  )) as [Remote<NetProbe>, Remote<NetProbe>, Remote<NetProbe>] // three places
  await host.call('listenTcp', [CUT, WARN])
  served = await serveHost(lab, 'web1')
  ;({ agent, machine, policy } = served)
}, 60_000)
afterAll(async () => {
  await served.stop()
  for (const one of [friend, stranger, host]) await one.kill()
  await lab.remove()
})

/** Where the friend's connection comes from, as the shell that somebody types in says it. */
function friendsShell(): string {
  const [, port = ''] =
    /:(\d+)\s*$/.exec(lab.run('web1', ['ss', '-Htn', 'state', 'established', `sport = :${CUT}`])) ?? []
  return `${lab.addressFrom('web1', 'friend')} ${port}`
}

it('refuses to protect the port that the command itself was typed over, and names the connection', async () => {
  await friend.call('dial', lab.addressOf('web1', 'friend'), CUT)
  const ports = [{ number: CUT, protocol: 'TCP', allowedSourceAddressPrefix: '*', maxRequestAccessDuration: 'PT1H' }]
  const body = { kind: 'Basic', properties: { virtualMachines: [{ id: machine, ports }] } }
  const shell = { 'x-sallyport-shell': friendsShell() }
  const refused = await call('PUT', `${policy}${VERSION}`, body, shell)
  const message = expect.stringMatching(
    /^port 22 of web1 carries your own live connection from 10\.79\.1\.1, port \d+/,
  ) as unknown
  expect(refused).toMatchObject({ status: 409, body: { error: { code: 'WouldCutYourOwnConnection', message } } })
  await friend.call('hangUp')
})

it('tells who gets in before it is protected, by the rule that lets them', async () => {
  const category = async (): Promise<Reply['body']> => (await listOf('/api/v1/posture'))[0]
  await expect.poll(category, PATIENCE).toMatchObject({ category: 'notConfigured', severity: 'High' })
  const rule = (number: number, onExpiry: string): object => {
    return { number, protocol: 'TCP', allowedSourceAddressPrefix: '*', maxRequestAccessDuration: 'PT1H', onExpiry }
  }
  const virtualMachines = [{ id: machine, ports: [rule(CUT, 'cut'), rule(WARN, 'warn')] }]
  const body = { kind: 'Basic', properties: { virtualMachines } }
  expect((await call('PUT', `${policy}${VERSION}`, body)).status).toBe(200)
  await expect.poll(() => stranger.call('connect', lab.addressOf('web1', 'attacker'), CUT), PATIENCE).toBe('closed')
  await expect.poll(category, PATIENCE).toMatchObject({ category: 'configured', health: 'Healthy' })
})

/** The id of the request that lets them in. */
async function open(number: number, role: 'friend' | 'attacker'): Promise<string> {
  const ports = [{ number, duration: 'PT1H', allowedSourceAddressPrefix: lab.addressFrom('web1', role) }]
  await call('POST', `${policy}/initiate${VERSION}`, { virtualMachines: [{ id: machine, ports }] })
  const [{ id }] = await listOf('/api/v1/requests')
  const probe = role === 'friend' ? friend : stranger
  await expect.poll(() => probe.call('connect', lab.addressOf('web1', role), number), PATIENCE).toBe('open')
  return id
}

async function connected(): Promise<string[]> {
  const flows: readonly Record<string, string>[] = await listOf(`/api/v1/flows?machine=${machine}`)
  return flows.map((flow) => `${flow['from']} ${flow['port']} ${flow['state']}`).sort()
}

it('tells who is connected, and cuts off exactly those whose access has ended', async () => {
  const mine = await open(CUT, 'friend')
  await open(CUT, 'attacker')
  await friend.call('dial', lab.addressOf('web1', 'friend'), CUT)
  await stranger.call('dial', lab.addressOf('web1', 'attacker'), CUT)
  const [first, second] = [lab.addressFrom('web1', 'friend'), lab.addressFrom('web1', 'attacker')]
  expect(await connected()).toEqual([`${first} ${CUT} open`, `${second} ${CUT} open`])
  await call('POST', `/api/v1/requests/${mine}/close`, {})
  await expect.poll(() => friend.call('speak', 100), PATIENCE).toBe(false)
  expect(await stranger.call('speak')).toBe(true)
  expect(await connected()).toEqual([`${second} ${CUT} open`])
  await expect
    .poll(() => listOf('/api/v1/audit?action=access.cut'), PATIENCE)
    .toMatchObject([{ request: mine, data: { connected: [expect.stringContaining(`${first}:`) as unknown] } }])
  expect(await listOf('/api/v1/audit?action=point.drifted')).toEqual([])
})

it('tells of who outlived their access where the policy says warn', async () => {
  const request = await open(WARN, 'friend')
  await friend.call('dial', lab.addressOf('web1', 'friend'), WARN)
  await call('POST', `/api/v1/requests/${request}/close`, {})
  expect(await friend.call('speak')).toBe(true)
  await expect.poll(() => listOf('/api/v1/audit?action=access.outlived'), PATIENCE).toMatchObject([{ request }])
  expect(await listOf('/api/v1/findings')).toMatchObject([{ kind: 'outlived' }])
})

it('does not say that nobody is connected where a host that let somebody in cannot be asked', async () => {
  await agent.kill()
  const untold = async (): Promise<Reply['body']> => (await call('GET', '/api/v1/flows')).body.untold
  const reason = expect.stringMatching(/cannot tell now: .*web1/) as unknown
  await expect.poll(untold, PATIENCE).toMatchObject([{ machine: expect.stringMatching(/web1$/) as unknown, reason }])
})
