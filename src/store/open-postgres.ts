/** The store that several replicas share: PostgreSQL. Work is told apart by row locks, and replicas wake each other. */
import { randomUUID } from 'node:crypto'
import { Client } from 'pg'
import type { Store } from '../app/ports/store.ts'
import type { Listener } from './listen.ts'
import { listenForWishes } from './listen-for-wishes.ts'
import { migrate } from './migrate.ts'
import { claimPoints, findUnapplied, makeDue } from './points.ts'
import { openPeers } from './peers.ts'
import { PostgresConnections } from './postgres-connections.ts'
import { perform, readsOn } from './unit-of-work.ts'

/** Any fixed number; it keeps two replicas that start at once from migrating together. */
const MIGRATION_LOCK = 0x5a11
const CONNECTIONS = 20

/** `url` as `postgres://user:password@host:5432/database`, or with `?host=/folder/of/socket`. */
export async function openPostgresStore(url: string): Promise<Store> {
  const connections = new PostgresConnections(url, CONNECTIONS)
  try {
    await reached(connections, url)
    await refuseLossySettings(connections)
    await connections.transaction(async (session) => {
      await session.run(`select pg_advisory_xact_lock(${MIGRATION_LOCK})`, [])
      await migrate(session, `the database ${placeOf(url)}`)
    })
  } catch (cause) {
    await connections.close()
    throw cause
  }
  return storeOn(connections, url)
}

/** For messages: without the password. */
function placeOf(url: string): string {
  const { host, port, database } = new Client({ connectionString: url })
  return `${String(database)} at ${host}:${port}`
}

/** The first thing that is asked of it: whatever goes wrong here is about the place, the user or the name. */
async function reached(connections: PostgresConnections, url: string): Promise<void> {
  try {
    await connections.session.run('select 1', [])
  } catch (cause) {
    throw new Error(`the database ${placeOf(url)} cannot be used: ${reasonOf(cause)}`, { cause })
  }
}

/** A name with several addresses fails once for each of them, and says nothing itself. */
function reasonOf(cause: unknown): string {
  if (cause instanceof AggregateError) return cause.errors.map(reasonOf).join('; ')
  return cause instanceof Error ? cause.message : String(cause)
}

/** A commit that is answered before it is on disk would acknowledge what a power cut takes back. */
async function refuseLossySettings(connections: PostgresConnections): Promise<void> {
  const rows = await connections.session.run(`select current_setting('synchronous_commit') as value`, [])
  const [setting] = rows as readonly { value: string }[] // the statement above says so
  if (setting?.value !== 'off') return
  throw new Error(
    `PostgreSQL has synchronous_commit = off, which loses commits in a crash; set it to 'on' for this role`,
  )
}

function storeOn(connections: PostgresConnections, url: string): Store {
  const replica = randomUUID()
  const { session } = connections
  const listeners = new Set<Listener>()
  const peers = openPeers({ url, session })
  return {
    transaction: (work) => connections.transaction((session) => perform(session, replica, work)),
    reads: readsOn(session),
    claimDue: (lease, limit, prefixes) =>
      connections.transaction((session) => claimPoints(session, { ...lease, limit, prefixes })),
    dueNow: (prefixes, now) => connections.transaction((session) => makeDue(session, prefixes, now)),
    onWake: (callback) => {
      const listener = listenForWishes({ url, replica, missed: () => findUnapplied(session) }, callback)
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
        void listener.stop() // it never rejects; close() waits for those still listening
      }
    },
    peers,
    close: async () => {
      await peers.stop()
      await Promise.all([...listeners].map((listener) => listener.stop()))
      await connections.close()
    },
  }
}
