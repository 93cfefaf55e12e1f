/** A download of the audit trail holds a hundred events at a time, however many there are and however slow its reader. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { get, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { startServer, TOKEN } from '../conformance/running-server.ts'
import { anEvent } from '../store/builders.ts'

const MEGABYTE = 1 << 20

async function download(url: string, format: string): Promise<IncomingMessage> {
  const headers = { authorization: `Bearer ${TOKEN}` }
  const request = get(`${url}/api/v1/audit/export?format=${format}`, { headers })
  const [response] = (await once(request, 'response')) as [IncomingMessage] // what the event carries
  return response
}

/** Lines and bytes of a whole download. */
async function measure(url: string): Promise<{ lines: number; bytes: number }> {
  const response = await download(url, 'csv')
  let bytes = 0
  let lines = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length
    for (const byte of chunk) if (byte === 0x0a) lines += 1
  }
  return { lines, bytes }
}

it('a process with little memory serves a trail that is larger than its memory', async () => {
  const events = 60_000
  const heap = 96 // megabytes, of which the program itself takes half; the trail has more than twice as many
  const script = join(import.meta.dirname, 'export-child.ts')
  const child = spawn(process.execPath, [`--max-old-space-size=${heap}`, script, String(events)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [said] = (await once(child.stdout, 'data')) as [Buffer] // what the event carries
  const url = said.toString().trim()
  const peak = (): number =>
    Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) / 1_024
  const first = await measure(url) // fills the database's own cache
  const before = peak()
  expect(await measure(url)).toMatchObject({ lines: expect.any(Number) })
  const grown = peak() - before
  child.kill('SIGTERM')
  await once(child, 'close')
  expect(first.lines).toBe(events + 1)
  expect(first.bytes).toBeGreaterThan(2 * heap * MEGABYTE)
  expect(grown).toBeLessThan(40)
}, 120_000)

it('a download waits for its reader, and ends when the server stops', async () => {
  const server = await startServer()
  const { store } = server.app
  const data = JSON.stringify({ port: 22, justification: 'x'.repeat(1_000) })
  for (let left = 40_000; left > 0; left -= 1_000)
    await store.transaction((tx) => tx.append(Array.from({ length: 1_000 }, () => anEvent({ data }))))
  let pages = 0
  const read = store.reads.audit.bind(store.reads)
  Object.assign(store.reads, { audit: (...asked: Parameters<typeof read>) => ((pages += 1), read(...asked)) })
  const response = await download(server.url, 'jsonl')
  response.pause()
  for (let last = -1; last !== pages;) {
    last = pages
    for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setImmediate(resolve))
  }
  expect(pages).toBeLessThan(40_000 / 100 / 2)
  const cut = once(response, 'error')
  response.resume()
  const stopped = server.stop()
  expect(String(await cut)).toMatch(/aborted|socket/)
  await stopped
}, 60_000)
