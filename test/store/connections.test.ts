/** What every store must do with connections to clouds, asked of each. */
import { describe, expect, it } from 'vitest'
import type { StoredConnection } from '../../src/app/ports/connection-record.ts'
import type { Machine } from '../../src/app/ports/inventory.ts'
import type { Store } from '../../src/app/ports/store.ts'
import { parseResourceId, resourceKey } from '../../src/domain/resource-id.ts'
import { MINUTE } from '../../src/domain/time.ts'
import { valueOf } from '../support/builders.ts'
import { aPolicy, machine, NOON, pointOf, SUBSCRIPTION } from './builders.ts'
import { freshStores, postgresDatabase, sqliteDatabase } from './databases.ts'

const idOf = (name: string) =>
  valueOf(
    parseResourceId(
      `/subscriptions/${SUBSCRIPTION}/resourceGroups/default/providers/Microsoft.Security/securityConnectors/${name}`,
    ),
  )

const aConnection = (name: string, more: Partial<StoredConnection> = {}): StoredConnection => ({
  id: idOf(name),
  key: resourceKey(idOf(name)),
  name,
  settings: {
    kind: 'aws',
    credential: { kind: 'instanceRole' },
    accounts: [],
    regions: ['eu-west-1'],
    belt: false,
    drift: 'repair',
    refreshEvery: 5 * MINUTE,
  },
  hasSecret: false,
  version: 1,
  createdAt: NOON,
  updatedAt: NOON,
  ...more,
})

const aMachine = (name: string): Machine => ({
  id: machine(name),
  key: resourceKey(machine(name)),
  name,
  location: 'eu-west-1',
  os: 'Linux',
  privateAddresses: ['10.0.0.4'],
  publicAddresses: [],
  points: [],
  vmId: `i-${name}`,
})

describe.each([sqliteDatabase(), postgresDatabase()])('connections in the store on $name', (database) => {
  let store: Store
  const reopen = freshStores(database, (opened) => {
    store = opened
  })

  const put = (connection: StoredConnection): Promise<number> =>
    store.transaction(async (tx) => {
      const version = await tx.connections.change()
      await tx.connections.put(connection)
      return version
    })

  it('come back as they were written, with the sealed secret, and each change raises the version', async () => {
    expect([await store.reads.connections.version(), await store.reads.connections.all()]).toEqual([0, []])
    const prod = aConnection('Prod', { hasSecret: true, sealedSecret: 'sealed' })
    expect([await put(prod), await put(aConnection('dev'))]).toEqual([1, 2])
    await reopen()
    expect(await store.reads.connections.all()).toEqual([aConnection('dev'), prod])
    expect(await store.reads.connections.find(prod.key)).toEqual(prod)
    expect(await store.reads.connections.version()).toBe(2)
  })

  it('are replaced as a whole: a secret that is no longer given is gone', async () => {
    await put(aConnection('prod', { hasSecret: true, sealedSecret: 'sealed' }))
    const next = aConnection('prod', { version: 2, updatedAt: NOON + MINUTE })
    await put(next)
    expect(await store.reads.connections.all()).toEqual([next])
  })

  it('remember their protected machines until they are forgotten or the connection goes', async () => {
    const prod = aConnection('prod')
    await put(prod)
    const [web1, web2] = [aMachine('web1'), aMachine('web2')]
    await store.transaction((tx) => tx.connections.remember(prod.key, [web2, web1], NOON))
    const moved = { ...web1, privateAddresses: ['10.0.0.9'] }
    await store.transaction((tx) => tx.connections.remember(prod.key, [moved], NOON + 1))
    expect(await store.reads.connections.remembered(prod.key)).toEqual([moved, web2])
    await store.transaction((tx) => tx.connections.forget([web2.key]))
    expect(await store.reads.connections.remembered(prod.key)).toEqual([moved])
    await store.transaction((tx) => tx.connections.remove(prod.key))
    expect([await store.reads.connections.remembered(prod.key), await store.reads.connections.all()]).toEqual([[], []])
  })

  it('tells every machine that a policy names, once', async () => {
    await store.transaction(async (tx) => {
      await tx.putPolicy(aPolicy({ machineNames: ['web2', 'web1'] }))
      await tx.putPolicy(aPolicy({ name: 'second', machineNames: ['WEB1'] }))
    })
    const keys = await store.reads.connections.protectedMachines()
    expect(keys).toEqual([resourceKey(machine('web1')), resourceKey(machine('web2'))])
  })

  it('tell which points carry something of ours', async () => {
    const [web1, web2, never] = [pointOf('web1'), pointOf('web2'), pointOf('never')]
    await store.transaction((tx) => tx.wish({ points: [web1, web2], shape: true, dueAt: NOON }))
    await store.transaction((tx) =>
      tx.recordPass({ point: web2, applied: 1, sightings: [], grace: 0, lookAgainAt: undefined }),
    )
    expect(await store.reads.connections.carrying([never, web2, web1])).toEqual([web1])
  })

  it('renew the lease of a slow point for who holds it, and for nobody else, without wishing anything', async () => {
    const web1 = pointOf('web1')
    const lease = { owner: 'one', now: NOON, until: NOON + 20 }
    await store.transaction((tx) => tx.wish({ points: [web1], shape: true, dueAt: NOON, lease }))
    const before = await store.reads.point(web1)
    const renew = (owner: string, until: number): Promise<boolean> =>
      store.transaction((tx) => tx.renewLease(web1, { owner, now: NOON, until }))
    expect([await renew('two', NOON + 90), await renew('one', NOON + 40)]).toEqual([false, true])
    expect(await store.reads.point(web1)).toEqual({ ...before, leaseUntil: NOON + 40, dueAt: NOON + 40 })
    await store.transaction((tx) => tx.wish({ points: [web1], shape: false, dueAt: NOON + 5 }))
    await renew('one', NOON + 60)
    expect(await store.reads.point(web1)).toMatchObject({ leaseUntil: NOON + 60, dueAt: NOON + 5 })
  })
})
