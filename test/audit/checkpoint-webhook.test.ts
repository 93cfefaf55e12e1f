/** Checkpoints at a real HTTP receiver: all of them, in order, signed, and good enough to prove the trail with. */
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { carryOut, checkpointIfDue, type TrailKeeping } from '../../src/app/audit/keep-trail.ts'
import type { Store } from '../../src/app/ports/store.ts'
import { MINUTE, SECOND } from '../../src/domain/time.ts'
import { checkpointWebhook } from '../../src/main/trail/checkpoint-webhook.ts'
import { openTrailSigner, trailKeyring } from '../../src/main/trail/trail-key.ts'
import { openSqliteStore } from '../../src/store/open-sqlite.ts'
import { verifyTrail } from '../../src/store/verify-audit.ts'
import { anEvent, NOON, SUBSCRIPTION } from '../store/builders.ts'

const UNSTOPPED = new AbortController().signal
const SECRET = 'a secret of the witness, and of nobody else'

interface Post {
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

let folder: string
let store: Store
let now: number
let url: string
/** What the next posts are answered; 204 when there is none. */
let statuses: number[]
let posts: Post[]
let stopReceiver: () => void

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), `sallyport-witness-${process.pid}-`))
  store = await openSqliteStore(folder)
  ;[now, statuses, posts] = [NOON, [], []]
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    posts.push({ headers: request.headers, body: await text(request) })
    response.writeHead(statuses.shift() ?? 204).end()
  }
  const server = createServer((request, response) => void take(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/` // it listens on TCP
  stopReceiver = () => void server.close()
})
afterEach(async () => {
  stopReceiver()
  await store.close()
  rmSync(folder, { recursive: true })
})

async function aReplica(owner = 'one'): Promise<TrailKeeping> {
  const log = { error: () => undefined, warn: () => undefined, info: () => undefined }
  const installation = { subscriptionId: SUBSCRIPTION, resourceGroup: 'default', location: 'local' }
  const base = { store, clock: { now: () => now }, log, installation, owner }
  const place = checkpointWebhook(base, { url, secret: SECRET, now: () => now })
  return { ...base, signer: await openTrailSigner(folder), places: [place], everyEvents: 100, every: 5 * MINUTE }
}

async function checkpoints(keeping: TrailKeeping, count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    await store.transaction((tx) => tx.append([anEvent({ at: now })]))
    await checkpointIfDue(keeping, 'always')
  }
}

const dataIn = ({ body }: Post): { number: number; line: string }[] =>
  (JSON.parse(body) as { data: { number: number; line: string } }[]).map(({ data }) => data)
const numbers = (): number[][] => posts.map((post) => dataIn(post).map(({ number }) => number))

it('gets every checkpoint once and in order, also after a restart, signed so that nobody else can send them', async () => {
  const keeping = await aReplica()
  await checkpoints(keeping, 2)
  await carryOut(keeping, UNSTOPPED)
  await carryOut(keeping, UNSTOPPED)
  const again = await aReplica()
  await checkpoints(again, 1)
  await carryOut(again, UNSTOPPED)
  expect(numbers()).toEqual([[1, 2], [3]])
  const [post] = posts
  const { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': signature } = post?.headers ?? {}
  const signed = `${String(id)}.${String(at)}.${post?.body}`
  expect(signature).toBe(`v1,${createHmac('sha256', SECRET).update(signed).digest('base64')}`)
})

it('gets again what it refused, later and later, and misses none', async () => {
  const keeping = await aReplica()
  statuses = [500, 503]
  await checkpoints(keeping, 1)
  await expect(carryOut(keeping, UNSTOPPED)).rejects.toThrow('outside the database')
  await carryOut(keeping, UNSTOPPED) // it is left alone for a second
  expect(posts).toHaveLength(1)
  now += SECOND
  await expect(carryOut(keeping, UNSTOPPED)).rejects.toThrow('outside the database')
  now += SECOND
  await carryOut(keeping, UNSTOPPED)
  expect(posts).toHaveLength(2)
  await checkpoints(keeping, 1)
  now += SECOND
  await carryOut(keeping, UNSTOPPED)
  expect(numbers()).toEqual([[1], [1], [1, 2]])
})

it('is served by one of several replicas, and by another when that one is gone', async () => {
  const [one, two] = [await aReplica('one'), await aReplica('two')]
  await checkpoints(one, 1)
  await carryOut(one, UNSTOPPED)
  await checkpoints(two, 1)
  await carryOut(two, UNSTOPPED)
  expect(numbers()).toEqual([[1]])
  now += MINUTE
  await carryOut(two, UNSTOPPED)
  expect(numbers()).toEqual([[1], [2]])
})

it('keeps lines that prove the trail, and that find what was cut off', async () => {
  const keeping = await aReplica()
  await checkpoints(keeping, 3)
  await carryOut(keeping, UNSTOPPED)
  const lines = posts.flatMap(dataIn).map(({ line }) => line)
  const outside = async function* (): AsyncGenerator<string> {
    yield* lines
  }
  const isSigned = await trailKeyring(folder)
  expect(await verifyTrail(store.reads, { isSigned, outside })).toMatchObject({ intact: true, outside: 3 })
  const emptied = await openSqliteStore(mkdtempSync(join(folder, 'other-')))
  try {
    expect((await verifyTrail(emptied.reads, { isSigned, outside })).intact).toBe(false)
  } finally {
    await emptied.close()
  }
})
