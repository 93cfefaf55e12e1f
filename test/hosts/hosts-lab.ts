/**
 * Hosts with real agents, their server and two others, each in a network namespace of its own over real links:
 *
 *   server 10.78.0.1 ─ 10.78.i.0/24 ─┐
 *   friend           ─ 10.79.i.0/24 ─┼─ host i (1, 2)
 *   attacker         ─ 10.80.i.0/24 ─┘
 *
 * Nothing of it touches the machine's own namespace, and `remove` takes everything away again.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { readAgentStatus } from '../../src/agent/state/agent-status.ts'
import { openStateFolder } from '../../src/agent/state/state-folder.ts'

type Role = 'server' | 'friend' | 'attacker'
export type HostName = 'web1' | 'web2'
export type Place = Role | HostName

export const HOSTS: readonly HostName[] = ['web1', 'web2']
const NETS: Readonly<Record<Role, number>> = { server: 78, friend: 79, attacker: 80 }
const SERVER_ADDRESS = '10.78.0.1'
const AGENT_PORT = 8471
const API_PORT = 8470
const ROOT = join(import.meta.dirname, '../..')
const PATIENCE = 20_000

let count = 0

export interface Running {
  readonly pid: number
  log(): string
  /** As `kill -9` would: nothing of it runs any more when this resolves. */
  kill(signal?: NodeJS.Signals): Promise<void>
}

export interface HostsLab {
  readonly folder: string
  /** The agent's. */
  readonly program: readonly string[]
  name(place: Place): string
  /** Runs a command there and gives its output. */
  run(place: Place, command: readonly string[]): string
  /** Where the role finds the host, and where it comes from itself. */
  addressOf(host: HostName, role: Role): string
  addressFrom(host: HostName, role: Role): string
  start(place: Place, command: readonly string[]): Running
  startServer(): Promise<Running>
  startAgent(host: HostName, options?: AgentStart): Running
  /** The agent's command line, run to its end. */
  agent(host: HostName, args: readonly string[]): string
  stateFolder(host: HostName): string
  /** As the agent itself says. */
  isConnected(host: HostName): boolean
  link(host: HostName, role: Role, state: 'up' | 'down'): void
  remove(): Promise<void>
}

export interface AgentStart {
  /** The program: the sources unless told otherwise. */
  readonly program?: readonly string[]
  readonly args?: readonly string[]
}

const AGENT = [process.execPath, join(ROOT, 'src/main/sallyport-agent.ts')]

/** Throws, with what to do, where namespaces cannot be made: these tests are never skipped in silence. */
export function createHostsLab(): HostsLab {
  if (process.getuid?.() !== 0)
    throw new Error('the tests of hosts need root for network namespaces; run them with sudo')
  count += 1
  const prefix = `sph${process.pid}-${count}`
  const name = (place: Place): string => `${prefix}-${place}`
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-hosts-'))
  const running = new Set<Running>()
  for (const place of ['server', 'friend', 'attacker', ...HOSTS] as const) addNamespace(name(place))
  for (const host of HOSTS) for (const role of ['server', 'friend', 'attacker'] as const) addLink(name, host, role)
  ip('-n', name('server'), 'address', 'add', `${SERVER_ADDRESS}/32`, 'dev', 'lo')
  for (const host of HOSTS) ip('-n', name(host), 'route', 'add', SERVER_ADDRESS, 'via', addressFrom(host, 'server'))
  const stateFolder = (host: HostName): string => join(folder, `agent-${host}`)
  const start = (place: Place, command: readonly string[]): Running => {
    const started = startIn(name(place), command)
    running.add(started)
    return started
  }
  const run = (place: Place, command: readonly string[]): string => ip('netns', 'exec', name(place), ...command)
  return {
    folder,
    program: AGENT,
    name,
    run,
    addressOf,
    addressFrom,
    start,
    startServer: () => startServer(folder, start),
    startAgent: (host, { program = AGENT, args = [] } = {}) =>
      start(host, [...program, '--state', stateFolder(host), 'run', ...args]),
    agent: (host, args) => run(host, [...AGENT, '--state', stateFolder(host), ...args]),
    stateFolder,
    isConnected: (host) => isConnected(stateFolder(host)),
    link: (host, role, state) => setLink(name, host, role, state),
    remove: async () => {
      for (const one of running) await one.kill()
      for (const place of ['server', 'friend', 'attacker', ...HOSTS] as const) ip('netns', 'delete', name(place))
      rmSync(folder, { recursive: true })
    },
  }
}

/** The agent that runs now, not one before it. */
function isConnected(folder: string): boolean {
  const status = readAgentStatus(openStateFolder(folder))
  return status?.connectedSince !== undefined && existsSync(`/proc/${status.pid}`)
}

function ip(...args: readonly string[]): string {
  return execFileSync('ip', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}

function addNamespace(name: string): void {
  ip('netns', 'add', name)
  ip('-n', name, 'link', 'set', 'lo', 'up')
}

function numberOf(host: HostName): number {
  return HOSTS.indexOf(host) + 1
}

function addressOf(host: HostName, role: Role): string {
  return `10.${NETS[role]}.${numberOf(host)}.2`
}

function addressFrom(host: HostName, role: Role): string {
  return `10.${NETS[role]}.${numberOf(host)}.1`
}

type Names = (place: Place) => string

function addLink(name: Names, host: HostName, role: Role): void {
  ip('-n', name(host), 'link', 'add', role, 'type', 'veth', 'peer', 'name', host, 'netns', name(role))
  ip('-n', name(host), 'address', 'add', `${addressOf(host, role)}/24`, 'dev', role)
  ip('-n', name(role), 'address', 'add', `${addressFrom(host, role)}/24`, 'dev', host)
  ip('-n', name(host), 'link', 'set', role, 'up')
  ip('-n', name(role), 'link', 'set', host, 'up')
}

/** The route over it goes with the link. */
function setLink(name: Names, host: HostName, role: Role, state: 'up' | 'down'): void {
  ip('-n', name(host), 'link', 'set', role, state)
  if (state === 'up' && role === 'server')
    ip('-n', name(host), 'route', 'replace', SERVER_ADDRESS, 'via', addressFrom(host, 'server'))
}

function startIn(namespace: string, command: readonly string[]): Running {
  const child = spawn('ip', ['netns', 'exec', namespace, ...command], { stdio: ['ignore', 'pipe', 'pipe'] })
  let log = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => (log += part.toString()))
  return { pid: child.pid ?? 0, log: () => log, kill: (signal = 'SIGKILL') => end(child, signal) }
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill(signal)
  await ended
}

async function startServer(folder: string, start: HostsLab['start']): Promise<Running> {
  const ready = join(folder, 'ready.json')
  rmSync(ready, { force: true })
  const fleet = join(folder, 'fleet.json')
  if (!existsSync(fleet)) writeFileSync(fleet, '[]')
  const places = ['--data', join(folder, 'server'), '--fleet', fleet, '--ready-file', ready]
  const listen = ['--listen', `127.0.0.1:${API_PORT}`]
  const agents = ['--agent-listen', `0.0.0.0:${AGENT_PORT}`, '--agent-url', `https://${SERVER_ADDRESS}:${AGENT_PORT}`]
  const program = join(ROOT, 'src/main/sallyport.ts')
  const server = start('server', [process.execPath, program, 'server', ...places, ...listen, ...agents])
  const deadline = Date.now() + PATIENCE
  while (!existsSync(ready)) {
    if (Date.now() > deadline) throw new Error(`the server did not become ready: ${server.log()}`)
    await pause(20)
  }
  return server
}

/** Where the API is, for whoever runs in the server's namespace. */
export function apiOf({ folder }: Pick<HostsLab, 'folder'>): { readonly url: string; readonly token: string } {
  const { adminTokenFile } = JSON.parse(readFileSync(join(folder, 'ready.json'), 'utf8')) as { adminTokenFile: string } // our own ready file
  return { url: `http://127.0.0.1:${API_PORT}`, token: readFileSync(adminTokenFile, 'utf8').trim() }
}
