/**
 * The real server as its own process, as an installation runs it: HTTPS with its development certificate on a free port,
 * over simulated machines, with its own issuer.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { request as httpsRequest } from 'node:https'
import { setTimeout as pause } from 'node:timers/promises'
import type { Reply } from './reply.ts'
import { freePort } from './free-port.ts'

export interface ServerProcess {
  /** `https://localhost:PORT` */
  readonly url: string
  readonly folder: string
  /** PEM of the development authority. */
  readonly authority: string
  readonly authorityFile: string
  readonly subscriptionId: string
  readonly adminToken: string
  /** By the bootstrap administrator. */
  call(method: string, path: string, body?: object): Promise<Reply>
  /** What it has logged so far. */
  log(): string
  stop(): Promise<void>
}

const SOURCES = join(import.meta.dirname, '../../src/main/sallyport.ts')
const PATIENCE = 30_000

/** The subscription of the simulated machines. */
export const FLEET_SUBSCRIPTION = '20ff7fc3-e762-44dd-bd96-b71116dcdc23'

export function fleetMachine(name: string): string {
  return `/subscriptions/${FLEET_SUBSCRIPTION}/resourceGroups/shop/providers/Microsoft.Compute/virtualMachines/${name}`
}

export interface ProcessOptions {
  /** The program: its sources unless told otherwise. */
  readonly script?: string
  readonly machines?: readonly object[]
  /** The configuration file, by the folder that is the server's own. */
  readonly config?: (folder: string) => object
}

export async function startServerProcess({
  script = SOURCES,
  machines = fleet(),
  config = () => ({}),
}: ProcessOptions = {}): Promise<ServerProcess> {
  const folder = await mkdtemp(join(tmpdir(), `sallyport-process-${process.pid}-`))
  const port = await freePort()
  const url = `https://localhost:${port}`
  await writeFile(join(folder, 'fleet.json'), JSON.stringify(machines))
  await writeFile(join(folder, 'config.yaml'), JSON.stringify(config(folder))) // JSON is YAML
  const ready = join(folder, 'ready.json')
  const args = ['--data', folder, '--fleet', join(folder, 'fleet.json'), '--listen', `127.0.0.1:${port}`]
  const file = ['--config', join(folder, 'config.yaml')]
  const more = [...file, '--tls', 'dev', '--public-url', url, '--ready-file', ready]
  const child = spawn(process.execPath, [script, 'server', ...args, ...more], { stdio: ['ignore', 'ignore', 'pipe'] })
  let log = ''
  child.stderr.on('data', (part: Buffer) => (log += part.toString()))
  await waitFor(ready, child, () => log)
  const facts = JSON.parse(await readFile(ready, 'utf8')) as Record<'subscriptionId' | 'adminTokenFile', string> // its own
  const authorityFile = join(folder, 'tls/dev-ca.pem')
  const authority = await readFile(authorityFile, 'utf8')
  const adminToken = (await readFile(facts.adminTokenFile, 'utf8')).trim()
  return {
    url,
    folder,
    authority,
    authorityFile,
    subscriptionId: facts.subscriptionId,
    adminToken,
    call: (method, path, body) => call({ url: `${url}${path}`, method, token: adminToken, ca: authority, body }),
    log: () => log,
    stop: async () => {
      child.kill('SIGTERM')
      if (child.exitCode === null) await new Promise((resolve) => child.once('exit', resolve))
      await rm(folder, { recursive: true })
    },
  }
}

function fleet(): object[] {
  return ['web1', 'web2'].map((name, order) => ({
    id: fleetMachine(name),
    location: 'westeurope',
    os: 'Linux',
    nics: [
      {
        privateIp: `10.0.0.${order + 4}`,
        publicIp: `203.0.113.${order + 4}`,
        nsg: { name: `${name}-nsg`, securityRules: [] },
      },
    ],
  }))
}

async function waitFor(ready: string, child: ChildProcess, log: () => string): Promise<void> {
  const deadline = Date.now() + PATIENCE
  for (;;) {
    const isReady = await readFile(ready).then(
      () => true,
      () => false,
    )
    if (isReady) return
    if (child.exitCode !== null || Date.now() > deadline) throw new Error(`the server did not start:\n${log()}`)
    await pause(50)
  }
}

interface Asked {
  readonly url: string
  readonly method: string
  readonly token: string
  readonly ca: string
  readonly body: object | undefined
}

function call({ url, method, token, ca, body }: Asked): Promise<Reply> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  return new Promise((resolve, reject) => {
    const request = httpsRequest(url, { method, ca, headers }, (response) => {
      let text = ''
      response.on('data', (part: Buffer) => (text += part.toString()))
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body: text.startsWith('{') ? JSON.parse(text) : undefined }),
      )
    })
    request.on('error', reject)
    request.end(body === undefined ? undefined : JSON.stringify(body))
  })
}
