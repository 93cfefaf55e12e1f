/** What only the embedded store promises: one process, one writer, one disk flush for many, nothing lost. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { GroupCommit } from '../../src/store/group-commit.ts'
import { openSqliteStore } from '../../src/store/open-sqlite.ts'
import { connectSqlite } from '../../src/store/sqlite-connection.ts'
import { acknowledgedBefore, PROMISES, whatWasKept } from './acknowledged.ts'
import { aPolicy } from './builders.ts'
import { sqliteDatabase } from './databases.ts'

const database = sqliteDatabase()
let folder: string
afterAll(() => database.stop())
beforeEach(async () => {
  folder = await database.newPlace()
})

async function withPolicy(): Promise<void> {
  const store = await openSqliteStore(folder)
  await store.transaction((tx) => tx.putPolicy(aPolicy()))
  await store.close()
}

async function holdingProcess(): Promise<{ pid: number | undefined; kill(): Promise<void> }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'hold-child.ts'), folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exit = once(child, 'exit')
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL')
    await exit
  }
  await once(child.stdout, 'data')
  return { pid: child.pid, kill }
}

describe('one process per folder', () => {
  it('a second server on the same folder is refused at once, and told who uses it', async () => {
    const holder = await holdingProcess()
    try {
      await expect(openSqliteStore(folder)).rejects.toThrow(`another sallyport server (process ${holder.pid} on`)
    } finally {
      await holder.kill()
    }
    const store = await openSqliteStore(folder)
    expect(await store.reads.latestInstant()).toBe(0)
    await store.close()
  })

  it('a folder is free again after the store is closed, or could not be opened', async () => {
    const first = await openSqliteStore(folder)
    await expect(openSqliteStore(folder)).rejects.toThrow(folder)
    await first.close()
    await database.tamper(folder, `insert into schema_migrations (number, name) values (999, 'later')`)
    await expect(openSqliteStore(folder)).rejects.toThrow('newer sallyport')
    await database.tamper(folder, 'delete from schema_migrations where number = 999')
    const again = await openSqliteStore(folder)
    await again.close()
  })

  it('nobody else on the machine can read what is kept', async () => {
    const store = await openSqliteStore(join(folder, 'new'))
    await store.transaction((tx) => tx.putSetting('a', 'b'))
    for (const name of ['sallyport.db', 'sallyport.db-wal', 'lock.json', 'lock']) {
      expect([name, statSync(join(folder, 'new', name)).mode & 0o077]).toEqual([name, 0])
    }
    await store.close()
  })
})

describe('killed in the middle', () => {
  it('everything acknowledged is there after kill -9 under load', async () => {
    await withPolicy()
    const acknowledged = await acknowledgedBefore({ kind: 'sqlite', place: folder }, async (child) => child.kill())
    const store = await openSqliteStore(folder)
    const { requests, ...kept } = await whatWasKept(store, acknowledged)
    expect(acknowledged.length).toBeGreaterThanOrEqual(PROMISES)
    expect(kept).toEqual({ lost: [], torn: [], audit: { intact: true, events: requests } })
    await store.close()
  })

  it('a process killed between two members of one group leaves nothing of either', async () => {
    await withPolicy()
    const child = spawn(process.execPath, [join(import.meta.dirname, 'die-in-group-child.ts'), folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let acknowledged = ''
    child.stdout.on('data', (chunk: Buffer) => {
      acknowledged += chunk.toString()
    })
    expect(await once(child, 'close')).toEqual([null, 'SIGKILL'])
    const store = await openSqliteStore(folder)
    const { lost, torn, audit } = await whatWasKept(store, ['warm'])
    expect({ lost, torn }).toEqual({ lost: [], torn: [] })
    expect(audit).toEqual({ intact: true, events: acknowledged === '' ? 1 : 2 })
    await store.close()
  })

  it('every commit is flushed to the disk', () => {
    const db = connectSqlite(join(folder, 'any.db'))
    const FULL = 2
    expect(db.prepare('pragma journal_mode').get()).toEqual({ journal_mode: 'wal' })
    expect(db.prepare('pragma synchronous').get()).toEqual({ synchronous: FULL })
    expect(db.prepare('pragma foreign_keys').get()).toEqual({ foreign_keys: 1 })
    db.close()
  })
})

describe('transactions that share a commit', () => {
  /** A deferred foreign key fails at COMMIT, and only there. */
  function parentAndChild(): { db: DatabaseSync; commits: GroupCommit; rows: () => number } {
    const db = new DatabaseSync(join(folder, 'group.db'))
    db.exec('create table parent (id integer primary key) strict')
    db.exec('create table child (parent integer references parent (id) deferrable initially deferred) strict')
    const rows = (): number => Number(db.prepare('select count(*) as n from parent').get()?.['n'])
    return { db, commits: new GroupCommit(db), rows }
  }

  it('when the commit fails, all of the group reject and nothing of it is kept', async () => {
    const { db, commits, rows } = parentAndChild()
    const good = commits.run(async () => db.exec('insert into parent values (1)'))
    const bad = commits.run(async () => db.exec('insert into child values (99)'))
    const refused = commits.run(async () => Promise.reject(new Error('judged by what was never committed')))
    for (const member of [good, bad, refused])
      await expect(member).rejects.toThrow('was not committed; nothing changed')
    expect(rows()).toBe(0)
    await commits.run(async () => db.exec('insert into parent values (2)'))
    expect(rows()).toBe(1)
    db.close()
  })

  it('nobody is answered before the commit, and one commit answers many', async () => {
    const { db, commits } = parentAndChild()
    const other = new DatabaseSync(join(folder, 'group.db'))
    const commitsSeen = new Set<unknown>()
    const seen = await Promise.all(
      Array.from({ length: 50 }, async (_, id) => {
        await commits.run(async () => {
          commitsSeen.add(other.prepare('select count(*) as n from parent').get()?.['n'])
          db.exec(`insert into parent values (${id})`)
        })
        return other.prepare('select id from parent where id = ?').get(id)
      }),
    )
    expect(seen).toEqual(Array.from({ length: 50 }, (_, id) => ({ id })))
    expect(commitsSeen.size).toBeLessThan(25)
    other.close()
    db.close()
  })

  it('when the disk is full, the whole group rejects and the next one works', async () => {
    const { db, commits, rows } = parentAndChild()
    db.exec('create table big (text text) strict; pragma journal_mode = wal')
    db.exec(`pragma max_page_count = ${Number(db.prepare('pragma page_count').get()?.['page_count']) + 2}`)
    const small = commits.run(async () => db.exec('insert into parent values (1)'))
    const full = commits.run(async () => db.exec(`insert into big values ('${'x'.repeat(100_000)}')`))
    await expect(full).rejects.toThrow(/full|not committed/)
    await small.catch(() => undefined)
    await commits.run(async () => db.exec('insert into parent values (2)'))
    expect(db.prepare('select id from parent where id = 2').get()).toEqual({ id: 2 })
    expect(rows()).toBeLessThanOrEqual(2)
    db.close()
  })

  it('timers and sockets go on while callers keep the store busy', async () => {
    const { db, commits } = parentAndChild()
    const insert = db.prepare('insert into parent default values')
    const stop = new AbortController()
    const callers = Array.from({ length: 16 }, async () => {
      while (!stop.signal.aborted) await commits.run(async () => insert.run())
    })
    let worst = 0
    for (let turn = 0; turn < 50; turn++) {
      const asked = performance.now()
      await new Promise((resolve) => setTimeout(resolve, 1))
      worst = Math.max(worst, performance.now() - asked)
    }
    stop.abort()
    await Promise.all(callers)
    expect(worst).toBeLessThan(500)
    db.close()
  })
})
