import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createBreakGlassWitness } from '../../src/app/audit/witness-break-glass.ts'
import type { Store } from '../../src/app/ports/store.ts'
import { HOUR } from '../../src/domain/time.ts'
import { openSqliteStore } from '../../src/store/open-sqlite.ts'

let folder: string
let store: Store
let now = Date.parse('2026-03-01T12:00:00Z')
const clock = { now: () => now }
const log = { error() {}, warn() {}, info() {} }

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), `sallyport-break-glass-${process.pid}-`))
  store = await openSqliteStore(folder)
})

afterEach(async () => {
  await store.close()
  await rm(folder, { recursive: true })
})

async function recorded(): Promise<string[]> {
  const events = await store.reads.audit({ actions: ['signin.breakglass'] }, { limit: 100 })
  return events.map(({ actor, address }) => `${actor} ${address}`)
}

describe('the use of the bootstrap administrator’s token', () => {
  it('is on record before the call goes on, once an hour and address however often it is used', async () => {
    const witness = createBreakGlassWitness({ store, clock, log })
    await witness('admin', '10.0.0.1')
    expect(await recorded()).toEqual(['admin 10.0.0.1'])
    await Promise.all(Array.from({ length: 20 }, () => witness('admin', '10.0.0.1')))
    expect(await recorded()).toHaveLength(1)
    now += HOUR
    await witness('admin', '10.0.0.1')
    expect(await recorded()).toHaveLength(2)
  })

  it('is never quiet from another address, nor after a restart', async () => {
    await createBreakGlassWitness({ store, clock, log })('admin', '10.0.0.1')
    await createBreakGlassWitness({ store, clock, log })('admin', '10.0.0.1')
    const witness = createBreakGlassWitness({ store, clock, log })
    await witness('admin', '10.0.0.2')
    expect(await recorded()).toEqual(['admin 10.0.0.1', 'admin 10.0.0.1', 'admin 10.0.0.2'])
  })

  it('is refused while it cannot be recorded, and recorded when it can again', async () => {
    let isBroken = true
    const failing: Pick<Store, 'transaction'> = {
      transaction: (work) => (isBroken ? Promise.reject(new Error('disk full')) : store.transaction(work)),
    }
    const witness = createBreakGlassWitness({ store: { ...store, ...failing }, clock, log })
    await expect(Promise.all([witness('admin', '10.0.0.1'), witness('admin', '10.0.0.1')])).rejects.toThrow('disk full')
    isBroken = false
    await witness('admin', '10.0.0.1')
    expect(await recorded()).toHaveLength(1)
  })
})
