/** `sallyport ssh` and its neighbours on a real kernel, with a real sshd: three machines in namespaces of their own. */
import type { ChildProcess } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startSshd } from '../demo/ssh.ts'
import { HOST_SEEN_BY, setStage, type Stage } from '../demo/stage.ts'

const ENTRY = fileURLToPath(new URL('../../src/main/sallyport.ts', import.meta.url))
const URL_THERE = `https://${HOST_SEEN_BY.operator}:8470`

let stage: Stage
let machine: string
let ready: { readonly adminTokenFile: string; readonly caFile: string }

interface Ran {
  readonly exit: number | null
  readonly stdout: string
  readonly stderr: string
}

beforeAll(async () => {
  stage = setStage()
  startSshd(stage)
  const file = join(stage.folder, 'ready.json')
  const options = ['--data', join(stage.folder, 'data'), '--listen', '0.0.0.0:8470', '--ready-file', file]
  stage.spawn('host', [process.execPath, ENTRY, 'server', ...options], { stdio: 'ignore' })
  await until(() => existsSync(file))
  ready = JSON.parse(readFileSync(file, 'utf8'))
  machine = JSON.parse((await sallyport(['machine', 'list', '-o', 'json'])).stdout)[0].name
  await sallyport(['policy', 'set', 'default', '-m', machine, '-p', '22/tcp', '-p', '2222/tcp', '--yes'])
})
afterAll(() => stage.leave())

/** As the operator types it, with nothing but the address, the token and the authority in the environment. */
function start(
  args: readonly string[],
  wrap: (line: readonly string[]) => readonly string[] = (line) => line,
): ChildProcess {
  return stage.spawn('operator', wrap([process.execPath, ENTRY, ...args]), { env: operatorEnv() })
}

function operatorEnv(): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '',
    SALLYPORT_CONFIG_DIR: join(stage.folder, 'home'),
    SALLYPORT_READY_FILE: '',
    SALLYPORT_SERVER: URL_THERE,
    SALLYPORT_TOKEN_FILE: ready.adminTokenFile,
    SALLYPORT_CA_FILE: ready.caFile,
  }
}

async function ended(child: ChildProcess): Promise<Ran> {
  let [stdout, stderr] = ['', '']
  child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  const exit = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { exit, stdout, stderr }
}

/** With nothing more to read. */
function sallyport(args: readonly string[]): Promise<Ran> {
  const child = start(args)
  child.stdin?.end()
  return ended(child)
}

/** Settings of ssh that keep the test to itself. */
const quietly = (): string[] => [
  '-F',
  'none',
  '-i',
  join(stage.folder, 'user-key'),
  ...['StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'LogLevel=ERROR'].flatMap((option) => ['-o', option]),
]

async function liveGrants(): Promise<{ port: number; state: string }[]> {
  const requests = JSON.parse((await sallyport(['request', 'list', '--live', '-o', 'json'])).stdout)
  return requests.flatMap(({ grants }: { grants: { port: number; state: string }[] }) =>
    grants.filter(({ state }) => state === 'open' || state === 'opening'),
  )
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await holds()); tries++) {
    if (tries > 800) throw new Error('it did not come to be')
    await pause(50)
  }
}

test('a shell needs no request before it: the port is opened, the command runs, its exit code comes back, the port is shut', async () => {
  const line = ['ssh', '--close', `root@${machine}`, ...quietly(), 'cat; exit 7']
  const { exit, stdout, stderr } = await sallyport(line)
  expect(stderr).toContain('The port is closed again.')
  expect([exit, stdout]).toEqual([7, ''])
  expect(await liveGrants()).toEqual([])
})

test('what is sent to the command arrives, and what it says comes back untouched', async () => {
  const child = start(['ssh', '--close', `root@${machine}`, '--', ...quietly(), 'cat'])
  child.stdin?.end('a line\nand a half')
  expect(await ended(child)).toMatchObject({ exit: 0, stdout: 'a line\nand a half' })
})

test('an open hole of one’s own is used again, and is left as it was', async () => {
  await sallyport(['request', 'create', machine, '-p', '22'])
  const { exit, stderr } = await sallyport(['ssh', `root@${machine}`, ...quietly(), 'true'])
  expect([exit, stderr]).toEqual([0, expect.stringContaining('is open for you already')])
  expect(await liveGrants()).toMatchObject([{ port: 22, state: 'open' }])
  await sallyport(['request', 'close', '-m', machine])
})

test('without a terminal the port is left open, and the last line says how to close it', async () => {
  const { exit, stderr } = await sallyport(['ssh', `root@${machine}`, ...quietly(), 'true'])
  expect([exit, stderr]).toEqual([
    0,
    expect.stringMatching(/stays open until its end.* sallyport request close \S+\n$/),
  ])
  expect(await liveGrants()).toHaveLength(1)
  await sallyport(['request', 'close', '-m', machine])
})

test('files are copied, and a program of one’s own is told where to connect', async () => {
  const [here, there] = [join(stage.folder, 'here'), join(stage.folder, 'there')]
  writeFileSync(here, 'content')
  expect(await sallyport(['scp', '--close', '-O', ...quietly(), here, `root@${machine}:${there}`])).toMatchObject({
    exit: 0,
  })
  expect(readFileSync(there, 'utf8')).toBe('content')
  const shown = await sallyport(['connect', machine, '-p', '22', '--close', '--', 'echo', '{host}', '[{{port}}]'])
  expect([shown.exit, shown.stdout]).toEqual([0, `${HOST_SEEN_BY.operator} [22]\n`])
})

test('every program that uses ssh gets in through its ProxyCommand, and the port is shut behind it', async () => {
  const proxy = [process.execPath, ENTRY, 'connect', machine, '-p', '22', '--stdio', '--close', '-q'].join(' ')
  const args = [...quietly(), '-o', `ProxyCommand=${proxy}`, 'root@anything', 'echo through; exit 3']
  const child = stage.spawn('operator', ['ssh', ...args], { env: operatorEnv() })
  child.stdin?.end()
  expect(await ended(child)).toMatchObject({ exit: 3, stdout: 'through\n' })
  await until(async () => (await liveGrants()).length === 0)
})

test('a port that nothing listens on is not waited for longer than asked, and is closed again', async () => {
  const { exit, stderr } = await sallyport(['connect', machine, '-p', '2222', '--timeout', '1s', '--', 'true'])
  expect([exit, stderr]).toEqual([5, expect.stringMatching(/waiting until [^]*does not answer at/)])
  expect(stderr).toContain('closed again')
  expect(await liveGrants()).toEqual([])
})

test('Ctrl-C at a real terminal while it waits ends with 130 and leaves nothing open', async () => {
  const inTerminal = (line: readonly string[]): readonly string[] => ['script', '-qfec', line.join(' '), '/dev/null']
  const child = start(['connect', machine, '-p', '2222', '--', 'true'], inTerminal)
  let [shown, isInterrupted] = ['', false]
  child.stdout?.on('data', (chunk: Buffer) => {
    shown += chunk.toString()
    if (isInterrupted || !shown.includes('answers')) return
    isInterrupted = true
    child.stdin?.write('\u0003')
  })
  const { exit } = await ended(child)
  expect([exit, shown]).toEqual([130, expect.stringContaining('closed again')])
  expect(await liveGrants()).toEqual([])
})

test('at a real terminal the person is asked, and yes closes it', async () => {
  const inTerminal = (line: readonly string[]): readonly string[] => ['script', '-qfec', line.join(' '), '/dev/null']
  const child = start(['ssh', `root@${machine}`, ...quietly(), 'echo', 'inside'], inTerminal)
  let shown = ''
  child.stdout?.on('data', (chunk: Buffer) => {
    shown += chunk.toString()
    if (chunk.toString().includes('[Y/n]')) child.stdin?.write('\r')
  })
  expect((await ended(child)).exit).toBe(0)
  expect(shown).toMatch(/inside[^]*Close the port again\? \[Y\/n\] [^]*The port is closed again/)
  expect(await liveGrants()).toEqual([])
})
