/** The whole way of an extension: the real server, its database and this kernel's own timers. */
import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { SECOND } from '../../src/domain/time.ts'
import { ADDRESSES } from '../support/network-lab.ts'
import { openStage, type Stage } from './stage.ts'

const { friend: F } = ADDRESSES
const PORT = 4000
const API = 'api-version=2020-01-01'
const SERVER = join(import.meta.dirname, '../../src/main/sallyport.ts')
/** Runs on the host, where the server is: `METHOD PATH BODY`. */
const CALL = `
const [url, token, method, path, body] = process.argv.slice(1)
const headers = { authorization: 'Bearer ' + token, 'content-type': 'application/json' }
const answer = await fetch(url + path, { method, headers, ...(body && { body }) })
const text = await answer.text()
if (!answer.ok) throw new Error(path + ': ' + answer.status + ' ' + text)
console.log(text)`

let stage: Stage
let folder: string
let server: ChildProcess
let log: string

beforeEach(async () => {
  stage = openStage()
  folder = mkdtempSync(join(tmpdir(), `sallyport-extend-${process.pid}-`))
  const options = ['--data', folder, '--listen', '127.0.0.1:8470', '--ready-file', join(folder, 'ready.json')]
  const command = ['netns', 'exec', stage.lab.name('host'), process.execPath, SERVER, 'server', ...options]
  server = spawn('ip', command, { stdio: ['ignore', 'ignore', 'pipe'] })
  log = ''
  server.stderr?.on('data', (part: Buffer) => (log += part.toString()))
  const isReady = (): boolean => existsSync(join(folder, 'ready.json'))
  await vi.waitUntil(isReady, { timeout: 20_000 }).catch((cause: unknown) => {
    throw new Error(`the server did not start: ${log}`, { cause })
  })
})
afterEach(async () => {
  server.kill('SIGTERM')
  if (server.exitCode === null) await new Promise((resolve) => server.once('exit', resolve))
  await stage.remove()
  rmSync(folder, { recursive: true })
})

// Tests read whatever shape the answer has, and fail when it is another.
// oxlint-disable-next-line typescript/no-explicit-any
function call(method: string, path: string, body?: object): any {
  const ready = JSON.parse(readFileSync(join(folder, 'ready.json'), 'utf8')) as Record<string, string> // our own
  const token = readFileSync(ready['adminTokenFile'] ?? '', 'utf8').trim()
  const said = body === undefined ? [] : [JSON.stringify(body)]
  const asked = [process.execPath, '--input-type=module', '-e', CALL, ready['url'] ?? '', token, method, path, ...said]
  return JSON.parse(stage.lab.run('host', asked))
}

it('a port that is extended stays open without losing a packet, and shuts by itself at the new end', async () => {
  const [host, friend] = await Promise.all([stage.probe('host'), stage.probe('friend')])
  await host.call('listenUdp', [PORT])
  const { subscriptionId, resourceGroup, location } = call('GET', '/api/v1/whoami')
  const [machine] = call('GET', '/api/v1/machines').value
  const policy = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.Security/locations/${location}/jitNetworkAccessPolicies/default`
  const rule = { number: PORT, protocol: '*', allowedSourceAddressPrefix: '*', maxRequestAccessDuration: 'PT1H' }
  call('PUT', `${policy}?${API}`, {
    kind: 'Basic',
    properties: { virtualMachines: [{ id: machine.id, ports: [rule] }] },
  })
  const port = { number: PORT, duration: 'PT4S', allowedSourceAddressPrefix: F.peer }
  call('POST', `${policy}/initiate?${API}`, { virtualMachines: [{ id: machine.id, ports: [port] }] })
  const began = Date.now()
  const sending = friend.call('send', F.host, [{ port: PORT, from: began, to: began + 9 * SECOND }])

  const [request] = call('GET', '/api/v1/requests').value
  const [{ until: firstEnd }] = request.grants
  const extended = call('POST', `/api/v1/requests/${request.id}/extend`, { until: new Date(began + 7 * SECOND) })
  const end = Date.parse(extended.grants[0].until)
  expect(extended.grants[0]).toMatchObject({ state: 'open' })
  expect(end).toBeGreaterThan(Date.parse(firstEnd) + 2 * SECOND)

  const sent = await sending
  const through = new Set((await host.call('received')).map(({ sequence }) => sequence))
  const before = sent.filter(({ by }) => by < end - 20)
  const after = sent.filter(({ at }) => at >= end)
  expect(before.filter(({ at }) => at > Date.parse(firstEnd)).length).toBeGreaterThan(100)
  expect(before.filter(({ sequence }) => !through.has(sequence))).toEqual([])
  expect(after.length).toBeGreaterThan(100)
  expect(after.filter(({ sequence }) => through.has(sequence))).toEqual([])
}, 60_000)
