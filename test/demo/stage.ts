/**
 * The demo's stage: a protected host, an operator and a stranger, each in a network namespace of its own, joined by
 * veth pairs. Nothing outside the three namespaces is touched, and `leave` takes everything away again.
 *
 *   operator 10.117.1.2 ─── 10.117.1.1 host 10.117.2.1 ─── 10.117.2.2 stranger
 */
import { execFileSync, spawn, type ChildProcess, type SpawnOptions } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export type Role = 'host' | 'operator' | 'stranger'

export const HOST_SEEN_BY = { operator: '10.117.1.1', stranger: '10.117.2.1' } as const

export interface Stage {
  /** A folder that goes with the stage. */
  readonly folder: string
  /** The namespace of its own that it is in. */
  name(role: Role): string
  spawn(role: Role, command: readonly string[], options?: SpawnOptions): ChildProcess
  /** Waits for the end; rejects with the error output when the exit code is not 0. */
  run(role: Role, command: readonly string[]): Promise<string>
  leave(): void
}

export function setStage(): Stage {
  const name = (role: Role): string => `sallyport-${role}-${process.pid}`
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-demo-'))
  const children = new Set<ChildProcess>()
  const leave = (): void => {
    for (const child of children) if (child.exitCode === null && child.pid !== undefined) killGroup(child.pid)
    for (const role of ['host', 'operator', 'stranger'] as const) deleteNamespace(name(role))
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    for (const role of ['host', 'operator', 'stranger'] as const) addNamespace(name(role))
    join2(name('host'), name('operator'), '10.117.1')
    join2(name('host'), name('stranger'), '10.117.2')
  } catch (cause) {
    leave()
    throw cause
  }
  const start = (role: Role, command: readonly string[], options: SpawnOptions = {}): ChildProcess => {
    const child = spawn('ip', ['netns', 'exec', name(role), ...command], { detached: true, ...options })
    children.add(child)
    child.once('exit', () => children.delete(child))
    return child
  }
  return { folder, name, leave, spawn: start, run: (role, command) => finished(start(role, command), command) }
}

function ip(...args: readonly string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] })
}

function addNamespace(name: string): void {
  ip('netns', 'add', name)
  ip('-n', name, 'link', 'set', 'lo', 'up')
  // Nobody else is there to have the same address: it is good at once, and not two seconds later, when a browser that
  // hears of a new address gives up what it was loading.
  const files = ['all', 'default'].map((scope) => `/proc/sys/net/ipv6/conf/${scope}/accept_dad`)
  const quick = files.map((file) => `if [ -w ${file} ]; then echo 0 > ${file}; fi`).join('; ')
  ip('netns', 'exec', name, 'sh', '-c', quick)
}

/** Links left in a namespace go with it. */
function deleteNamespace(name: string): void {
  try {
    ip('netns', 'delete', name)
  } catch {
    // It was never made: an earlier step failed.
  }
}

function join2(host: string, guest: string, net: string): void {
  const [left, right] = [`h${net.at(-1)}-${process.pid}`, `g${net.at(-1)}-${process.pid}`]
  ip('link', 'add', left, 'netns', host, 'type', 'veth', 'peer', 'name', right, 'netns', guest)
  ip('-n', host, 'address', 'add', `${net}.1/24`, 'dev', left)
  ip('-n', guest, 'address', 'add', `${net}.2/24`, 'dev', right)
  ip('-n', host, 'link', 'set', left, 'up')
  ip('-n', guest, 'link', 'set', right, 'up')
}

/** The whole group dies at once, as with a power cut: nothing can say goodbye. */
export function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It ended by itself meanwhile.
  }
}

function finished(child: ChildProcess, command: readonly string[]): Promise<string> {
  let output = ''
  let errors = ''
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => {
      if (code === 0) resolve(output)
      else reject(new Error(`${command.join(' ')} ended with ${code ?? 'a signal'}: ${errors || output}`))
    })
  })
}
