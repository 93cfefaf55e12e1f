/**
 * A virtual machine, and around it in a network namespace of its own: the real server, its command line, and somebody who
 * knocks. Nothing of it touches the computer's own network, and `leave` takes everything away again.
 *
 *   server 10.91.0.1 · operator 10.91.0.11 · stranger 10.91.0.12 ─── 10.91.0.2 web1
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { hasKvm } from './ground.ts'
import { GUEST, type Image } from './image.ts'
import { startKnocking, type Grant, type Knocks } from './knocks.ts'
import { createVirtualMachine, inside, type VirtualMachine } from './virtual-machine.ts'

export const OPERATOR = '10.91.0.11'
export const STRANGER = '10.91.0.12'
/** Nobody protects it and nobody listens there. */
const UNPROTECTED = 2299
const SERVER = '10.91.0.1'
const API = '127.0.0.1:8470'
const AGENTS = `${SERVER}:8471`
const TAP = 'web1'
const ROOT = join(import.meta.dirname, '../..')
const PATIENCE = 120_000
/** An emulated machine opens a hole in seconds, or many: so much longer is each, that there is something left of it. */
const STRETCHES = hasKvm() ? [1, 2] : [2, 4, 8]

export interface Stage {
  readonly machine: VirtualMachine
  readonly knocks: Knocks
  /** `gently`: so that a machine that lets everybody in can do something else too. */
  knock(how: 'gently' | 'hard'): void
  /** Every hole that was ever asked for. */
  readonly holes: Grant[]
  /** The command line as its user types it. */
  sallyport(...args: readonly string[]): Promise<string>
  startServer(): Promise<void>
  stopServer(): Promise<void>
  /** Asks for port 22 for the operator; resolves once it is open. */
  request(seconds: number): Promise<Grant>
  /** One connection of the operator's, made now. */
  operatorGetsIn(): Promise<boolean>
  operatorGetsInSoon(): Promise<boolean>
  /** What is open for the operator is closed before its end. */
  closeAll(): Promise<void>
  /** Waits until the server says so of the host's agent. */
  connected(): Promise<void>
  /** The same of another process than that. */
  connectedAgain(before: string): Promise<void>
  leave(): Promise<void>
}

export async function setStage(image: Image): Promise<Stage> {
  const namespace = `sallyport-machine-${process.pid}`
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-machine-'))
  makeNetwork(namespace)
  const machine = createVirtualMachine({ namespace, folder, tap: TAP, image })
  const knocks = await startKnocking(namespace)
  let server: ChildProcess | undefined
  const holes: Grant[] = []
  const sallyport = (...args: readonly string[]): Promise<string> => {
    const { adminTokenFile } = JSON.parse(readFileSync(join(folder, 'ready.json'), 'utf8')) as {
      adminTokenFile: string
    } // our own ready file
    const to = ['--server', `http://${API}`, '--token-file', adminTokenFile]
    return inside(namespace, [process.execPath, join(ROOT, 'dist/sallyport.js'), ...args, ...to], PATIENCE)
  }
  const stopServer = async (): Promise<void> => {
    if (server === undefined) return
    const ended = once(server, 'exit')
    server.kill('SIGKILL')
    await ended
    server = undefined
  }
  const getsIn = (): Promise<boolean> => {
    const dial = `require('net').connect({host:'${GUEST.address}',port:22,localAddress:'${OPERATOR}',timeout:900}).on('connect',()=>process.exit(0)).on('timeout',()=>process.exit(1)).on('error',()=>process.exit(1))`
    return inside(namespace, [process.execPath, '-e', dial], 5_000).then(
      () => true,
      () => false,
    )
  }
  const isConnected = async (): Promise<boolean> => {
    const { state } = JSON.parse(await sallyport('host', 'show', 'web1', '-o', 'json')) as { state: string } // its documented output
    return state === 'connected'
  }
  return {
    machine,
    knocks,
    holes,
    knock: (how) => {
      const [operator, stranger] = how === 'hard' ? [10, 4] : [200, 200]
      const at = { to: GUEST.address, port: 22, unprotected: UNPROTECTED }
      knocks.begin({ ...at, operator: [OPERATOR, operator], stranger: [STRANGER, stranger] })
    },
    sallyport,
    stopServer,
    startServer: async () => {
      server = await startServer(namespace, folder)
    },
    request: async (seconds) => {
      let failure: unknown
      for (const stretch of STRETCHES) {
        const since = Date.now()
        const hole = await ask(sallyport, seconds * stretch).catch((error: unknown) => void (failure = error))
        // What was not open in time was asked for all the same, and may have let him in later.
        holes.push(hole ?? { from: OPERATOR, since, until: Date.now() + seconds * stretch * 1_000 })
        if (hole !== undefined) return hole
      }
      throw failure
    },
    operatorGetsIn: getsIn,
    operatorGetsInSoon: () => until(getsIn, 'the operator gets in').then(() => true),
    closeAll: async () => {
      await sallyport('request', 'close', '--machine', 'web1')
      const now = Date.now()
      for (const [index, hole] of holes.entries()) holes[index] = { ...hole, until: Math.min(hole.until, now) }
    },
    connected: () => until(isConnected, 'the agent is connected'),
    connectedAgain: (before) =>
      until(async () => {
        const text = await machine.run('sallyport-agent status --json')
        const { status } = JSON.parse(text) as { status: { pid: number; connectedSince?: number } } // its documented output
        return String(status.pid) !== before && status.connectedSince !== undefined && (await isConnected())
      }, 'another process of the agent is connected'),
    leave: async () => {
      knocks.stop()
      await stopServer()
      await machine.cutPower()
      execFileSync('ip', ['netns', 'delete', namespace])
      rmSync(folder, { recursive: true })
    },
  }
}

async function ask(sallyport: Stage['sallyport'], seconds: number): Promise<Grant> {
  const since = Date.now()
  const wish = ['--port', '22', '--for', `${seconds}s`, '--from', OPERATOR, '--justification', 'trying it']
  const { grants } = JSON.parse(await sallyport('request', 'create', 'web1', ...wish, '-o', 'json')) as {
    grants: { endTimeUtc: string }[]
  } // the command's documented output
  return { from: OPERATOR, since, until: Date.parse(grants[0]?.endTimeUtc ?? '') }
}

export async function until(holds: () => Promise<boolean>, what: string, patience = PATIENCE): Promise<void> {
  const deadline = Date.now() + patience
  let cause: unknown
  for (;;) {
    if (await holds().catch((failure: unknown) => void (cause = failure))) return
    if (Date.now() > deadline)
      throw new Error(`expected for ${patience / 1_000} s and not seen: ${what}${reasonOf(cause)}`)
    await pause(100)
  }
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? `; ${cause.message}` : ''
}

function makeNetwork(namespace: string): void {
  const ip = (...args: readonly string[]): void => {
    execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] })
  }
  ip('netns', 'add', namespace)
  ip('-n', namespace, 'link', 'set', 'lo', 'up')
  ip('-n', namespace, 'tuntap', 'add', TAP, 'mode', 'tap')
  for (const address of [SERVER, OPERATOR, STRANGER]) ip('-n', namespace, 'address', 'add', `${address}/24`, 'dev', TAP)
  ip('-n', namespace, 'link', 'set', TAP, 'up')
  // A knock is sent whether or not the machine has said where it is: the first packet that can come in does.
  const place = ['lladdr', GUEST.mac, 'dev', TAP, 'nud', 'permanent']
  ip('-n', namespace, 'neighbour', 'replace', GUEST.address, ...place)
}

async function startServer(namespace: string, folder: string): Promise<ChildProcess> {
  const ready = join(folder, 'ready.json')
  rmSync(ready, { force: true })
  const places = ['--data', join(folder, 'server'), '--ready-file', ready, '--this-host', 'off']
  const listen = ['--listen', API, '--agent-listen', AGENTS, '--agent-url', `https://${AGENTS}`]
  const program = join(ROOT, 'dist/sallyport.js')
  const server = spawn('ip', ['netns', 'exec', namespace, process.execPath, program, 'server', ...places, ...listen], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let log = ''
  server.stderr.on('data', (part: Buffer) => (log += part.toString()))
  await until(() => Promise.resolve(existsSync(ready)), 'the server serves').catch((cause: unknown) => {
    throw new Error(`the server did not become ready: ${log}`, { cause })
  })
  return server
}
