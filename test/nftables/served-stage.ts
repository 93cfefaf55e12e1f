/** The real server on the protected host of a stage, asked from there as its administrator. */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { vi } from 'vitest'
import type { Stage } from './stage.ts'

export interface ServedStage {
  // Tests read whatever shape the answer has, and fail when it is another.
  // oxlint-disable-next-line typescript/no-explicit-any
  call(method: string, path: string, body?: object): any
  /** What the command line prints there. */
  sallyport(...args: readonly string[]): string
  stop(): Promise<void>
}

const PROGRAM = join(import.meta.dirname, '../../src/main/sallyport.ts')
const LISTEN = '127.0.0.1:8470'
/** Runs on the host, where the server is: `METHOD PATH BODY`. */
const CALL = `
const [url, token, method, path, body] = process.argv.slice(1)
const headers = { authorization: 'Bearer ' + token, 'content-type': 'application/json' }
const answer = await fetch(url + path, { method, headers, ...(body && { body }) })
const text = await answer.text()
if (!answer.ok) throw new Error(path + ': ' + answer.status + ' ' + text)
console.log(text)`

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
  return {
    call: (method, path, body) => {
      const said = body === undefined ? [] : [JSON.stringify(body)]
      const asked = [process.execPath, '--input-type=module', '-e', CALL, ready.url, token, method, path, ...said]
      return JSON.parse(lab.run('host', asked))
    },
    sallyport: (...args) => {
      const env = [`SALLYPORT_SERVER=${ready.url}`, `SALLYPORT_TOKEN=${token}`, `SALLYPORT_CONFIG_DIR=${folder}/home`]
      return lab.run('host', ['env', ...env, process.execPath, PROGRAM, ...args])
    },
    stop: async () => {
      server.kill('SIGTERM')
      if (server.exitCode === null) await new Promise((resolve) => server.once('exit', resolve))
      rmSync(folder, { recursive: true })
    },
  }
}
