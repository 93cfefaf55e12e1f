/** The real server on the protected host of a stage, asked from there as its administrator. */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { vi } from 'vitest'
import type { Api } from '../support/api-worker.ts'
import { startRemote } from '../support/remote.ts'
import type { Stage } from './stage.ts'

export interface ServedStage {
  // Tests read whatever shape the answer has, and fail when it is another.
  // oxlint-disable-next-line typescript/no-explicit-any
  call(method: string, path: string, body?: object): Promise<any>
  /** What the command line prints there. */
  sallyport(...args: readonly string[]): string
  stop(): Promise<void>
}

const PROGRAM = join(import.meta.dirname, '../../src/main/sallyport.ts')
const LISTEN = '127.0.0.1:8470'
export async function serveOn({ lab }: Pick<Stage, 'lab'>, ...more: readonly string[]): Promise<ServedStage> {
  const folder = mkdtempSync(join(tmpdir(), `sallyport-served-${process.pid}-`))
  const readyFile = join(folder, 'ready.json')
  const options = ['--data', folder, '--listen', LISTEN, '--ready-file', readyFile, ...more]
  const command = ['netns', 'exec', lab.name('host'), process.execPath, PROGRAM, 'server', ...options]
  const server = spawn('ip', command, { stdio: ['ignore', 'ignore', 'pipe'] })
  let log = ''
  server.stderr.on('data', (part: Buffer) => (log += part.toString()))
  await vi
    .waitUntil(() => existsSync(readyFile), { timeout: 20_000 })
    .catch((cause: unknown) => {
      throw new Error(`the server did not start: ${log}`, { cause })
    })
  const ready = JSON.parse(readFileSync(readyFile, 'utf8')) as Record<'url' | 'adminTokenFile', string> // our own
  const token = readFileSync(ready.adminTokenFile, 'utf8').trim()
  const worker = join(import.meta.dirname, '../support/api-worker.ts')
  const api = await startRemote<Api>(lab.name('host'), worker, [ready.url, token])
  return {
    call: async (method, path, body) => {
      const answer = await api.call('call', method, path, body)
      if (answer.status >= 400) throw new Error(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
      return answer.body
    },
    sallyport: (...args) => {
      const env = [`SALLYPORT_SERVER=${ready.url}`, `SALLYPORT_TOKEN=${token}`, `SALLYPORT_CONFIG_DIR=${folder}/home`]
      return lab.run('host', ['env', ...env, process.execPath, PROGRAM, ...args])
    },
    stop: async () => {
      await api.kill()
      server.kill('SIGTERM')
      if (server.exitCode === null) await new Promise((resolve) => server.once('exit', resolve))
      rmSync(folder, { recursive: true })
    },
  }
}
