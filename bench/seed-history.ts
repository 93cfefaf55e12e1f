/**
 * A history of closed grants, written in bulk by SQL into the folder of a server that is not running: a request, a
 * grant, its place at the point and three audit events each, spread over the last 29 days, all of one policy.
 * The audit hashes are text of the right length and not a chain: nothing that is measured reads old ones.
 */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { DAY } from '../src/domain/time.ts'
import { pointOf } from './grant-rows.ts'
import type { Place } from './site.ts'

const SPAN = 29 * DAY

export interface History {
  readonly folder: string
  readonly place: Place
  readonly count: number
}

export function seedHistory({ folder, place, count }: History): void {
  const db = new DatabaseSync(join(folder, 'sallyport.db'))
  db.exec(
    'pragma journal_mode = off; pragma synchronous = off; pragma cache_size = -524288; pragma temp_store = memory',
  )
  db.exec('begin')
  // Filled first and indexed after: many times as fast, and the same in the end.
  const indexes = db.prepare("select name, sql from sqlite_master where type = 'index' and sql is not null").all()
  for (const { name } of indexes) db.exec(`drop index ${String(name)}`)
  insert(db, { place, count, point: pointOf(place) })
  for (const { sql } of indexes) db.exec(String(sql))
  db.exec('commit')
  db.exec('pragma journal_mode = wal; pragma optimize')
  db.close()
}

function insert(db: DatabaseSync, { place, count, point }: { place: Place; count: number; point: string }): void {
  const now = Date.now()
  const known = db.prepare('select uid from policies where removed_at is null').get() as { uid: string } // the column named
  const first = (db.prepare('select wanted from points where id = ?').get(point) as { wanted: number }).wanted // as above
  const seq = (db.prepare('select seq from audit_head').get() as { seq: number }).seq // as above
  const machine = place.machine
  db.exec(`
    create temp table history as
      with recursive n(i) as (select 0 union all select i + 1 from n where i < ${count - 1})
      select
        i,
        ${now - SPAN} + cast(i * ${SPAN / count} as integer) as at,
        ${identifier('i')} as request,
        ${identifier(`i + ${count}`)} as grant_id,
        '10.' || (128 + i / 65536 % 128) || '.' || (i / 256 % 256) || '.' || (i % 256) as source
      from n;
    insert into requests (id, policy_uid, requestor, address, justification, started_at, start_time_utc)
      select request, '${known.uid}', 'operator@example.org', '10.117.1.2', 'the bench', at, ${utc('at')} from history;
    insert into grants (id, request_id, place, policy_uid, machine, machine_key, port, protocol, sources, sources_as,
        requested_at, from_at, until_at, end_time_utc, state, reason, detail, opened_at, closed_at, point_count)
      select grant_id, request, 0, '${known.uid}', '${machine}', '${machine.toLowerCase()}', 2222, 'UDP', source, 'prefix',
        at, at, at + 3600000, ${utc('at + 3600000')}, 'closed', 'Expired', null, at + 2, at + 3600020, 1 from history;
    insert into grant_points (grant_id, point_id, sighting, until_at, revision)
      select grant_id, '${point}', 'gone', at + 3600000, ${first} + i from history;
    insert into audit (seq, at, action, actor, address, target, request_id, grant_id, data, hash)
      select ${seq} + 3 * i + kind, at + kind, action, actor, '', '${machine}', request, grant_id,
        '{"port":2222,"protocol":"UDP","sources":["' || source || '"],"endTimeUtc":"' || ${utc('at')} || '","reason":"UserRequested"}',
        printf('%064x', i)
      from history, (select 1 as kind, 'access.requested' as action, 'operator@example.org' as actor
        union all select 2, 'access.opened', 'sallyport' union all select 3, 'access.closed', 'sallyport')
      order by i, kind;
    update points set wanted = ${first + count}, applied = ${first + count} where id = '${point}';
    update audit_head set seq = ${seq + 3 * count};
    drop table history;
  `)
}

/** Looks like a random UUID, and is one that no other row has: multiplying by an odd number loses nothing. */
function identifier(n: string): string {
  return `printf('%08x-0000-4000-8000-%012x', ((${n}) * 2654435761) & 4294967295, ${n})`
}

function utc(millis: string): string {
  return `strftime('%Y-%m-%dT%H:%M:%S', (${millis}) / 1000, 'unixepoch') || '.0000000Z'`
}
