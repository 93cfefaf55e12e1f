/** A host whose disk is full while its agent runs: what is to be closed is closed, and the agent goes on. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { NetProbe } from '../support/net-probe.ts'
import { startRemote, type Remote } from '../support/remote.ts'
import type { Reply } from '../support/reply.ts'
import { createHostsLab, type HostsLab, type Running } from './hosts-lab.ts'
import { serveHost, type ServedHost } from './served-host.ts'

const SUPPORT = join(import.meta.dirname, '../support')
const VERSION = '?api-version=2020-01-01'
const PATIENCE = { timeout: 10_000 }
const PORT = 22

let lab: HostsLab
let served: ServedHost
let friend: Remote<NetProbe>
let host: Remote<NetProbe>
let machine: string
let policy: string
let agent: Running

const call: ServedHost['call'] = (...asked) => served.call(...asked)
const listOf = async (path: string): Promise<Reply['body']> => (await call('GET', path)).body.value

beforeAll(async () => {
  lab = createHostsLab()
  mkdirSync(lab.stateFolder('web1'))
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=512k', 'none', lab.stateFolder('web1')])
  host = await startRemote<NetProbe>(lab.name('web1'), join(SUPPORT, 'net-probe.ts'))
  friend = await startRemote<NetProbe>(lab.name('friend'), join(SUPPORT, 'net-probe.ts'))
  await host.call('listenTcp', [PORT])
  served = await serveHost(lab, 'web1')
  ;({ agent, machine, policy } = served)
}, 60_000)
afterAll(async () => {
  // Also where not all of it came to be; what is still in it goes with the last who uses it.
  execFileSync('umount', ['--lazy', lab.stateFolder('web1')])
  await served.stop()
  for (const one of [friend, host]) await one.kill()
  await lab.remove()
})

const filling = (): string => join(lab.stateFolder('web1'), 'of-somebody-else')

function fill(): void {
  for (let bytes = 1 << 20; bytes >= 1; bytes >>= 1)
    for (;;)
      try {
        writeFileSync(filling(), Buffer.alloc(bytes), { flag: 'a' })
      } catch {
        break
      }
}

async function open(from = lab.addressFrom('web1', 'friend')): Promise<string> {
  const ports = [{ number: PORT, duration: 'PT1H', allowedSourceAddressPrefix: from }]
  await call('POST', `${policy}/initiate${VERSION}`, { virtualMachines: [{ id: machine, ports }] })
  const [{ id }] = await listOf('/api/v1/requests')
  return id
}

const knock = (): Promise<string> => friend.call('connect', lab.addressOf('web1', 'friend'), PORT)

const state = async (): Promise<string> => (await call('GET', '/api/v1/hosts/web1')).body.state
const close = (request: string): Promise<Reply> => call('POST', `/api/v1/requests/${request}/close`, {})

/** So many that what the server says takes more room than it has. */
const MANY = 40

it('opens and closes as the server says, also through a restart, and is told of', async () => {
  const ports = [{ number: PORT, protocol: 'TCP', allowedSourceAddressPrefix: '*', maxRequestAccessDuration: 'PT1H' }]
  const body = { kind: 'Basic', properties: { virtualMachines: [{ id: machine, ports }] } }
  expect((await call('PUT', `${policy}${VERSION}`, body)).status).toBe(200)
  const first = await open()
  await expect.poll(knock, PATIENCE).toBe('open')
  fill()
  await close(first)
  await expect.poll(knock, PATIENCE).toBe('closed')
  const second = await open()
  const others: string[] = []
  for (let n = 0; n < MANY; n += 1) others.push(await open(`203.0.113.${n}`))
  await expect.poll(knock, PATIENCE).toBe('open')
  expect(agent.log()).toMatch(/what the server said last cannot be written down, and the agent goes on without: ENOSPC/)
  await close(second)
  await expect.poll(knock, PATIENCE).toBe('closed')
  expect(await state()).toBe('connected')

  await agent.kill()
  await expect.poll(state, PATIENCE).toBe('unreachable')
  agent = lab.startAgent('web1')
  await expect.poll(state, PATIENCE).toBe('connected')
  expect(await knock()).toBe('closed')
  await open()
  await expect.poll(knock, PATIENCE).toBe('open')
  rmSync(filling())
  await expect.poll(() => lab.isConnected('web1'), PATIENCE).toBe(true)
}, 60_000)
