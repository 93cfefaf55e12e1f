/** A download of the audit trail holds a few hundred events at a time, however many there are and however slow its reader. */
import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Store } from '../../src/app/ports.ts'
import { startServer, TOKEN, type RunningServer } from '../conformance/running-server.ts'
import { anEvent } from '../store/builders.ts'

const EVENTS = 40_000
const MEGABYTE = 1 << 20

let server: RunningServer
let store: Store
let pages: number

beforeEach(async () => {
  server = await startServer()
  store = server.app.store
  pages = 0
  const { reads } = store
  const read = reads.audit.bind(reads)
  Object.assign(reads, {
    audit: (...asked: Parameters<typeof read>) => {
      pages += 1
      return read(...asked)
    },
  })
  const data = JSON.stringify({ port: 22, justification: 'x'.repeat(1_000) })
  for (let written = 0; written < EVENTS; written += 2_000)
    await store.transaction((tx) => tx.append(Array.from({ length: 2_000 }, () => anEvent({ data }))))
})
afterEach(() => server.stop())

async function download(format: string): Promise<IncomingMessage> {
  const headers = { authorization: `Bearer ${TOKEN}` }
  const request = get(`${server.url}/api/v1/audit/export?format=${format}`, { headers })
  const [response] = (await once(request, 'response')) as [IncomingMessage] // what the event carries
  return response
}

/** The most memory that the process had at any moment of a whole download. */
async function peakOfDownload(): Promise<number> {
  let most = 0
  let bytes = 0
  let lines = 0
  const response = await download('csv')
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    for (const byte of chunk) if (byte === 0x0a) lines += 1
    most = Math.max(most, process.memoryUsage().rss)
  })
  await once(response, 'end')
  expect(lines).toBeGreaterThan(EVENTS)
  expect(bytes).toBeGreaterThan(80 * MEGABYTE)
  return most / MEGABYTE
}

it('takes no more memory the more there is', async () => {
  const first = await peakOfDownload() // the database's cache and the heap grow to their size
  const peaks = [await peakOfDownload(), await peakOfDownload(), await peakOfDownload()]
  expect(Math.max(...peaks) - first).toBeLessThan(48)
}, 60_000)

it('waits for its reader, and ends when the server stops', async () => {
  const response = await download('jsonl')
  response.pause()
  const settled = async (): Promise<number> => {
    for (let last = -1; last !== pages;) {
      last = pages
      for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setImmediate(resolve))
    }
    return pages
  }
  const read = await settled()
  expect(read).toBeLessThan(EVENTS / 500 / 2)
  const cut = once(response, 'error')
  response.resume()
  await server.app.store.transaction(async () => undefined)
  void server.stop()
  expect(String(await cut)).toMatch(/aborted|socket/)
  server = await startServer()
}, 60_000)
