/**
 * The real, unmodified Azure command line, with a folder of its own for what it remembers, and no other way to reach
 * anything than the server under test. Debian's package needs `debian-repairs` for three groups of commands.
 */
import { execFile, execFileSync, spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { ServerProcess } from '../support/server-process.ts'

export interface AzResult {
  readonly exit: number
  // Tests read whatever shape the answer has, and fail when it is another.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly json: any
  readonly out: string
  readonly err: string
}

export interface AzureCli {
  /** `az ...words`; never rejects. */
  (...words: string[]): Promise<AzResult>
  /** Calls back with every line of the standard error as it comes. */
  watched(words: readonly string[], onError: (text: string) => void): Promise<AzResult>
}

const REPAIRED_VERSION = '2.45.0'

/** Undefined where there is none. */
export const azureCliVersion: string | undefined = versionOfAzureCli()

function versionOfAzureCli(): string | undefined {
  try {
    return /"azure-cli": "([\d.]+)"/.exec(execFileSync('az', ['version'], { encoding: 'utf8', stdio: 'pipe' }))?.[1]
  } catch {
    return undefined
  }
}

/** `more`: environment on top. */
export function azureCli(server: ServerProcess, more: Readonly<Record<string, string>> = {}): AzureCli {
  const configFolder = join(server.folder, `azure-${crypto.randomUUID()}`)
  mkdirSync(configFolder)
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: configFolder,
    LANG: 'C.UTF-8',
    AZURE_CONFIG_DIR: configFolder,
    AZURE_CORE_COLLECT_TELEMETRY: 'no',
    AZURE_CORE_ERROR_RECOMMENDATION: 'off',
    AZURE_CORE_NO_COLOR: 'true',
    REQUESTS_CA_BUNDLE: server.authorityFile,
    SSL_CERT_FILE: server.authorityFile,
    ...(azureCliVersion === REPAIRED_VERSION && { PYTHONPATH: join(import.meta.dirname, 'debian-repairs') }),
    PYTHONDONTWRITEBYTECODE: '1',
    ...more,
  }
  const run = (...words: string[]): Promise<AzResult> =>
    new Promise((resolve) => {
      execFile('az', words, { env, timeout: 60_000, maxBuffer: 16 * 1024 * 1024 }, (error, out, err) => {
        resolve(resultOf(typeof error?.code === 'number' ? error.code : error === null ? 0 : 99, out, err))
      })
    })
  const watched: AzureCli['watched'] = (words, onError) =>
    new Promise((resolve) => {
      const child = spawn('az', words, { env, timeout: 60_000, stdio: ['ignore', 'pipe', 'pipe'] })
      let [out, err] = ['', '']
      child.stdout.on('data', (part: Buffer) => (out += part.toString()))
      child.stderr.on('data', (part: Buffer) => {
        err += part.toString()
        onError(part.toString())
      })
      child.on('close', (code) => resolve(resultOf(code ?? 99, out, err)))
    })
  return Object.assign(run, { watched })
}

function resultOf(exit: number, out: string, err: string): AzResult {
  return { exit, out, err, json: /^\s*[[{"]/.test(out) ? parsed(out) : undefined }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
