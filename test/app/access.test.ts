import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Access } from '../../src/app/identity/access.ts'
import { notAuthorized } from '../../src/app/identity/authorize.ts'
import type { Store } from '../../src/app/ports/store.ts'
import { isGranted, type RoleAssignment } from '../../src/domain/roles/role-assignment.ts'
import { ROOT, scopeKeyOf } from '../../src/domain/roles/scope.ts'
import { openSqliteStore } from '../../src/store/open-sqlite.ts'
import { NOON, SUBSCRIPTION } from '../support/builders.ts'

const READER = 'acdd72a7-3385-48ef-bd42-f606fba81ae7'

const anAssignment = (principalId: string): RoleAssignment => ({
  name: `assignment of ${principalId}`,
  scope: ROOT,
  role: READER,
  principalId,
  principalType: 'User',
  createdAt: NOON,
  createdBy: '',
})

describe('what permission is decided by', () => {
  let folder: string
  let store: Store
  let now = NOON
  /** Reads of everything, and of the version. */
  let reads: string[]
  const replica = (): Access => {
    const { roles } = store.reads
    const counted = {
      version: () => (reads.push('version'), roles.version()),
      all: () => (reads.push('all'), roles.all()),
    }
    return new Access({ store: { reads: { roles: counted } }, clock: { now: () => now } })
  }
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), `sallyport-access-${process.pid}-`))
    store = await openSqliteStore(folder)
    now = NOON
    reads = []
  })
  afterEach(async () => {
    await store.close()
    await rm(folder, { recursive: true })
  })

  const commit = (work: (roles: Parameters<Parameters<Store['transaction']>[0]>[0]['roles']) => Promise<void>) =>
    store.transaction(async ({ roles }) => {
      const version = await roles.change()
      await work(roles)
      return version
    })
  const assign = async (by: Access, assignment: RoleAssignment): Promise<void> =>
    by.changed(await commit((roles) => roles.insertAssignment(assignment)), { kind: 'assigned', assignment })
  const unassign = async (by: Access, assignment: RoleAssignment): Promise<void> =>
    by.changed(await commit((roles) => roles.removeAssignment(assignment.name)), { kind: 'unassigned', assignment })
  const may = async (access: Access, principal: string) => {
    const { index } = await access.now()
    return isGranted(index, { principals: [principal], action: 'A.B/c/read', scope: scopeKeyOf('/') })
  }

  it('is read once, and not again for every decision', async () => {
    const access = replica()
    await Promise.all([may(access, 'a'), may(access, 'b')])
    await may(access, 'c')
    expect(reads).toEqual(['all'])
  })

  it('holds a change of its own at once, without reading', async () => {
    const access = replica()
    await may(access, 'a')
    await assign(access, anAssignment('a'))
    expect(await may(access, 'a')).toBe(true)
    await unassign(access, anAssignment('a'))
    expect(await may(access, 'a')).toBe(false)
    expect(reads).toEqual(['all'])
  })

  it('holds what another replica took away for at most a second', async () => {
    const [one, other] = [replica(), replica()]
    await assign(one, anAssignment('a'))
    expect([await may(one, 'a'), await may(other, 'a')]).toEqual([true, true])
    await unassign(one, anAssignment('a'))
    now += 999
    expect([await may(one, 'a'), await may(other, 'a')]).toEqual([false, true])
    now += 1
    expect(await may(other, 'a')).toBe(false)
  })

  it('misses no change of another replica that came just before its own', async () => {
    const [one, other] = [replica(), replica()]
    await Promise.all([may(one, 'a'), may(other, 'a')])
    await assign(other, anAssignment('b'))
    await assign(one, anAssignment('a'))
    expect([await may(one, 'a'), await may(one, 'b')]).toEqual([true, true])
  })

  it('is not set back by a reading that began before its own change', async () => {
    const [held, begun] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const { roles } = store.reads
    const slow = async () => {
      const record = await roles.all()
      begun.resolve()
      await held.promise
      return record
    }
    const reads = { roles: { version: () => roles.version(), all: slow } }
    const access = new Access({ store: { reads }, clock: { now: () => now } })
    const reading = may(access, 'a')
    await begun.promise
    await assign(access, anAssignment('a'))
    held.resolve()
    expect(await reading).toBe(true)
  })

  it('lets nobody in when it cannot be read', async () => {
    const broken = { version: () => Promise.reject(new Error('gone')), all: () => Promise.reject(new Error('gone')) }
    const access = new Access({ store: { reads: { roles: broken } }, clock: { now: () => now } })
    await expect(access.now()).rejects.toThrow('gone')
  })

  it('decides thousands of times a second among 10,000 assignments', async () => {
    await commit(async (roles) => {
      for (let index = 0; index < 10_000; index++) await roles.insertAssignment(anAssignment(`p${index}`))
    })
    const { index } = await replica().now()
    const scope = scopeKeyOf(`/subscriptions/${SUBSCRIPTION}/resourceGroups/g/providers/A.B/c/web1`)
    const started = performance.now()
    for (let each = 0; each < 10_000; each++)
      expect(isGranted(index, { principals: [`p${each}`, 'group'], action: 'A.B/c/read', scope })).toBe(true)
    expect(performance.now() - started).toBeLessThan(2_000)
  })
})

it('a refusal names a program, which has no name, by its object id', () => {
  const program = { name: '', address: '', principals: ['id-of-robot'], isBreakGlass: false, correlation: '' }
  const { message } = notAuthorized(program, { anyOf: ['Microsoft.Compute/virtualMachines/read'], scope: '/' })
  expect(message).toContain("The client 'id-of-robot' with object id 'id-of-robot' does not have authorization")
})
