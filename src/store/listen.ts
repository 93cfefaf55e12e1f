/**
 * Hears notifications of PostgreSQL on a connection of its own that comes back by itself. What was told while nobody
 * listened is not heard: `onConnected` is the time to read what could be missed.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { Client } from 'pg'
import { settingsFor } from './postgres-connections.ts'

const FIRST_DELAY_MS = 100
const LONGEST_DELAY_MS = 5_000
/** A connection that died without a word is noticed after this long. */
const HEARTBEAT_MS = 15_000

export interface Ear {
  readonly url: string
  /** A plain word. */
  readonly channel: string
  readonly onPayload: (payload: string) => void
  /** After every connect, the first one too. */
  readonly onConnected: () => Promise<void>
}

export interface Listener {
  stop(): Promise<void>
}

export function listen(ear: Ear): Listener {
  const stopping = new AbortController()
  const done = keepListening(ear, stopping.signal)
  return {
    stop: async () => {
      stopping.abort()
      await done
    },
  }
}

/** Never rejects. */
async function keepListening(ear: Ear, signal: AbortSignal): Promise<void> {
  let wait = FIRST_DELAY_MS
  while (!signal.aborted) {
    const heard = await listenOnce(ear, signal).catch(() => false)
    wait = heard ? FIRST_DELAY_MS : Math.min(2 * wait, LONGEST_DELAY_MS)
    await delay(wait, undefined, { signal }).catch(() => undefined)
  }
}

/** Resolves when the connection ended after it had listened; rejects when it never did. */
async function listenOnce({ url, channel, onPayload, onConnected }: Ear, signal: AbortSignal): Promise<true> {
  const client = new Client(settingsFor(url))
  const over = new AbortController()
  const end = (): void => over.abort()
  client.on('error', end)
  client.on('end', end)
  client.on('notification', (told) => {
    if (told.channel === channel) onPayload(told.payload ?? '')
  })
  try {
    await client.connect()
    await client.query(`listen ${channel}`)
    await onConnected()
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
