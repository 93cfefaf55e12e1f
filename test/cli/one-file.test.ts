/** The command line as one file: what it contains, what it must not contain, and that it works with nothing beside it. */
import { execFile } from 'node:child_process'
import { copyFile, glob, mkdtemp, readFile, rm } from 'node:fs/promises'
import { isBuiltin } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startServer, TOKEN } from '../conformance/running-server.ts'

const run = promisify(execFile)
const ROOT = join(import.meta.dirname, '../..')

let folder: string
let program: string
let text: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), `sallyport-one-file-${process.pid}-`))
  await run(process.execPath, [join(ROOT, 'script/build.ts'), join(folder, 'dist')])
  program = join(folder, 'sallyport.cjs')
  await copyFile(join(folder, 'dist/sallyport-cli.cjs'), program)
  text = await readFile(program, 'utf8')
})
afterAll(() => rm(folder, { recursive: true }))

function start(args: readonly string[], env: Record<string, string> = {}, file = program) {
  const { PATH = '' } = process.env
  return run(process.execPath, [file, ...args], {
    cwd: folder,
    env: { PATH, HOME: folder, SALLYPORT_READY_FILE: '', ...env },
  })
}

test('it tells its version, twice the same', async () => {
  const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { version: string } // npm’s own form
  for (const option of ['--version', '-V']) expect((await start([option])).stdout).toBe(`${version}\n`)
})

test('it works alone in a folder: a request is made, files are applied, a second start uses what the first compiled', async () => {
  const server = await startServer()
  try {
    const env = { SALLYPORT_SERVER: server.url, SALLYPORT_TOKEN: TOKEN }
    const exported = async (): Promise<string> => (await start(['export'], env)).stdout
    await start(['policy', 'set', 'default', '-m', 'web1', '-p', '22'], env)
    expect(await exported()).toContain('name: default')
    expect((await start(['machine', 'list', '-o', 'yaml', '--query', '[].name'], env)).stdout).toContain('- web1')
    expect((await start(['request', 'create', 'web1', '--query', 'grants[0].state', '-o', 'tsv'], env)).stdout).toBe(
      'open\n',
    )
  } finally {
    await server.stop()
  }
})

test('the program with the server has the same command line beside it, and tells of the server’s commands', async () => {
  const { stdout } = await start(['--help'], {}, join(folder, 'dist/sallyport.js'))
  expect(stdout).toMatch(/^ {2}server .*serve: keep ports closed/m)
  expect(stdout).toMatch(/^ {2}request /m)
  expect((await start(['--help'])).stdout).not.toMatch(/^ {2}server /m)
})

test('nothing heavy is loaded before it is known what is asked for', async () => {
  const { metafile } = await build({
    entryPoints: [join(ROOT, 'src/main/program/client-line.ts')],
    absWorkingDir: ROOT,
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
  })
  const first = new Set(['src/main/program/client-line.ts'])
  for (const file of first)
    for (const { path, kind } of metafile.inputs[file]?.imports ?? []) if (kind === 'import-statement') first.add(path)
  const packages = [...first].filter((path) => !path.startsWith('src/') && !isBuiltin(path))
  // Whatever is more here is more at every start: import() brings it where it is used.
  expect(packages.toSorted()).toEqual(['commander', 'fast-string-truncated-width'])
})

describe('it contains', () => {
  test('nothing but itself and Node.js: no package and no native module is looked for', () => {
    const wanted = [...text.matchAll(/\b(?:require|import)\(\\?"([^"\\]+)\\?"\)/g)].map(([, name = '']) => name)
    expect(wanted).toContain('node:fs')
    expect(wanted.filter((name) => !isBuiltin(name))).toEqual([])
    expect(text.match(/\.node\\?"|process\.dlopen|koffi/g)).toBeNull()
  })

  test('nothing of the server', () => {
    const served = ['fastify', 'kysely', 'prom-client', 'oidc-provider', 'CREATE TABLE', 'nft_']
    expect(served.filter((name) => text.toLowerCase().includes(name.toLowerCase()))).toEqual([])
  })

  test('packages whose licences lie beside it', async () => {
    const licences = await readFile(join(folder, 'dist/sallyport-cli.licences.txt'), 'utf8')
    for (const name of ['commander', 'yaml', 'zod', '@jmespath-community/jmespath'])
      expect(licences).toMatch(new RegExp(`^${name} \\d`, 'm'))
  })
})

/** Absent on Windows, or throwing there: https://nodejs.org/api/process.html and fs.html. */
const POSIX_ONLY =
  /process\.(?:get|set)(?:e?[ug]id|groups)\(|\.initgroups\(|\.(?:f|l)?chown(?:Sync)?\(|lchmod|\/dev\/(?:tty|null|stdin|stdout)|\/bin\/|'SIG(?:USR1|USR2|QUIT|TSTP|CONT|WINCH)'/

describe('it runs on Windows and macOS as well:', () => {
  test('no source of the command line calls what only POSIX has', async () => {
    const found: string[] = []
    for await (const path of glob('src/{cli,contract,domain}/**/*.ts', { cwd: ROOT })) {
      // What is written for a shell of POSIX is run by that shell.
      if (path.endsWith('.test.ts') || path.endsWith('shell-scripts.ts')) continue
      const lines = (await readFile(join(ROOT, path), 'utf8')).split('\n')
      found.push(...lines.filter((line) => POSIX_ONLY.test(line)).map((line) => `${path}: ${line.trim()}`))
    }
    expect(found).toEqual([])
  })

  test('and a planted call is found', () => {
    for (const line of ['process.getuid()', `spawn('/bin/sh')`, `process.kill(pid, 'SIGUSR1')`])
      expect(line).toMatch(POSIX_ONLY)
  })
})
