import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { LINKS, PUBLIC, type GatewayPlace } from '../support/gateway-lab.ts'
import { openGatewayStage, type GatewayStage } from '../nftables/gateway-stage.ts'

const MAIN = join(import.meta.dirname, '../../src/main')
const SALLYPORT = [process.execPath, join(MAIN, 'sallyport.ts')]
const AGENT = [process.execPath, join(MAIN, 'sallyport-agent.ts')]
// On a machine that is busy with other tests.
vi.setConfig({ testTimeout: 60_000 })

const PATIENCE = { timeout: 20_000, interval: 100 }

let stage: GatewayStage
let folder: string
const running = new Set<ChildProcess>()

beforeEach(async () => {
  stage = openGatewayStage()
  folder = await mkdtemp(join(tmpdir(), `sallyport-gateway-agent-${process.pid}-`))
})
afterEach(async () => {
  for (const child of running) await kill(child)
  await stage.remove()
  await rm(folder, { recursive: true })
})

/** Where people are: the server is one of their machines, and the gateway is a host of its own. */
const SERVER_PLACE = 'client'

function start(place: GatewayPlace, command: readonly string[], stdio: 'ignore' | 'pipe' = 'ignore'): ChildProcess {
  const child = spawn('ip', ['netns', 'exec', stage.lab.name(place), ...command], { stdio })
  running.add(child)
  return child
}

async function kill(child: ChildProcess): Promise<void> {
  running.delete(child)
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}

async function startServer(): Promise<ChildProcess> {
  const ready = join(folder, 'ready.json')
  const listen = ['--listen', '127.0.0.1:8470', '--agent-listen', `${LINKS.client.peer}:8471`]
  const options = ['--data', folder, '--this-host', 'off', ...listen, '--ready-file', ready]
  const child = start(SERVER_PLACE, [...SALLYPORT, 'server', ...options])
  await expect.poll(() => readFile(ready, 'utf8').catch(() => ''), PATIENCE).not.toBe('')
  return child
}

async function sallyport(...args: readonly string[]): Promise<string> {
  const token = (await readFile(join(folder, 'admin-token'), 'utf8')).trim()
  const env = ['SALLYPORT_SERVER=http://127.0.0.1:8470', `SALLYPORT_TOKEN=${token}`, `HOME=${folder}`]
  return stage.lab.run(SERVER_PLACE, ['env', ...env, ...SALLYPORT, ...args])
}

function agent(...args: readonly string[]): readonly string[] {
  return [...AGENT, '--state', join(folder, 'agent'), ...args]
}

/** It fails while the server is not there, and tells all the same. */
function agentStatus(): string {
  const command = ['netns', 'exec', stage.lab.name('gateway'), ...agent('status')]
  return spawnSync('ip', command, { encoding: 'utf8' }).stdout
}

async function enrolGateway(...more: readonly string[]): Promise<void> {
  const addresses = ['--public-address', PUBLIC.v4, '--public-address', PUBLIC.v6, ...more]
  const printed = await sallyport('host', 'enroll', 'edge', '--gateway', ...addresses)
  const enroll = /sallyport-agent (enroll .*)/.exec(printed)?.[1]?.split(' ') ?? []
  execFileSync('ip', ['netns', 'exec', stage.lab.name('gateway'), ...agent(...enroll)], { stdio: 'ignore' })
  await sallyport('host', 'add-machine', 'edge', 'db1', '--address', LINKS.db1.peer, '--address', LINKS.db1.peer6)
  await sallyport('host', 'add-machine', 'edge', 'db2', '--address', LINKS.db2.peer)
}

it('an agent makes a gateway of its host: who has access comes in, and nobody else, with agent and server dead too', async () => {
  const server = await startServer()
  await enrolGateway()
  const first = start('gateway', agent('run'))
  await expect.poll(() => sallyport('host', 'list'), PATIENCE).toMatch(/edge +gateway +connected/)
  const [client, stranger, db1] = await Promise.all([
    stage.probe('client'),
    stage.probe('stranger'),
    stage.probe('db1'),
  ])
  await db1.call('listenTcp', [22])
  await expect.poll(() => sallyport('posture'), PATIENCE).toMatch(/db1 +notConfigured +High .*22/)
  const ssh = `ip daddr ${LINKS.db1.peer} tcp dport 22`
  const published = `type nat hook prerouting priority dstnat; tcp dport 2222 dnat to ${LINKS.db1.peer}:22;`
  const forwarded = `type filter hook forward priority 0; ip saddr 203.0.113.0/24 ${ssh} accept; meta length < 100 ${ssh} accept;`
  stage.lab.run('gateway', ['nft', `table ip theirs { chain pre { ${published} }; chain forward { ${forwarded} }; }`])
  const proposed = await sallyport('policy', 'set', 'databases', '--machine', 'db1', '--port', '22', '--dry-run')
  expect(proposed).toMatch(/close 22\/TCP on db1 .* behind this gateway .* sends others on to it, and that ends now/)
  expect(proposed).toMatch(/keep .*22.* from 203\.0\.113\.0\/24 open: table ip theirs/)
  expect(proposed).toMatch(/may let something through to machines behind and cannot be read/)
  stage.lab.run('gateway', ['nft', 'delete table ip theirs'])
  await sallyport('policy', 'set', 'databases', '--machine', 'db1', '--port', '22', '--yes')
  await expect.poll(() => sallyport('posture'), PATIENCE).toMatch(/db1 +configured +Healthy +Healthy/)
  expect(await sallyport('posture')).toMatch(/db2 +notConfigured +High .*22/)
  await stranger.call('attack', [{ address: LINKS.db1.peer, port: 22 }])
  const asked = await sallyport('request', 'create', 'db1', '--port', '22', '--from', LINKS.client.peer, '--for', '1h')
  const mappedPort = Number(/ssh -p (\d+) user@198\.51\.100\.1/.exec(asked)?.[1])
  expect(await client.call('connect', PUBLIC.v4, mappedPort)).toBe('open')
  expect(await stranger.call('connect', PUBLIC.v4, mappedPort)).toBe('refused')
  await kill(first)
  await kill(server)
  expect(await client.call('connect', PUBLIC.v4, mappedPort)).toBe('open')
  start('gateway', agent('run'))
  await expect.poll(() => agentStatus(), PATIENCE).toMatch(/Open +22\/\* on db1 from 10\.77\.1\.2/)
  expect(await client.call('connect', PUBLIC.v4, mappedPort)).toBe('open')
  expect(await stranger.call('connect', PUBLIC.v4, mappedPort)).toBe('refused')
  const { probes, through } = await stranger.call('attacked')
  console.log(`${probes} probes of a stranger against a gateway with an agent, ${through.length} got through`)
  expect(through).toEqual([])
  expect(probes).toBeGreaterThan(0)
})

/** A real one behind the gateway, which takes a key of the test's. */
async function startSshd(place: GatewayPlace): Promise<readonly string[]> {
  const keys = ['host-key', 'user-key'].map((name) => join(folder, name))
  for (const key of keys) execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key])
  const [hostKey = '', userKey = ''] = keys
  const config = join(folder, 'sshd_config')
  const told = [`HostKey ${hostKey}`, `AuthorizedKeysFile ${userKey}.pub`, `PidFile ${join(folder, 'sshd.pid')}`]
  const lines = ['Port 22', ...told, 'StrictModes no', 'UsePAM no', 'PermitRootLogin yes']
  await writeFile(config, lines.join('\n'))
  // Where sshd separates its privileges; Debian makes it when the service starts, and ours is not the service.
  await mkdir('/run/sshd', { recursive: true, mode: 0o755 })
  start(place, ['/usr/sbin/sshd', '-D', '-f', config])
  const options = ['StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'BatchMode=yes', 'LogLevel=ERROR']
  return ['-F', 'none', '-i', userKey, ...options.flatMap((option) => ['-o', option])]
}

it('people work on a machine behind it by ssh; it sees the gateway, and a session that outlives its access is told of', async () => {
  await startServer()
  await enrolGateway('--snat')
  start('gateway', agent('run'))
  await expect.poll(() => sallyport('host', 'list'), PATIENCE).toMatch(/edge +gateway +connected/)
  const ssh = await startSshd('db1')
  await sallyport('policy', 'set', 'databases', '--machine', 'db1', '--port', '22/tcp,end=warn', '--yes')
  const from = ['--from', LINKS.client.peer, '--keep']
  const seen = await sallyport('ssh', ...from, 'root@db1', ...ssh, 'echo seen $SSH_CONNECTION')
  expect(seen).toMatch(new RegExp(`seen ${LINKS.db1.host} \\d+ ${LINKS.db1.peer} 22`))
  const place = await sallyport('connect', '--port', '22', ...from, 'db1')
  const [, mappedPort = ''] = /198\.51\.100\.1[: ](\d+)/.exec(place) ?? []
  const session = start('client', ['ssh', ...ssh, '-p', mappedPort, `root@${PUBLIC.v4}`, 'cat'], 'pipe')
  let heard = ''
  session.stdout?.on('data', (part: Buffer) => (heard += part.toString()))
  const says = (word: string): Promise<void> => {
    session.stdin?.write(`${word}\n`)
    return expect.poll(() => heard, PATIENCE).toContain(word)
  }
  await says('before')
  expect(await sallyport('flow', 'list')).toMatch(/db1/)
  await sallyport('request', 'close', '--machine', 'db1')
  const outlived = new RegExp(`still connected although the access has ended: ${LINKS.client.peer}:\\d+ to 22/TCP`)
  await expect.poll(() => sallyport('finding', 'list'), PATIENCE).toMatch(outlived)
  expect(await sallyport('audit', 'list')).toMatch(/access\.outlived .*db1/)
  await says('after')
  const again = spawnSync('ip', [
    'netns',
    'exec',
    stage.lab.name('client'),
    'ssh',
    ...ssh,
    '-o',
    'ConnectTimeout=2',
    '-p',
    mappedPort,
    `root@${PUBLIC.v4}`,
    'true',
  ])
  expect(again.status).toBe(255)
})
