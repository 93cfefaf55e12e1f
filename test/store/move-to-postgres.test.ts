/** A server's whole database goes from its folder into PostgreSQL, or nothing does. */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Client, types } from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { moveToPostgres } from '../../src/store/move-to-postgres.ts'
import { openPostgresStore } from '../../src/store/open-postgres.ts'
import { openSqliteStore } from '../../src/store/open-sqlite.ts'
import { verifyAudit } from '../../src/store/verify-audit.ts'
import { startPostgres, type ThrowawayPostgres } from '../support/postgres.ts'
import { aGrant, anEvent, aPolicy, aRequest, askFor, NOON, pointOf } from './builders.ts'

let server: ThrowawayPostgres
let url: string
let folder: string
beforeAll(async () => {
  server = await startPostgres()
})
afterAll(() => server.stop())
beforeEach(async () => {
  url = await server.createDatabase()
  folder = mkdtempSync(join(tmpdir(), `sallyport-move-${process.pid}-`))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** More events than are copied at once; texts that a careless copy would change. */
async function fill(justification = 'für Ünïcode 🔑 "quotes" \\ and\nlines'): Promise<void> {
  const store = await openSqliteStore(folder)
  await store.transaction(async (tx) => {
    await tx.putSetting('subscriptionId', 'ours')
    await tx.putPolicy(aPolicy())
    await askFor(tx, aRequest('r1', [aGrant('g1', { until: NOON + 60_000 })], { justification }))
    await tx.putJournal(pointOf('web1'), [{ key: 'k', value: '{"priority":100}' }], 'nobody')
  })
  const many = Array.from({ length: 1_203 }, (_, index) =>
    anEvent({ at: NOON + index, data: JSON.stringify({ index }) }),
  )
  await store.transaction((tx) => tx.append(many))
  await store.close()
}

function rowsHere(file: string): Record<string, unknown[]> {
  const db = new DatabaseSync(join(folder, file), { readOnly: true })
  const tables = db.prepare(`select name from sqlite_schema where type = 'table' and name not like 'sqlite%'`).all()
  const rows = tables.map(({ name }): [string, unknown[]] => [
    String(name),
    db
      .prepare(`select * from ${String(name)}`)
      .all()
      .map((row) => ({ ...row })),
  ])
  db.close()
  return Object.fromEntries(rows)
}

async function rowsThere(tables: readonly string[]): Promise<Record<string, unknown[]>> {
  const client = new Client({ connectionString: url })
  client.setTypeParser(types.builtins.INT8, Number)
  await client.connect()
  const all: Record<string, unknown[]> = {}
  for (const table of tables) all[table] = (await client.query(`select * from ${table}`)).rows
  await client.end()
  return all
}

const bySomeColumn = (rows: Record<string, unknown[]>): Record<string, unknown[]> =>
  Object.fromEntries(
    Object.entries(rows).map(([table, all]) => [table, all.toSorted((a, b) => (text(a) < text(b) ? -1 : 1))]),
  )

/** With its columns in one order: the two databases have them in two. */
const text = (row: unknown): string =>
  JSON.stringify(Object.entries(row as object).toSorted(([one], [other]) => (one < other ? -1 : 1))) // rows are objects

test('every row of every table is there as it was here, the trail is proven, and no server starts on the old one', async () => {
  await fill()
  const { rows, kept } = await moveToPostgres({ folder, url })
  expect(kept).toBe(join(folder, 'sallyport.db.moved'))
  expect(readdirSync(folder).filter((name) => name.startsWith('sallyport.db'))).toEqual(['sallyport.db.moved'])
  const here = rowsHere('sallyport.db.moved')
  expect(Object.values(here).flat().length).toBeGreaterThan(1_200)
  expect(rows).toBe(Object.values(here).flat().length - (here['schema_migrations']?.length ?? 0))
  expect(bySomeColumn(await rowsThere(Object.keys(here)))).toEqual(bySomeColumn(here))
  const store = await openPostgresStore(url)
  expect(await verifyAudit(store.reads)).toMatchObject({ intact: true, events: 1_204 })
  await store.transaction((tx) => tx.append([anEvent({ at: NOON + 9_999 })]))
  expect(await verifyAudit(store.reads)).toMatchObject({ intact: true, events: 1_205 })
  await store.close()
})

test('a database that a server has used is left as it is, and so is the folder', async () => {
  await fill()
  const used = await openPostgresStore(url)
  await used.transaction((tx) => tx.putSetting('subscriptionId', 'another'))
  await expect(moveToPostgres({ folder, url })).rejects.toThrow('has been started on that database before')
  expect(await used.reads.setting('subscriptionId')).toBe('another')
  await used.close()
  expect(existsSync(join(folder, 'sallyport.db'))).toBe(true)
})

test('what cannot be taken over takes nothing over: the folder stays in use, and the other database empty', async () => {
  await fill('PostgreSQL keeps no \u0000 in a text')
  await expect(moveToPostgres({ folder, url })).rejects.toThrow(
    /rows of requests are not taken there .*: nothing was moved/,
  )
  expect(existsSync(join(folder, 'sallyport.db'))).toBe(true)
  expect(await rowsThere(['settings', 'policies', 'audit'])).toEqual({ settings: [], policies: [], audit: [] })
  const store = await openPostgresStore(url)
  expect(await verifyAudit(store.reads)).toMatchObject({ intact: true, events: 0 })
  await store.close()
})

test('a folder that a server uses is not moved under it', async () => {
  const running = await openSqliteStore(folder)
  await expect(moveToPostgres({ folder, url })).rejects.toThrow(/another sallyport server .* stop it first/)
  await running.close()
})

test('both databases have the same tables and columns, of texts and whole numbers: rows go over as they are', async () => {
  await (await openSqliteStore(folder)).close()
  await (await openPostgresStore(url)).close()
  const db = new DatabaseSync(join(folder, 'sallyport.db'), { readOnly: true })
  const here = db
    .prepare(
      `select t.name || '.' || c.name || ' ' || replace(lower(c.type), 'integer', 'number') as one
       from sqlite_schema t, pragma_table_info(t.name) c
       where t.type = 'table' and t.name not in ('schema_migrations', 'sqlite_sequence')`,
    )
    .all()
    .map(({ one }) => String(one))
  db.close()
  const client = new Client({ connectionString: url })
  await client.connect()
  const { rows } = await client.query<{ one: string }>(
    `select table_name || '.' || column_name || ' ' || replace(data_type, 'bigint', 'number') as one
     from information_schema.columns where table_schema = 'public' and table_name <> 'schema_migrations'`,
  )
  await client.end()
  expect(here.toSorted((a, b) => (a < b ? -1 : 1))).toEqual(
    rows.map(({ one }) => one).toSorted((a, b) => (a < b ? -1 : 1)),
  )
  expect(new Set(here.map((one) => one.split(' ')[1]))).toEqual(new Set(['text', 'number']))
})
