/**
 * Hears what other replicas wish for, on a connection of its own that comes back by itself. What was wished for while
 * nobody listened is read from the points after every connect, so a broken connection delays, and loses nothing.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { Client } from 'pg'
import type { PointId } from '../app/ports/inventory.ts'
import { settingsFor } from './postgres-connections.ts'
import { CHANNEL, pointWished } from './wake.ts'

const FIRST_DELAY_MS = 100
const LONGEST_DELAY_MS = 5_000
/** A connection that died without a word is noticed after this long. */
const HEARTBEAT_MS = 15_000

export interface Ear {
  readonly url: string
  readonly replica: string
  /** Points whose wishes are not applied yet. */
  readonly missed: () => Promise<readonly PointId[]>
}

export function listenForWishes(ear: Ear, callback: (point: PointId) => void): { stop(): Promise<void> } {
  const stopping = new AbortController()
  const done = keepListening(ear, callback, stopping.signal)
  return {
    stop: async () => {
      stopping.abort()
      await done
    },
  }
}

/** Never rejects. */
async function keepListening(ear: Ear, callback: (point: PointId) => void, signal: AbortSignal): Promise<void> {
  let wait = FIRST_DELAY_MS
  while (!signal.aborted) {
    const heard = await listenOnce(ear, callback, signal).catch(() => false)
    wait = heard ? FIRST_DELAY_MS : Math.min(2 * wait, LONGEST_DELAY_MS)
    await delay(wait, undefined, { signal }).catch(() => undefined)
  }
}

/** Resolves when the connection ended after it had listened; rejects when it never did. */
async function listenOnce(ear: Ear, callback: (point: PointId) => void, signal: AbortSignal): Promise<true> {
  const client = new Client(settingsFor(ear.url))
  const over = new AbortController()
  const end = (): void => over.abort()
  client.on('error', end)
  client.on('end', end)
  client.on('notification', ({ channel, payload = '' }) => {
    const point = pointWished(payload, ear.replica)
    if (channel === CHANNEL && point !== undefined) callback(point)
  })
  try {
    await client.connect()
    await client.query(`listen ${CHANNEL}`)
    for (const point of await ear.missed()) callback(point)
    await beat(client, AbortSignal.any([signal, over.signal]))
    return true
  } finally {
    await client.end().catch(() => undefined) // it may be gone already
  }
}

/** Resolves when the signal aborts or the server does not answer. */
async function beat(client: Client, signal: AbortSignal): Promise<void> {
  try {
    for (;;) {
      await delay(HEARTBEAT_MS, undefined, { signal })
      await client.query('select 1')
    }
  } catch {
    return
  }
}
