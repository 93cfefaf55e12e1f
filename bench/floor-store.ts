/** One durable transaction of the rows that one granted request writes: prepared statements and nothing around them. */
import { join } from 'node:path'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { grantEvent } from '../src/app/requests/grant-event.ts'
import type { StoredRequest } from '../src/app/ports/rows.ts'
import { rowFromGrant } from '../src/store/grant-row.ts'
import { openSqliteStore } from '../src/store/open-sqlite.ts'
import { monotonic } from './monotonic.ts'
import { pointOf, policyRow, requestRow } from './grant-rows.ts'
import type { Place } from './site.ts'

export interface FloorStore {
  /** How long the transaction took, in milliseconds; the rows are made before. */
  once(source: string): number
  close(): void
}

/** The schema and settings are the product's own: its store makes the folder first. */
export async function openFloorStore(folder: string, place: Place, port: number): Promise<FloorStore> {
  const store = await openSqliteStore(folder)
  const now = Date.now()
  const policy = policyRow(place, port, now)
  await store.transaction(async (tx) => {
    await tx.putPolicy(policy)
    await tx.wish({ points: [pointOf(place)], shape: true, dueAt: now })
  })
  await store.close()
  const db = new DatabaseSync(join(folder, 'sallyport.db'), { enableForeignKeyConstraints: true })
  db.exec('pragma journal_mode = wal; pragma synchronous = full; pragma cache_size = -65536')
  const begin = db.prepare('begin immediate')
  const commit = db.prepare('commit')
  const write = writerOn(db, place)
  return {
    once: (source) => {
      const request = requestRow({ place, policy: policy.uid, source, port, now: Date.now() })
      const run = write(request)
      const began = monotonic()
      begin.run()
      run()
      commit.run()
      return monotonic() - began
    },
    close: () => db.close(),
  }
}

type Row = Readonly<Record<string, SQLInputValue>>

function writerOn(db: DatabaseSync, place: Place): (request: StoredRequest) => () => void {
  const prepared = new Map<string, StatementSync>()
  let seq = 0
  const wish = db.prepare(
    'update points set wanted = wanted + 1, due_at = ?, lease_owner = ?, lease_until = ? where id = ? returning *',
  )
  const head = db.prepare('update audit_head set seq = ?, hash = ? where one = 1')
  const insert = (table: string, row: Row): (() => void) => {
    const columns = Object.keys(row)
    const marks = columns.map(() => '?').join(', ')
    const statement =
      prepared.get(table) ?? db.prepare(`insert into ${table} (${columns.join(', ')}) values (${marks})`)
    prepared.set(table, statement)
    const values = Object.values(row)
    return () => statement.run(...values)
  }
  return (request) => {
    const [grant] = request.grants
    if (grant === undefined) throw new Error('expected a request with a grant')
    seq += 1
    const hash = 'f'.repeat(64)
    const event = grantEvent(grant, {
      at: request.startedAt,
      action: 'access.requested',
      actor: request.requestor,
      address: request.address,
    })
    const about = { request_id: request.id, grant_id: grant.grant }
    const { at, action, actor, address, target, data } = event
    const inserts = [
      insert('requests', {
        id: request.id,
        policy_uid: request.policy,
        requestor: request.requestor,
        address: request.address,
        justification: request.justification ?? null,
        started_at: request.startedAt,
        start_time_utc: request.startTimeUtc,
      }),
      insert('grants', { ...rowFromGrant(grant, { request, place: 0, points: 1 }) }),
      insert('grant_points', {
        grant_id: grant.grant,
        point_id: pointOf(place),
        sighting: 'wanted',
        until_at: grant.until,
        revision: seq,
      }),
      insert('audit', { seq, at, action, actor, address, target, ...about, data, hash }),
    ]
    return () => {
      wish.all(request.startedAt, 'local', request.startedAt + 20_000, pointOf(place))
      for (const run of inserts) run()
      head.run(seq, hash)
    }
  }
}
