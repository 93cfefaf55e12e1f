/**
 * The server as it is installed, on a host of its own: started by `bin/sallyport` in the stage's namespace, with the
 * operator able to reach it and to send from any of the bench's sources.
 */
import { existsSync, openSync, readFileSync, rmSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { ChildProcess } from 'node:child_process'
import { HOST_SEEN_BY, killGroup, setStage, type Role, type Stage } from '../test/demo/stage.ts'
import type { CallerApi, Target } from './caller.ts'
import type { HttpCall } from './connection.ts'
import { monotonic } from './monotonic.ts'
import { SOURCES } from './sources.ts'
import { startWorker, type Worker } from './worker.ts'

const SERVER_PORT = 8470
const SALLYPORT = join(import.meta.dirname, '../bin/sallyport')
const API_VERSION = '2020-01-01'

/** Sets the stage and lets the operator's namespace send from every source of the bench. */
async function setBenchStage(): Promise<Stage> {
  const stage = setStage()
  process.once('exit', () => stage.leave())
  await stage.run('operator', ['ip', 'route', 'add', 'local', SOURCES, 'dev', 'lo'])
  await stage.run('host', ['ip', 'route', 'add', SOURCES, 'via', '10.117.1.2'])
  return stage
}

/** A measurement on a stage of its own, which goes with it. */
export function onStage<T>(measureOn: (stage: Stage) => Promise<T>): () => Promise<T> {
  return async () => {
    const stage = await setBenchStage()
    try {
      return await measureOn(stage)
    } finally {
      stage.leave()
    }
  }
}

/** Where things are, as far as a request names them. */
export interface Place {
  readonly policy: string
  readonly machine: string
}

export interface RunningServer {
  readonly pid: number
  readonly place: Place
  readonly tokenFile: string
  /** From the start of the process until it served, in milliseconds. */
  readonly startedIn: number
  stop(): Promise<void>
  kill(): Promise<void>
}

export interface ServerOptions {
  readonly role?: Role
  /** A folder on the stage; the same one again is a restart. */
  readonly data: string
  /** Options of the server besides. */
  readonly more?: readonly string[]
}

export async function startServer(
  stage: Stage,
  { role = 'host', data, more = [] }: ServerOptions,
): Promise<RunningServer> {
  const folder = join(stage.folder, data)
  const readyFile = `${folder}.ready.json`
  rmSync(readyFile, { force: true })
  const log = openSync(`${folder}.log`, 'a')
  const options = [
    '--data',
    folder,
    '--listen',
    `0.0.0.0:${SERVER_PORT}`,
    // What it is compared with speaks plain HTTP as well.
    '--plain-http',
    'anywhere',
    '--ready-file',
    readyFile,
    '--log-level',
    'warn',
    ...more,
  ]
  const began = monotonic()
  const child = stage.spawn(role, [SALLYPORT, 'server', ...options], { stdio: ['ignore', 'ignore', log] })
  while (!existsSync(readyFile)) {
    if (child.exitCode !== null || monotonic() - began > 120_000)
      throw new Error(`the server did not become ready: ${readFileSync(`${folder}.log`, 'utf8').slice(-2_000)}`)
    await pause(2)
  }
  const startedIn = monotonic() - began
  const ready = JSON.parse(readFileSync(readyFile, 'utf8')) as { subscriptionId: string; adminTokenFile: string } // our own ready file
  return {
    pid: child.pid ?? 0,
    place: placeIn(ready.subscriptionId),
    tokenFile: ready.adminTokenFile,
    startedIn,
    stop: () => ended(child, () => child.kill('SIGTERM')),
    kill: () => ended(child, () => child.pid !== undefined && killGroup(child.pid)),
  }
}

async function ended(child: ChildProcess, end: () => unknown): Promise<void> {
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  if (child.exitCode !== null || child.signalCode !== null) return
  end()
  await gone
}

export function placeIn(subscriptionId: string, policy = 'default'): Place {
  const group = `/subscriptions/${subscriptionId}/resourceGroups/default/providers`
  return {
    policy: `${group}/Microsoft.Security/locations/local/jitNetworkAccessPolicies/${policy}`,
    machine: `${group}/Microsoft.HybridCompute/machines/${hostname()}`,
  }
}

export function policyCall(place: Place, ports: readonly number[]): HttpCall {
  const rules = ports.map((number) => ({
    number,
    protocol: 'UDP',
    allowedSourceAddressPrefix: '*',
    maxRequestAccessDuration: 'PT3H',
  }))
  const body = { kind: 'Basic', properties: { virtualMachines: [{ id: place.machine, ports: rules }] } }
  return { method: 'PUT', path: versioned(place.policy), body }
}

/** A hole for so long, or until then. */
export type Asked = { readonly source: string; readonly port: number } & (
  { readonly duration: string } | { readonly endTimeUtc: string }
)

export function initiateCall(place: Place, { source, port, ...time }: Asked): HttpCall {
  const ports = [{ number: port, allowedSourceAddressPrefix: source, ...time }]
  const body = { virtualMachines: [{ id: place.machine, ports }], justification: 'the bench' }
  return { method: 'POST', path: versioned(`${place.policy}/initiate`), body }
}

export function versioned(path: string): string {
  return `${path}?api-version=${API_VERSION}`
}

/** A caller in the operator's namespace, or on the machine itself, connected to its server. */
export async function startCaller(
  stage: Stage,
  server: RunningServer,
  from: Role = 'operator',
): Promise<Worker<CallerApi>> {
  const caller = startWorker<CallerApi>(stage, from, join(import.meta.dirname, 'caller.ts'))
  await caller.call('open', targetOf(server, from))
  return caller
}

function targetOf(server: RunningServer, from: Role = 'operator'): Target {
  const host = from === 'operator' ? HOST_SEEN_BY.operator : '127.0.0.1'
  return { name: 'server', host, port: SERVER_PORT, tokenFile: server.tokenFile }
}

/** Sends one call and wants this status. */
export async function expectStatus(caller: Worker<CallerApi>, call: HttpCall, status = 200): Promise<string> {
  const reply = await caller.call('send', { name: 'server', call })
  if (reply.status !== status) throw new Error(`expected ${status}, got ${reply.status}: ${reply.body.slice(0, 500)}`)
  return reply.body
}
