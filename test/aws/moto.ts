/**
 * moto, an EC2 that others wrote, as a process of its own on a free port. Where there is none the tests say so aloud and
 * are skipped; `script/ensure-moto` says how to get it.
 */
import { freePort } from '../support/free-port.ts'
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

export interface Moto {
  readonly url: string
  /** Nothing is there, as at first. */
  reset(): Promise<void>
  stop(): Promise<void>
}

const OWN_PYTHON = join(import.meta.dirname, '../../node_modules/.cache/moto/bin/python')

/** A Python that has moto; undefined where there is none. */
export const motoPython: string | undefined = [OWN_PYTHON, 'python3'].find(hasMoto)

if (motoPython === undefined)
  process.stderr.write(
    'SKIPPED: everything against moto, because no Python here has it. Get it with: script/ensure-moto\n',
  )

function hasMoto(python: string): boolean {
  if (python === OWN_PYTHON && !existsSync(python)) return false
  try {
    execFileSync(python, ['-c', 'import importlib.util as u; assert u.find_spec("moto") and u.find_spec("flask")'], {
      stdio: 'ignore',
    })
    return true
  } catch {
    return false
  }
}

export async function startMoto(): Promise<Moto> {
  if (motoPython === undefined) throw new Error('there is no moto here; get it with: script/ensure-moto')
  const port = await freePort()
  const child = spawn(motoPython, ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, MOTO_IAM_LOAD_MANAGED_POLICIES: 'false' },
  })
  // A test that fails before it has what to stop leaves nothing behind.
  process.once('exit', () => child.kill('SIGKILL'))
  let log = ''
  child.stderr.on('data', (part: Buffer) => (log = (log + part.toString()).slice(-10_000)))
  const url = `http://127.0.0.1:${port}`
  await untilServing(url, child, () => log)
  const reset = async (): Promise<void> => {
    const { ok, status } = await fetch(`${url}/moto-api/reset`, { method: 'POST' })
    if (!ok) throw new Error(`moto was not reset: ${status}`)
  }
  return { url, reset, stop: () => stop(child) }
}

async function untilServing(url: string, child: ChildProcess, log: () => string): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    if (child.exitCode !== null) throw new Error(`moto ended:\n${log()}`)
    const answer = await fetch(`${url}/moto-api/`).catch(() => undefined)
    if (answer?.ok === true) return
    await pause(100)
  }
  throw new Error(`moto does not serve:\n${log()}`)
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await ended
}
