/**
 * No statement of a request, a pass or a closing walks a table that keeps history: a million old grants must not slow
 * down the next. Every statement that the repository really runs is asked how the database would run it.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { join } from 'node:path'
import { Client } from 'pg'
import type { Tx } from '../../src/app/ports/store.ts'
import type { GrantId } from '../../src/domain/access/hole.ts'
import type { RequestId } from '../../src/domain/access/grant.ts'
import { resourceKey } from '../../src/domain/resource-id.ts'
import { HOUR } from '../../src/domain/time.ts'
import { POSTGRES } from '../../src/store/flavour.ts'
import { claimPoints } from '../../src/store/points.ts'
import type { Session } from '../../src/store/session.ts'
import { connectSqlite, sessionOn } from '../../src/store/sqlite-connection.ts'
import { perform } from '../../src/store/unit-of-work.ts'
import { aGrant, anEvent, aPolicy, aRequest, askFor, machine, NOON, pointOf } from './builders.ts'
import { postgresDatabase, sqliteDatabase } from './databases.ts'

const HISTORY = ['grants', 'requests', 'audit', 'grant_points']

/** Everything between a request and its closed hole, and the pages that people look at meanwhile. */
async function hotPath(session: Session): Promise<void> {
  const point = pointOf('web1')
  const grant = 'g1' as GrantId // any text is an id
  const work = <T>(act: (tx: Tx) => Promise<T>): Promise<T> => perform(session, 'replica', act)
  await work((tx) => tx.putPolicy(aPolicy()))
  const revisions = await work((tx) => askFor(tx, aRequest('r1', [aGrant('g1')])))
  await work(async (tx) => {
    await tx.policy(aPolicy().key)
    await tx.policiesCovering([resourceKey(machine('web1'))])
    await tx.idsOfPoliciesCovering([resourceKey(machine('web1'))])
    await tx.idsOfPolicies([aPolicy().uid])
    await tx.point(point)
    await tx.grantsAt(point)
    await tx.grantsAt(point, 0)
    await tx.journal(point)
    await tx.nextDue('replica-1', ['nftables:'])
    await tx.overdue(NOON)
    await tx.latestInstant()
    await tx.auditHead()
  })
  await claimPoints(session, { owner: 'replica-1', now: NOON, until: NOON + 1, limit: 9, prefixes: ['nftables:'] })
  await work(async (tx) => {
    await tx.sightingsOf([grant])
    await tx.changeGrants([{ grant, state: 'open', reason: 'UserRequested', at: NOON }], revisions)
    await tx.append([anEvent()])
    await tx.recordPass({
      point,
      applied: 1,
      sightings: [{ grant, sighting: 'held' }],
      grace: 0,
      lookAgainAt: NOON + HOUR,
    })
  })
  await work(async (tx) => {
    await tx.liveGrants([aPolicy().uid])
    await tx.request('r1' as RequestId) // any text is an id
    await tx.requests({ policy: aPolicy().uid }, { limit: 10 })
    await tx.requests({ policy: aPolicy().uid }, { limit: 10, after: 'r1' as RequestId })
    await tx.requests({ machine: resourceKey(machine('web1')) }, { limit: 10 })
    await tx.requests({ policy: aPolicy().uid, live: true }, { limit: 10 })
    await tx.requests({ requestorId: 'p1' }, { limit: 10 })
    await tx.requests({ requestorId: 'p1', live: true }, { limit: 10 })
    await tx.useOf([resourceKey(machine('web1'))], NOON)
    await tx.audit({ request: 'r1' }, { limit: 10 })
    await tx.audit({ since: NOON }, { limit: 10 })
    await tx.audit({ until: NOON + HOUR }, { limit: 10 })
    await tx.audit({ actor: 'ada@example.org' }, { limit: 10 })
    await tx.audit({ target: machine('web1') }, { limit: 10 })
    await tx.audit({ correlation: 'c1' }, { limit: 10 })
    await tx.trail.lastBefore(NOON)
    await tx.trail.event(1)
    await tx.trail.dropBelowFloor(10)
  })
}

/** A session that remembers what it was asked. */
function remembering(session: Session): { session: Session; texts: Set<string> } {
  const texts = new Set<string>()
  const run: Session['run'] = (sql, values) => {
    texts.add(sql)
    return session.run(sql, values)
  }
  return { session: { ...session, run }, texts }
}

/** Plans that walk a whole table, or a whole index, that keeps history. */
function walks(plan: string): string[] {
  const scan = new RegExp(`(SCAN|Seq Scan on) (${HISTORY.join('|')})\\b.*`, 'g')
  return plan.match(scan) ?? []
}

describe('SQLite', () => {
  const database = sqliteDatabase()
  let folder: string
  beforeAll(async () => {
    folder = await database.newPlace()
    await (await database.open(folder)).close()
  })
  afterAll(() => database.stop())

  const planOf = (sql: string): string => {
    const db = connectSqlite(join(folder, 'sallyport.db'))
    const lines = db.prepare(`explain query plan ${sql}`).all()
    db.close()
    return lines.map(({ detail }) => String(detail)).join('\n')
  }

  it('no statement from request to closing walks history', async () => {
    const db = connectSqlite(join(folder, 'sallyport.db'))
    const { session, texts } = remembering(sessionOn(db))
    await hotPath(session)
    db.close()
    expect(texts.size).toBeGreaterThan(30)
    expect([...texts].flatMap((sql) => walks(planOf(sql)).map((walk) => `${walk}: ${sql}`))).toEqual([])
    // From one end or the other of the trail, until the time fits: as good as a walk, though no plan says so.
    const byTime = [...texts].filter((sql) => /\b(min|max)\(seq/.test(sql) && sql.includes('"at"')).map(planOf)
    expect(byTime).toHaveLength(2)
    for (const plan of byTime) expect(plan).toContain('USING COVERING INDEX audit_at (at>? AND at<?)')
  })

  it('a statement that does walk history would be noticed', () => {
    expect(walks(planOf(`select * from grants where end_time_utc = 'x'`))).toHaveLength(1)
    expect(walks(planOf(`select count(*) from grant_points`))).toHaveLength(1)
  })
})

describe('PostgreSQL', () => {
  const database = postgresDatabase()
  let client: Client
  beforeAll(async () => {
    await database.start()
    const url = await database.newPlace()
    await (await database.open(url)).close()
    client = new Client({ connectionString: url })
    await client.connect()
    // Small tables are walked whatever their indexes; without sequential scans only what has no index is.
    await client.query('set enable_seqscan = off; set plan_cache_mode = force_generic_plan')
  })
  afterAll(async () => {
    await client.end()
    await database.stop()
  })

  const planOf = async (sql: string): Promise<string> => {
    await client.query(`prepare asked as ${sql}`)
    const { rows } = await client.query<{ n: number }>(
      `select cardinality(parameter_types) as n from pg_prepared_statements where name = 'asked'`,
    )
    const values = Array.from({ length: rows[0]?.n ?? 0 }, () => 'null').join(', ')
    const plan = await client.query<{ 'QUERY PLAN': string }>(
      `explain execute asked${values === '' ? '' : `(${values})`}`,
    )
    await client.query('deallocate asked')
    return plan.rows.map((row) => row['QUERY PLAN']).join('\n')
  }

  it('no statement from request to closing walks history', async () => {
    const run: Session['run'] = async (sql, values) =>
      (await client.query<Record<string, unknown>>(sql, [...values])).rows
    const { session, texts } = remembering({ flavour: POSTGRES, run })
    await hotPath(session)
    expect(texts.size).toBeGreaterThan(30)
    const found: string[] = []
    for (const sql of texts) found.push(...walks(await planOf(sql)).map((walk) => `${walk}: ${sql}`))
    expect(found).toEqual([])
  })

  it('a statement that does walk history would be noticed', async () => {
    expect(walks(await planOf(`select * from grants where end_time_utc = 'x'`))).toHaveLength(1)
  })
})
