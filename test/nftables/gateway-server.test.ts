import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { LINKS, PUBLIC } from '../support/gateway-lab.ts'
import { openGatewayStage, type GatewayStage } from './gateway-stage.ts'

const SALLYPORT = join(import.meta.dirname, '../../src/main/sallyport.ts')

let stage: GatewayStage
let folder: string
let server: ChildProcess

beforeEach(async () => {
  stage = openGatewayStage()
  folder = await mkdtemp(join(tmpdir(), `sallyport-gateway-${process.pid}-`))
  const machines = [
    { name: 'db1', addresses: [LINKS.db1.peer, LINKS.db1.peer6] },
    { name: 'db2', addresses: [LINKS.db2.peer] },
  ]
  await writeFile(
    join(folder, 'gateway.yaml'),
    JSON.stringify({ publicAddresses: [PUBLIC.v4, PUBLIC.v6], machines }), // JSON is YAML
  )
  server = await startServer()
})
afterEach(async () => {
  await kill(server)
  await stage.remove()
  await rm(folder, { recursive: true })
})

/** The real server on the gateway, as the walk in docs/operate/gateway.md starts it. */
async function startServer(): Promise<ChildProcess> {
  const ready = join(folder, 'ready.json')
  await rm(ready, { force: true })
  const options = ['--gateway', join(folder, 'gateway.yaml'), '--listen', '127.0.0.1:8470', '--ready-file', ready]
  const command = [process.execPath, SALLYPORT, 'server', '--data', folder, ...options]
  const child = spawn('ip', ['netns', 'exec', stage.lab.name('gateway'), ...command], { stdio: 'ignore' })
  await expect.poll(() => readFile(ready, 'utf8').catch(() => ''), { timeout: 20_000 }).not.toBe('')
  return child
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}

async function sallyport(...args: readonly string[]): Promise<string> {
  const token = (await readFile(join(folder, 'admin-token'), 'utf8')).trim()
  const env = ['SALLYPORT_SERVER=http://127.0.0.1:8470', `SALLYPORT_TOKEN=${token}`, `HOME=${folder}`]
  return stage.lab.run('gateway', ['env', ...env, process.execPath, SALLYPORT, ...args])
}

interface Shown {
  readonly id: string
  readonly grants: readonly { readonly publicIpAddress?: string; readonly mappedPort?: number }[]
}

async function request(...args: readonly string[]): Promise<Shown> {
  return JSON.parse(await sallyport('request', ...args, '--output', 'json')) as Shown // the command's own shape
}

it('tells in the answer where to connect, and it stays so through an extension and the server’s sudden death', async () => {
  const [client, stranger, db1] = await Promise.all([
    stage.probe('client'),
    stage.probe('stranger'),
    stage.probe('db1'),
  ])
  await db1.call('listenTcp', [22])
  await sallyport('policy', 'set', 'databases', '--machine', 'db1', '--machine', 'db2', '--port', '22', '--yes')
  expect(await client.call('connect', LINKS.db1.peer, 22)).toBe('closed')
  const asked = await request('create', 'db1', '--port', '22', '--from', LINKS.client.peer, '--for', '1h')
  const { publicIpAddress, mappedPort = 0 } = asked.grants[0] ?? {}
  expect(publicIpAddress).toBe(PUBLIC.v4)
  expect(mappedPort).toBeGreaterThanOrEqual(40_000)
  expect(await client.call('connect', PUBLIC.v4, mappedPort)).toBe('open')
  expect(await stranger.call('connect', PUBLIC.v4, mappedPort)).toBe('refused')
  await kill(server)
  expect(await client.call('connect', PUBLIC.v4, mappedPort)).toBe('open')
  server = await startServer()
  await sallyport('request', 'extend', asked.id, '--for', '2h')
  expect((await request('show', asked.id)).grants[0]).toMatchObject({ publicIpAddress, mappedPort })
  await client.call('dial', PUBLIC.v4, mappedPort)
  await sallyport('request', 'close', asked.id)
  expect(await client.call('connect', PUBLIC.v4, mappedPort)).toBe('refused')
  expect(await client.call('connect', LINKS.db1.peer, 22)).toBe('closed')
  expect(await client.call('speak')).toBe(true)
})

it('closes machines behind it before the network is up, from the file that the server keeps for that', async () => {
  const [client, db1] = await Promise.all([stage.probe('client'), stage.probe('db1')])
  await db1.call('listenTcp', [22])
  await sallyport('policy', 'set', 'databases', '--machine', 'db1', '--port', '22', '--yes')
  await expect
    .poll(() => readFile(join(folder, 'base.nft'), 'utf8').catch(() => ''))
    .toContain('behind4 { 10.78.1.2 . 6 . 22')
  await kill(server)
  stage.nft('flush', 'ruleset')
  expect(await client.call('connect', LINKS.db1.peer, 22)).toBe('open')
  stage.nft('-f', join(folder, 'base.nft')) // as the unit does at boot
  expect(await client.call('connect', LINKS.db1.peer, 22)).toBe('closed')
  expect(await client.call('connect', LINKS.db1.peer6, 22)).toBe('closed')
})
