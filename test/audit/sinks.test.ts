/** Every sink against a real receiver of its kind: what it takes, what becomes of events while it is away. */
import { createHmac } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Store } from '../../src/app/ports/store.ts'
import type { AuditSink } from '../../src/app/ports/trail.ts'
import { backOff, deliverAll, streamAudit, type StreamDeps } from '../../src/app/audit/stream-audit.ts'
import type { StoredAuditEvent } from '../../src/domain/audit/audit.ts'
import { MINUTE, SECOND } from '../../src/domain/time.ts'
import { fileSink } from '../../src/sinks/file-sink.ts'
import { syslogSink } from '../../src/sinks/syslog-sink.ts'
import { webhookSink } from '../../src/sinks/webhook-sink.ts'
import { openSqliteStore } from '../../src/store/open-sqlite.ts'
import { anEvent, NOON, SUBSCRIPTION } from '../store/builders.ts'

const UNSTOPPED = new AbortController().signal
const SECRET = 'a secret of the receiver, and of nobody else'

let folder: string
let store: Store
let deps: StreamDeps
let now: number
const cleanUp: (() => unknown)[] = []

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), `sallyport-sinks-${process.pid}-`))
  store = await openSqliteStore(folder)
  now = NOON
  const log = { error: () => undefined, warn: () => undefined, info: () => undefined }
  const timer = { sleep: (): Promise<void> => new Promise((resolve) => setImmediate(resolve)) } // time flies
  deps = { store, clock: { now: () => now }, owner: 'one', log, timer }
})
afterEach(async () => {
  for (const undo of cleanUp.splice(0)) await undo()
  await store.close()
  rmSync(folder, { recursive: true })
})

const append = (count: number, about: Parameters<typeof anEvent>[0] = {}): Promise<void> =>
  store.transaction((tx) => tx.append(Array.from({ length: count }, () => anEvent(about))))

const cursor = async (sink: string): Promise<number | undefined> => (await store.reads.trail.cursors()).get(sink)

const portOf = (server: { address(): unknown }): number => (server.address() as AddressInfo).port // it listens on TCP or UDP

async function listening<T extends Server>(server: T): Promise<T> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanUp.push(() => server.close())
  return server
}

/** Takes everything, and remembers it. */
function memorySink(name = 'memory'): AuditSink & { readonly seqs: number[] } {
  const seqs: number[] = []
  return {
    name,
    seqs,
    deliver: async (events) => void seqs.push(...events.map(({ seq }) => seq)),
    close: async () => {},
  }
}

describe('a syslog receiver', () => {
  /** RFC 6587 §3.4.1. */
  function framesIn(stream: Buffer): string[] {
    const frames: string[] = []
    for (let at = 0; at < stream.length;) {
      const space = stream.indexOf(' ', at)
      const length = Number(stream.toString('ascii', at, space))
      frames.push(stream.toString('utf8', space + 1, space + 1 + length))
      at = space + 1 + length
    }
    return frames
  }

  const origin = { facility: 13, hostname: 'jit1', installation: SUBSCRIPTION, host: '127.0.0.1' }
  const RFC5424 = /^<(\d+)>1 (\S+Z) (\S+) (\S+) (\S+) (\S+) (\[.*?[^\\]\]) \uFEFF(\{.*\})$/s

  it('gets every event over TCP as RFC 5424 wants it, whatever people wrote', async () => {
    const received: Buffer[] = []
    const server = await listening(
      createServer((socket) => socket.on('data', (data) => received.push(data)).on('error', () => undefined)),
    )
    await append(250)
    await append(1, { action: 'access.refused', actor: 'a"b]c\\d\n<0>', target: '/ü', data: '{"message":"ä\\n]"}' })
    const sink = syslogSink({ ...origin, name: 'siem', port: portOf(server), transport: 'tcp' })
    await deliverAll(deps, sink, UNSTOPPED)
    const messages = framesIn(Buffer.concat(received)).map((frame) => RFC5424.exec(frame))
    expect(messages).toHaveLength(251)
    expect(messages.every((message) => message !== null)).toBe(true)
    expect(messages.map((message) => JSON.parse(message?.[8] ?? '{}').seq)).toEqual(
      messages.map((_, index) => index + 1),
    )
    expect(messages[0]?.slice(1, 7)).toEqual([
      '109',
      '2026-01-31T12:00:00.0000000Z',
      'jit1',
      'sallyport',
      '-',
      'access.requested',
    ])
    expect(messages[250]?.[1]).toBe('108')
    expect(messages[250]?.[7]).toContain(String.raw`actor="a\"b\]c\\d <0>"`)
    expect(await cursor('siem')).toBe(251)
  })

  it('that is away gets everything when it is back', async () => {
    const gone = await listening(createServer())
    const port = portOf(gone)
    await new Promise((resolve) => gone.close(resolve))
    await append(3)
    const sink = syslogSink({ ...origin, name: 'siem', port, transport: 'tcp' })
    await expect(deliverAll(deps, sink, UNSTOPPED)).rejects.toThrow('ECONNREFUSED')
    expect(await cursor('siem')).toBe(0)
    const received: Buffer[] = []
    const back = createServer((socket) => socket.on('data', (data) => received.push(data)))
    back.listen(port, '127.0.0.1')
    await once(back, 'listening')
    cleanUp.push(() => back.close())
    await deliverAll(deps, sink, UNSTOPPED)
    expect(framesIn(Buffer.concat(received))).toHaveLength(3)
  })

  it('that takes a connection and dies before it has read does not count as having had it', async () => {
    const server = await listening(createServer((socket) => socket.resetAndDestroy()))
    await append(3)
    const sink = syslogSink({ ...origin, name: 'siem', port: portOf(server), transport: 'tcp' })
    await expect(deliverAll(deps, sink, UNSTOPPED)).rejects.toThrow(/ECONNRESET|EPIPE|premature/i)
    expect(await cursor('siem')).toBe(0)
  })

  it('gets a datagram for each event over UDP', async () => {
    const socket = createSocket('udp4')
    const received: string[] = []
    const all = new Promise<void>((resolve) =>
      socket.on('message', (message) => {
        received.push(message.toString('utf8'))
        if (received.length === 3) resolve()
      }),
    )
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
    cleanUp.push(() => socket.close())
    await append(3)
    await deliverAll(deps, syslogSink({ ...origin, name: 'siem', port: portOf(socket), transport: 'udp' }), UNSTOPPED)
    await all
    expect(received.map((message) => RFC5424.exec(message)?.[6])).toEqual(Array(3).fill('access.requested'))
  })
})

describe('a webhook', () => {
  interface Post {
    readonly headers: IncomingMessage['headers']
    readonly body: string
  }

  async function receiver(statuses: number[]): Promise<{ url: string; posts: Post[] }> {
    const posts: Post[] = []
    const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      posts.push({ headers: request.headers, body: await text(request) })
      response.writeHead(statuses.shift() ?? 204, { location: '/elsewhere' }).end()
    }
    const server = await listening(createHttpServer((request, response) => void take(request, response)))
    return { url: `http://127.0.0.1:${portOf(server)}/events`, posts }
  }

  const sinkTo = (url: string): AuditSink =>
    webhookSink({ name: 'hook', url, secret: SECRET, installation: SUBSCRIPTION, now: () => now })

  it('gets CloudEvents with ids that never change, signed so that nobody else can send them', async () => {
    const { url, posts } = await receiver([])
    await append(2)
    await deliverAll(deps, sinkTo(url), UNSTOPPED)
    const [post] = posts
    const { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': signature } = post?.headers ?? {}
    const hmac = createHmac('sha256', SECRET)
      .update(`${String(id)}.${String(at)}.${post?.body}`)
      .digest('base64')
    expect(signature).toBe(`v1,${hmac}`)
    expect(Number(at)).toBe(NOON / 1_000)
    expect(post?.headers['content-type']).toContain('application/cloudevents-batch+json')
    expect(JSON.parse(post?.body ?? '')).toMatchObject([
      { specversion: '1.0', id: `${SUBSCRIPTION}/1`, type: 'sallyport.audit.access.requested', data: { seq: 1 } },
      { specversion: '1.0', id: `${SUBSCRIPTION}/2` },
    ])
  })

  it('that answers with an error or sends elsewhere gets the same events again, and none is left out', async () => {
    const { url, posts } = await receiver([500, 302, 429])
    await append(3)
    const stream = streamAudit(deps, sinkTo(url))
    while ((await cursor('hook')) !== 3) await new Promise((resolve) => setImmediate(resolve))
    await append(1)
    await stream.stop()
    const ids = posts.map(({ body }) => (JSON.parse(body) as { data: { seq: number } }[]).map(({ data }) => data.seq))
    expect(ids).toEqual([[1, 2, 3], [1, 2, 3], [1, 2, 3], [1, 2, 3], [4]])
  })

  it('is tried again after one, two, four … and at most sixty seconds', () => {
    expect([1, 2, 3, 4, 5, 6, 7, 8, 99].map(backOff)).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60].map((s) => s * 1_000))
  })
})

describe('a file', () => {
  const path = (): string => join(folder, 'audit.jsonl')
  const seqsIn = (file: string): number[] =>
    readFileSync(file, 'utf8')
      .split('\n')
      .flatMap((line) =>
        line.startsWith('{"seq"') && line.endsWith('}') ? [(JSON.parse(line) as { seq: number }).seq] : [],
      )

  it('gets a line for each event, and is renamed when it is full', async () => {
    const sink = fileSink({ name: 'f', path: path(), maxBytes: 20_000, keep: 2 })
    for (let round = 0; round < 5; round++) {
      await append(60)
      await deliverAll(deps, sink, UNSTOPPED)
    }
    await sink.close()
    const names = readdirSync(folder)
      .filter((name) => name.startsWith('audit.jsonl'))
      .sort()
    expect(names).toEqual(['audit.jsonl', 'audit.jsonl.1', 'audit.jsonl.2'])
    const kept = names.toReversed().flatMap((name) => seqsIn(join(folder, name)))
    expect(kept).toEqual(Array.from({ length: kept.length }, (_, index) => 300 - kept.length + 1 + index))
    expect(kept.length).toBeGreaterThan(120)
  })

  it('with a line that a crash left half written goes on with a line of its own', async () => {
    appendFileSync(path(), '{"seq":1,"at":"2026')
    await append(2)
    const sink = fileSink({ name: 'f', path: path(), maxBytes: 1e6, keep: 2 })
    await deliverAll(deps, sink, UNSTOPPED)
    await sink.close()
    expect(seqsIn(path())).toEqual([1, 2])
  })
})

describe('a stream', () => {
  it('goes on where it was after a restart', async () => {
    await append(3)
    await deliverAll(deps, memorySink(), UNSTOPPED)
    await append(2)
    const again = memorySink()
    await deliverAll(deps, again, UNSTOPPED)
    expect(again.seqs).toEqual([4, 5])
  })

  it('is served by one replica at a time, and by another when that one is gone', async () => {
    await append(1)
    await deliverAll(deps, memorySink(), UNSTOPPED)
    await append(1)
    const other = memorySink()
    await deliverAll({ ...deps, owner: 'two' }, other, UNSTOPPED)
    expect(other.seqs).toEqual([])
    now += MINUTE
    await deliverAll({ ...deps, owner: 'two' }, other, UNSTOPPED)
    expect(other.seqs).toEqual([2])
  })

  it('is handed over at once by a replica that stops', async () => {
    await append(1)
    const stream = streamAudit(deps, memorySink())
    while ((await cursor('memory')) !== 1) await new Promise((resolve) => setImmediate(resolve))
    await stream.stop()
    await append(1)
    const other = memorySink()
    await deliverAll({ ...deps, owner: 'two' }, other, UNSTOPPED)
    expect(other.seqs).toEqual([2])
  })

  it('says why its sink takes nothing and since when, until it does', async () => {
    let broken: string | undefined = 'the disk is full'
    const sink = memorySink()
    const deliver: AuditSink['deliver'] = async (events, signal) => {
      if (broken !== undefined) throw new Error('could not write', { cause: new Error(broken) })
      await sink.deliver(events, signal)
    }
    await append(1)
    const stream = streamAudit(deps, { ...sink, deliver })
    const began = now
    await expect.poll(() => stream.failure()).toEqual({ since: began, reason: 'could not write: the disk is full' })
    now += MINUTE
    broken = 'it is read-only'
    await expect.poll(() => stream.failure()).toEqual({ since: began, reason: 'could not write: it is read-only' })
    broken = undefined
    now += MINUTE
    await expect.poll(() => stream.failure()).toBeUndefined()
    await stream.stop()
    expect(sink.seqs).toEqual([1])
  })

  it('is tried less and less often, once a minute in the end, and the log tells of it once', async () => {
    const waits: number[] = []
    const logged: string[] = []
    const log = {
      error: () => {},
      warn: (_: object, text: string) => logged.push(text),
      info: () => logged.push('again'),
    }
    const timer = {
      sleep: (millis: number, signal: AbortSignal): Promise<void> => {
        waits.push(millis)
        if (waits.length < 9) return Promise.resolve()
        return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
      },
    }
    const sink = memorySink()
    const deliver: AuditSink['deliver'] = (events, signal) =>
      waits.length < 8 ? Promise.reject(new Error('the receiver is away')) : sink.deliver(events, signal)
    await append(1)
    const stream = streamAudit({ ...deps, log, timer }, { ...sink, deliver })
    await expect.poll(() => waits.length).toBe(9)
    await stream.stop()
    expect(waits.map((millis) => millis / SECOND)).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 0.5])
    expect(logged).toEqual([expect.stringContaining('an audit sink'), 'again'])
    expect(sink.seqs).toEqual([1])
  })

  it('that hangs keeps nobody waiting: everything else is written as fast as ever', async () => {
    const time = async (): Promise<number> => {
      const times: number[] = []
      for (let n = 0; n < 200; n++) {
        const began = performance.now()
        await append(1)
        times.push(performance.now() - began)
      }
      return times.sort((a, b) => a - b)[100] ?? 0
    }
    await time()
    const alone = await time()
    const hanging: AuditSink = {
      name: 'hanging',
      deliver: (_events: readonly StoredAuditEvent[], signal) =>
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted')))),
      close: async () => undefined,
    }
    const stream = streamAudit(deps, hanging)
    const beside = await time()
    await stream.stop()
    expect(beside).toBeLessThan(alone * 2 + 2)
    expect(await cursor('hanging')).toBe(0)
  })
})
