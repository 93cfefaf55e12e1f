/** The real server as its own process, on a data folder that outlives it: it can be killed at any moment and started again. */
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Reply } from '../support/reply.ts'

export interface CloudServer {
  readonly url: string
  readonly subscriptionId: string
  /** By the bootstrap administrator. Rejects when the server died meanwhile. */
  call(method: string, path: string, body?: object): Promise<Reply>
  log(): string
  /** At once, as by a power cut. */
  kill(): Promise<void>
  start(): Promise<void>
  /** For good. */
  remove(): Promise<void>
}

const PATIENCE = 30_000

export async function startCloudServer(): Promise<CloudServer> {
  const folder = await mkdtemp(join(tmpdir(), `sallyport-aws-${process.pid}-`))
  await writeFile(join(folder, 'fleet.json'), '[]')
  let child: ChildProcess | undefined
  let log = ''
  let facts = { url: '', subscriptionId: '' }
  let token = ''
  process.once('exit', () => child?.kill('SIGKILL'))

  const kill = async (): Promise<void> => {
    const dying = child
    if (dying === undefined || dying.exitCode !== null || dying.signalCode !== null) return
    const ended = new Promise((resolve) => dying.once('exit', resolve))
    dying.kill('SIGKILL')
    await ended
  }
  const start = async (): Promise<void> => {
    const ready = join(folder, 'ready.json')
    await rm(ready, { force: true })
    const script = join(import.meta.dirname, '../../src/main/sallyport.ts')
    const args = ['--data', folder, '--fleet', join(folder, 'fleet.json'), '--listen', '127.0.0.1:0']
    child = spawn(process.execPath, [script, 'server', ...args, '--ready-file', ready], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    child.stderr?.on('data', (part: Buffer) => (log = (log + part.toString()).slice(-200_000)))
    facts = JSON.parse(await untilWritten(ready, child, () => log)) as typeof facts // the server's own file
    token = (await readFile(join(folder, 'admin-token'), 'utf8')).trim()
  }
  await start()
  return {
    get url() {
      return facts.url
    },
    get subscriptionId() {
      return facts.subscriptionId
    },
    call: async (method, path, body) => {
      const response = await fetch(facts.url + path, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      const text = await response.text()
      return { status: response.status, body: /^[[{]/.test(text) ? JSON.parse(text) : undefined }
    },
    log: () => log,
    kill,
    start,
    remove: async () => {
      await kill()
      await rm(folder, { recursive: true })
    },
  }
}

async function untilWritten(file: string, child: ChildProcess, log: () => string): Promise<string> {
  const deadline = Date.now() + PATIENCE
  for (;;) {
    const text = await readFile(file, 'utf8').catch(() => undefined)
    if (text !== undefined && text.trim() !== '') return text
    if (child.exitCode !== null || Date.now() > deadline) throw new Error(`the server did not start:\n${log()}`)
    await pause(50)
  }
}
