/** What only a real process shows: signals, closed pipes, what is left on which stream. */
import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startServer, TOKEN, type RunningServer } from '../conformance/running-server.ts'
import { type } from './type.ts'

const ENTRY = fileURLToPath(new URL('../../src/main/sallyport.ts', import.meta.url))

let server: RunningServer

beforeEach(async () => {
  server = await startServer()
  await type(server.url, ['policy', 'set', 'default', '-m', 'web1', '-p', '22'])
})
afterEach(() => server.stop())

type Child = ChildProcessByStdio<null, Readable, Readable>

const PROGRAM = [process.execPath, ENTRY]
const INTO_A_FULL_DISK = ['/bin/sh', '-c', 'exec "$0" "$@" > /dev/full', ...PROGRAM]

function start(line: string, [program = '', ...before] = PROGRAM): Child {
  const { PATH = '' } = process.env
  const env = { PATH, SALLYPORT_SERVER: server.url, SALLYPORT_TOKEN: TOKEN, SALLYPORT_READY_FILE: '', TZ: 'UTC' }
  return spawn(program, [...before, ...line.split(' ')], { env, stdio: ['ignore', 'pipe', 'pipe'] })
}

async function ended(child: Child): Promise<{ exit: number | null; stdout: string; stderr: string }> {
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  await once(child, 'close')
  return { exit: child.exitCode, stdout, stderr }
}

test('data goes to stdout and everything else to stderr', async () => {
  const { exit, stdout, stderr } = await ended(start('request create web1 -p 22 -o json'))
  expect([exit, JSON.parse(stdout).grants[0].state]).toEqual([0, 'open'])
  expect(stderr).toContain('Open.')
})

test('Ctrl-C while waiting ends with 130, and the request stays', async () => {
  const goOn = server.driver.holdUp()
  const child = start('request create web1 -p 22 --from 203.0.113.7')
  const waiting = once(child.stderr, 'data') // its first words are that it waits
  const end = ended(child)
  await waiting
  child.kill('SIGINT')
  const { exit, stderr } = await end
  expect([exit, stderr]).toEqual([
    130,
    expect.stringMatching(/^waiting for web1:22 [^]*request .* stays[^]*sallyport request close/),
  ])
  expect(await isWaiting()).toBe(true)
  goOn()
})

test.each([
  ['request watch', /live=true/],
  ['ssh web1', /live=true/],
  ['request close -m web1', /\/close$/],
])('Ctrl-C ends %s at once also while a server that has stopped answering is asked', async (line, silence) => {
  await type(server.url, ['request', 'create', 'web1', '-p', '22', '--from', '203.0.113.7'])
  const between = await startBetween(silence)
  const child = start(`--server ${between.url} ${line}`)
  const end = ended(child)
  await between.isSilent
  child.kill('SIGINT')
  const { exit, stderr } = await end
  between.stop()
  expect([exit, stderr]).toEqual([130, expect.stringContaining('interrupted')])
})

/** Passes calls on to the server, and lets those wait for ever that it shall be silent about. */
async function startBetween(silence: RegExp) {
  const { promise: isSilent, resolve } = Promise.withResolvers<void>()
  const between = createServer((request, reply) => {
    if (silence.test(request.url ?? '')) return resolve()
    const authorization = request.headers.authorization ?? ''
    void fetch(`${server.url}${request.url}`, { headers: { authorization } }).then(async (answer) =>
      reply.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text()),
    )
  })
  between.listen(0, '127.0.0.1')
  await once(between, 'listening')
  const { port } = between.address() as AddressInfo // it listens on TCP
  const stop = (): void => {
    between.closeAllConnections()
    between.close()
  }
  return { url: `http://127.0.0.1:${port}`, isSilent, stop }
}

async function isWaiting(): Promise<boolean> {
  return (await type(server.url, ['request', 'list', '--live', '-o', 'json'])).json.length === 1
}

test('a reader that goes away is no error', async () => {
  const child = start('audit list --since 2026-01-01T00:00:00Z -o json')
  child.stdout.destroy()
  const { exit, stderr } = await ended(child)
  expect([exit, stderr]).toEqual([0, ''])
})

test.skipIf(process.platform !== 'linux')('where the output cannot be kept, one line says why', async () => {
  const { exit, stderr } = await ended(start('machine list -o json', INTO_A_FULL_DISK))
  expect([exit, stderr]).toEqual([
    1,
    'error: the output could not be written (ENOSPC: no space left on device, write)\n',
  ])
})

test('a dead server gives two lines, never a stack trace', async () => {
  const { exit, stderr } = await ended(start('machine list --server http://127.0.0.1:1'))
  expect([exit, stderr.trim().split('\n').length]).toEqual([1, 2])
})

test('an unknown option ends with 2', async () => {
  expect((await ended(start('server --nonsense'))).exit).toBe(2)
})
