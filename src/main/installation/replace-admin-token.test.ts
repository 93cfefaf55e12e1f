import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openSqliteStore } from '../../store/open-sqlite.ts'
import { ensureAdminToken, recogniseAdminToken } from './installation.ts'
import { replaceAdminToken } from './replace-admin-token.ts'

let folder: string
const read = (): string => readFileSync(join(folder, 'admin-token'), 'utf8').trim()

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), `sallyport-token-${process.pid}-`))
})
afterEach(() => rmSync(folder, { recursive: true }))

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
    const recognise = await recogniseAdminToken(store)
    expect([recognise(before), recognise(read())?.isBreakGlass]).toEqual([undefined, true])
    expect(await ensureAdminToken(store, folder)).toMatchObject({ isNew: false })
    const events = await store.reads.audit({}, { limit: 10 })
    expect(events.map(({ action, data }) => [action, data])).toEqual([['server.token-replaced', '{}']])
    await store.close()
  })

  it('stays what it is while a server uses the folder', async () => {
    const before = await started()
    const server = await openSqliteStore(folder)
    await expect(replaceAdminToken({ data: folder, database: undefined })).rejects.toThrow(/another sallyport server/)
    expect([read(), (await recogniseAdminToken(server))(before)?.isBreakGlass]).toEqual([before, true])
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
})
