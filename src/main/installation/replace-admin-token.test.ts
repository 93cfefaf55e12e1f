import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Store } from '../../app/ports/store.ts'
import { openSqliteStore } from '../../store/open-sqlite.ts'
import { ensureAdminToken, recogniseAdminToken, replaceToken } from './admin-token.ts'
import { replaceAdminToken } from './replace-admin-token.ts'

let folder: string
const read = (): string => readFileSync(join(folder, 'admin-token'), 'utf8').trim()

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), `sallyport-token-${process.pid}-`))
})
afterEach(() => rmSync(folder, { recursive: true }))

let now = Date.UTC(2026, 0, 1)
const clock = { now: () => now }

/** A server was started here, and stopped again. */
async function started(): Promise<string> {
  const store = await openSqliteStore(folder)
  await ensureAdminToken(store, folder)
  await store.close()
  return read()
}

describe('an administrator token that was lost', () => {
  it('is replaced by one that counts alone, that its owner alone can read, and it is on record', async () => {
    const before = await started()
    rmSync(join(folder, 'admin-token'))
    expect(await replaceAdminToken({ data: folder, database: undefined })).toBe(join(folder, 'admin-token'))
    expect(statSync(join(folder, 'admin-token')).mode & 0o777).toBe(0o600)
    const store = await openSqliteStore(folder)
    const recognise = recogniseAdminToken({ store, clock })
    expect([await recognise(before), (await recognise(read()))?.isBreakGlass]).toEqual([undefined, true])
    expect(await ensureAdminToken(store, folder)).toMatchObject({ isNew: false })
    const events = await store.reads.audit({}, { limit: 10 })
    expect(events.map(({ action, data }) => [action, data])).toEqual([['server.token-replaced', '{}']])
    await store.close()
  })

  it('stays what it is while a server uses the folder', async () => {
    const before = await started()
    const server = await openSqliteStore(folder)
    await expect(replaceAdminToken({ data: folder, database: undefined })).rejects.toThrow(/another sallyport server/)
    const recognise = recogniseAdminToken({ store: server, clock })
    expect([read(), (await recognise(before))?.isBreakGlass]).toEqual([before, true])
    await server.close()
  })

  it('is not made where no server has been: the folder is the wrong one, and stays as it is', async () => {
    await expect(replaceAdminToken({ data: folder, database: undefined })).rejects.toThrow(/is not there; --data/)
    expect(readdirSync(folder)).toEqual([])
    const store = await openSqliteStore(folder)
    await store.close()
    await expect(replaceAdminToken({ data: folder, database: undefined })).rejects.toThrow(/has no administrator token/)
    expect(readdirSync(folder)).not.toContain('admin-token')
  })

  it('counts at a server that is running within two seconds, and the one before no more: replicas are not restarted', async () => {
    const before = await started()
    const store = await openSqliteStore(folder)
    const recognise = recogniseAdminToken({ store, clock })
    expect(await recognise(before)).toMatchObject({ isBreakGlass: true })
    await replaceToken(store, folder, now)
    now += 2_000
    expect([await recognise(before), (await recognise(read()))?.isBreakGlass]).toEqual([undefined, true])
    await store.close()
  })

  it('is looked up at most once a second, however many tokens are guessed', async () => {
    await started()
    const store = await openSqliteStore(folder)
    let readings = 0
    const setting: Store['reads']['setting'] = (name) => {
      readings += 1
      return store.reads.setting(name)
    }
    const recognise = recogniseAdminToken({ store: { ...store, reads: { ...store.reads, setting } }, clock })
    for (const guess of ['a', 'b', 'c']) expect(await recognise(guess)).toBeUndefined()
    await Promise.all([recognise('d'), recognise('e')])
    expect(readings).toBe(1)
    await store.close()
  })

  it('lets nobody in while the database cannot be read, and is asked for again at the next call', async () => {
    await started()
    const store = await openSqliteStore(folder)
    let isDown = true
    const setting: Store['reads']['setting'] = (name) =>
      isDown ? Promise.reject(new Error('the database is away')) : store.reads.setting(name)
    const recognise = recogniseAdminToken({ store: { ...store, reads: { ...store.reads, setting } }, clock })
    await expect(recognise(read())).rejects.toThrow('the database is away')
    isDown = false
    expect(await recognise(read())).toMatchObject({ isBreakGlass: true })
    await store.close()
  })

  it('in a folder where another replica’s command has replaced it is offered to nobody', async () => {
    await started()
    const store = await openSqliteStore(folder)
    const elsewhere = join(folder, 'another-replica')
    await replaceToken(store, elsewhere, now)
    expect(await ensureAdminToken(store, folder)).toEqual({ file: undefined, isNew: false })
    expect(await ensureAdminToken(store, elsewhere)).toEqual({ file: join(elsewhere, 'admin-token'), isNew: false })
    await store.close()
  })
})
