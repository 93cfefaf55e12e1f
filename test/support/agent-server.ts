/** The real server as its own process that takes agents and protects nothing of this machine: one, or replicas of one database. */
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Reply } from './reply.ts'

export interface AgentServer {
  readonly url: string
  readonly agentUrl: string
  readonly pid: number
  call(method: string, path: string, body?: unknown): Promise<Reply>
  log(): string
  stop(signal?: NodeJS.Signals): Promise<void>
}

export interface AgentServers {
  readonly folder: string
  /** A place may be started again after it was stopped; port 0 takes a free one. */
  start(place: string, options?: { readonly database?: string; readonly agentPort?: number }): Promise<AgentServer>
  /** The authority that agents trust, PEM, once one was invited. */
  policyPath(name: string): string
  remove(): Promise<void>
}

const SOURCES = join(import.meta.dirname, '../../src/main/sallyport.ts')
const PATIENCE = 30_000
const VERSION = '?api-version=2020-01-01'

interface Ready {
  readonly url: string
  readonly agentUrl: string
  readonly subscriptionId: string
}

export async function agentServers(): Promise<AgentServers> {
  const folder = await mkdtemp(join(tmpdir(), `sallyport-replicas-${process.pid}-`))
  const running = new Set<AgentServer>()
  let subscription = ''
  let token = ''
  return {
    folder,
    policyPath: (name) =>
      `/subscriptions/${subscription}/resourceGroups/default/providers/Microsoft.Security/locations/local/jitNetworkAccessPolicies/${name}`,
    start: async (place, { database, agentPort = 0 } = {}) => {
      const data = join(folder, place)
      await mkdir(data, { recursive: true })
      const ready = join(data, 'ready.json')
      await rm(ready, { force: true })
      const shared = ['--issuer-key-file', join(folder, 'issuer.key'), '--this-host', 'off', '--log-level', 'warn']
      const at = ['--data', data, '--listen', '127.0.0.1:0', '--agent-listen', `127.0.0.1:${agentPort}`]
      const kept = database === undefined ? [] : ['--database', database]
      const child = spawn(process.execPath, [SOURCES, 'server', ...at, ...shared, ...kept, '--ready-file', ready], {
        stdio: ['ignore', 'ignore', 'pipe'],
      })
      let log = ''
      child.stderr.on('data', (part: Buffer) => (log += part.toString()))
      const { url, agentUrl, subscriptionId } = await readWhenThere(ready, child, () => log)
      subscription = subscriptionId
      token ||= (await readFile(join(data, 'admin-token'), 'utf8')).trim()
      const server: AgentServer = {
        url,
        agentUrl,
        pid: child.pid ?? 0,
        call: (method, path, body) => call(`${url}${path}`, { method, token, body }),
        log: () => log,
        stop: async (signal = 'SIGTERM') => {
          running.delete(server)
          if (child.exitCode !== null || child.signalCode !== null) return
          child.kill(signal)
          await new Promise((resolve) => child.once('exit', resolve))
        },
      }
      running.add(server)
      return server
    },
    remove: async () => {
      await Promise.all([...running].map((server) => server.stop('SIGKILL')))
      await rm(folder, { recursive: true })
    },
  }
}

async function readWhenThere(file: string, child: ChildProcess, log: () => string): Promise<Ready> {
  const deadline = Date.now() + PATIENCE
  for (;;) {
    const text = await readFile(file, 'utf8').catch(() => undefined) // not there yet
    if (text !== undefined) return JSON.parse(text) as Ready // the server's own
    if (child.exitCode !== null || Date.now() > deadline) throw new Error(`the server did not start:\n${log()}`)
    await pause(50)
  }
}

interface Asked {
  readonly method: string
  readonly token: string
  readonly body: unknown
}

async function call(url: string, { method, token, body }: Asked): Promise<Reply> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const answer = await fetch(url, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })
  const text = await answer.text()
  return { status: answer.status, body: text === '' ? undefined : JSON.parse(text) }
}

export async function protectHosts(
  server: AgentServer,
  servers: AgentServers,
  { policy, hosts, port }: { readonly policy: string; readonly hosts: readonly string[]; readonly port: number },
): Promise<Reply> {
  const ports = [{ number: port, protocol: 'TCP', allowedSourceAddressPrefix: '*', maxRequestAccessDuration: 'PT3H' }]
  const virtualMachines = hosts.map((name) => ({ id: machineIdOf(servers, name), ports }))
  const body = { kind: 'Basic', properties: { virtualMachines } }
  return server.call('PUT', `${servers.policyPath(policy)}${VERSION}`, body)
}

/** `sources`: an address for each hole that is asked for. */
export async function requestHoles(
  server: AgentServer,
  servers: AgentServers,
  { policy, hosts, port, source }: { policy: string; hosts: readonly string[]; port: number; source: string },
): Promise<Reply> {
  const endTimeUtc = new Date(Date.now() + 3_600_000).toISOString()
  const ports = [{ number: port, allowedSourceAddressPrefix: source, endTimeUtc }]
  const virtualMachines = hosts.map((name) => ({ id: machineIdOf(servers, name), ports }))
  return server.call('POST', `${servers.policyPath(policy)}/initiate${VERSION}`, { virtualMachines })
}

export function machineIdOf(servers: AgentServers, name: string): string {
  const [scope = ''] = servers.policyPath('any').split('/providers/')
  return `${scope}/providers/Microsoft.HybridCompute/machines/${name}`
}
