/** What every store must do with hosts that run the agent, asked of each. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { HostArrival } from '../../src/app/ports/host-record.ts'
import type { PointId } from '../../src/app/ports/inventory.ts'
import type { Store } from '../../src/app/ports/store.ts'
import { newHost, type Host, type HostId } from '../../src/domain/hosts/host.ts'
import { parseResourceId } from '../../src/domain/resource-id.ts'
import { MINUTE, SECOND } from '../../src/domain/time.ts'
import { valueOf } from '../support/builders.ts'
import { NOON, SUBSCRIPTION } from './builders.ts'
import { postgresDatabase, sqliteDatabase } from './databases.ts'

const aHost = (name: string, more: Partial<Host> = {}): Host => {
  const machine = valueOf(
    parseResourceId(
      `/subscriptions/${SUBSCRIPTION}/resourceGroups/default/providers/Microsoft.HybridCompute/machines/${name}`,
    ),
  )
  return {
    ...newHost({ id: `id-of-${name}` as HostId, machine, name, labels: { env: 'prod' }, createdAt: NOON }), // what a test calls it
    generation: 1,
    certificates: ['aa'],
    certificateEndsAt: NOON + MINUTE,
    enrolledAt: NOON,
    ...more,
  }
}

const sighting = ({ id }: Host, sequence: number, at = NOON): HostArrival => ({
  host: id,
  at,
  sequence,
  bootId: 'boot-1',
  fingerprint: 'aa',
})

const pointOf = ({ key }: Host): PointId => `host:${key}` as PointId // what names a host's point

describe.each([sqliteDatabase(), postgresDatabase()])('hosts in the store on $name', (database) => {
  let place: string
  let store: Store
  const web1 = aHost('web1')
  beforeAll(() => database.start())
  afterAll(() => database.stop())
  beforeEach(async () => {
    place = await database.newPlace()
    store = await database.open(place)
  })
  afterEach(() => store.close())

  const put = (host: Host): Promise<boolean> =>
    store.transaction(async (tx) => {
      await tx.hosts.change()
      return tx.hosts.put(host)
    })
  const came = (sightings: readonly HostArrival[], owner: string) =>
    store.transaction((tx) => tx.hosts.came(sightings, owner))
  const wish = (owner: string, now: number) =>
    store.transaction((tx) =>
      tx.wish({ points: [pointOf(web1)], shape: true, dueAt: now, lease: { owner, now, until: now + 20 * SECOND } }),
    )
  const claim = (owner: string, now: number) => store.claimDue({ owner, now, until: now + 20 * SECOND }, 10, ['host:'])

  it('come back as they were written, and each change raises the version', async () => {
    const gateway = aHost('Gateway', {
      kind: 'gateway',
      behind: [{ id: web1.machine, addresses: ['10.0.0.4'], os: 'Windows' }],
      gateway: {
        publicAddresses: [{ address: '203.0.113.9' }],
        mappedPorts: { from: 40_000, to: 41_000 },
        snat: false,
      },
      facts: '{"hostname":"gw"}',
    })
    expect([await put(web1), await put(gateway)]).toEqual([true, true])
    expect(await store.reads.hosts.all()).toEqual([gateway, web1])
    expect(await store.reads.hosts.byId(gateway.id)).toEqual(gateway)
    expect(await store.reads.hosts.find(web1.key)).toEqual(web1)
    expect(await store.reads.hosts.version()).toBe(2)
  })

  it('are not overwritten by who did not see the last write', async () => {
    await put(web1)
    expect(await put({ ...web1, version: 2, labels: {} })).toBe(true)
    expect(await put({ ...web1, version: 2, labels: { lost: 'write' } })).toBe(false)
    expect((await store.reads.hosts.byId(web1.id))?.labels).toEqual({})
  })

  it('keep what was seen of them when somebody changes them, and lose it with a new enrolment', async () => {
    await put(web1)
    await came([{ ...sighting(web1, 7), facts: '{"hostname":"web1"}' }], 'replica-1')
    await put({ ...web1, version: 2, labels: {} })
    const seen = { lastSequence: 7, lastBootId: 'boot-1', servedBy: 'replica-1', facts: '{"hostname":"web1"}' }
    expect(await store.reads.hosts.byId(web1.id)).toMatchObject(seen)
    await put({ ...web1, version: 3, generation: 2, certificates: ['bb'] })
    expect(await store.reads.hosts.byId(web1.id)).toMatchObject({ lastSequence: 0, lastBootId: undefined })
  })

  it('never have a generation that goes back, nor a certificate in force when they are revoked', async () => {
    await put(aHost('web1', { generation: 2 }))
    await expect(put(aHost('web1', { generation: 1, version: 2 }))).rejects.toThrow('only grows')
    const revoked = { revokedAt: NOON, revokedBecause: 'cloned' } as const
    await expect(put(aHost('web1', { generation: 2, version: 2, ...revoked }))).rejects.toThrow(/constraint/i)
    expect(await put(aHost('web1', { generation: 2, version: 2, ...revoked, certificates: [] }))).toBe(true)
  })

  it('let a token be used once, by one of two at once', async () => {
    await put(web1)
    const token = { hash: 'h', host: web1.id, until: NOON + MINUTE, usedAt: undefined }
    await store.transaction((tx) => tx.hosts.addToken(token))
    const use = () => store.transaction((tx) => tx.hosts.useToken('h', NOON))
    expect((await Promise.all([use(), use()])).map(String).toSorted()).toEqual(['false', 'true'])
    expect(await store.transaction((tx) => tx.hosts.token('h'))).toEqual({ ...token, usedAt: NOON })
    expect(await store.transaction((tx) => tx.hosts.token('another'))).toBeUndefined()
  })

  it('refuse an agent whose first report is not newer than the last that was taken', async () => {
    await put(web1)
    expect(await came([sighting(web1, 5)], 'replica-1')).toEqual({ untrusted: [], stale: [], back: [web1.id] })
    expect(await came([sighting(web1, 5)], 'replica-2')).toEqual({ untrusted: [], stale: [web1.id], back: [] })
    expect((await store.reads.hosts.byId(web1.id))?.servedBy).toBe('replica-1')
    expect(await came([sighting(web1, 6)], 'replica-2')).toEqual({ untrusted: [], stale: [], back: [] })
  })

  it('are not taken over by who comes with a certificate that is not in force any more', async () => {
    await put(web1)
    await came([sighting(web1, 5)], 'replica-1')
    await put({ ...web1, version: 2, certificates: ['bb'] })
    expect(await came([sighting(web1, 900)], 'replica-2')).toEqual({ untrusted: [web1.id], stale: [], back: [] })
    expect(await store.reads.hosts.byId(web1.id)).toMatchObject({ servedBy: 'replica-1', lastSequence: 5 })
    expect((await came([sighting(aHost('unknown'), 1)], 'replica-2')).untrusted).toEqual([aHost('unknown').id])
  })

  it('tell whoever still believes to serve one that it came to another replica', async () => {
    await put(web1)
    await came([sighting(web1, 1)], 'replica-1')
    await came([sighting(web1, 2)], 'replica-2')
    const alive = (owner: string) =>
      store.transaction((tx) => tx.hosts.alive([web1.id, 'nobody' as HostId], owner, NOON + 1)) // what a test calls it
    expect([await alive('replica-1'), await alive('replica-2')]).toEqual([[web1.id, 'nobody'], ['nobody']])
    const left = (owner: string, at: number) => store.transaction((tx) => tx.hosts.went([{ host: web1.id, at }], owner))
    await left('replica-1', NOON + 2)
    expect(await store.reads.hosts.byId(web1.id)).toMatchObject({ servedBy: 'replica-2', goneAt: undefined })
    await left('replica-2', NOON + 3)
    expect(await store.reads.hosts.byId(web1.id)).toMatchObject({ servedBy: undefined, goneAt: NOON + 3 })
  })

  it('have gone since they were last heard, or since what is on record where their replica died', async () => {
    await put(web1)
    const since = async () => {
      const host = await store.reads.hosts.byId(web1.id)
      return [host?.goneAt, host?.goneAt === host?.seenAt]
    }
    await came([sighting(web1, 1)], 'replica-1')
    await store.transaction((tx) => tx.hosts.alive([web1.id], 'replica-1', NOON + 7))
    await store.transaction((tx) => tx.hosts.alive([web1.id], 'replica-1', NOON + 5))
    await store.transaction((tx) => tx.hosts.forsaken(NOON + MINUTE))
    expect(await since()).toEqual([NOON + 7, true])
    await came([sighting(web1, 2, NOON + 20)], 'replica-1')
    await store.transaction((tx) => tx.hosts.went([{ host: web1.id, at: NOON + 20 }], 'replica-1'))
    expect(await since()).toEqual([NOON + 21, false])
  })

  it('have gone since they were let go or enrolled, where they were enrolled anew while an agent was there', async () => {
    const anew = async (version: number, enrolledAt: number) => {
      await came([sighting(web1, version)], 'replica-1')
      await put(aHost('web1', { generation: version, version, enrolledAt }))
    }
    const gone = async () => {
      const host = await store.reads.hosts.byId(web1.id)
      return [host?.servedBy, host?.seenAt, host?.goneAt]
    }
    await put(web1)
    await anew(2, NOON + 5)
    await store.transaction((tx) => tx.hosts.went([{ host: web1.id, at: NOON + 7 }], 'replica-1'))
    expect(await gone()).toEqual([undefined, undefined, NOON + 7])
    await anew(3, NOON + 9)
    expect(await store.transaction((tx) => tx.hosts.forsaken(NOON + 9))).toEqual([])
    expect(await store.transaction((tx) => tx.hosts.forsaken(NOON + 10))).toEqual([web1.id])
    expect(await gone()).toEqual([undefined, undefined, NOON + 9])
  })

  it('are told of once when they have gone, and again when they come back', async () => {
    await put(web1)
    await came([sighting(web1, 1)], 'replica-1')
    expect(await store.transaction((tx) => tx.hosts.forsaken(NOON + 1))).toEqual([web1.id])
    const tell = async () => (await store.transaction((tx) => tx.hosts.tellGone(NOON + 2))).map(({ name }) => name)
    expect([await tell(), await tell()]).toEqual([['web1'], []])
    expect((await came([sighting(web1, 2)], 'replica-2')).back).toEqual([web1.id])
  })

  it('have their points claimed by the replica that serves them, at once', async () => {
    await put(web1)
    await wish('replica-1', NOON)
    expect(await claim('replica-2', NOON + SECOND)).toEqual([])
    await came([sighting(web1, 1, NOON + SECOND)], 'replica-2')
    expect(await claim('replica-1', NOON + SECOND)).toEqual([])
    expect((await claim('replica-2', NOON + SECOND)).map(({ id }) => id)).toEqual([pointOf(web1)])
  })

  it('have no lease taken by a wish at another replica, also with the first wish for a point', async () => {
    await put(web1)
    await came([sighting(web1, 1)], 'replica-2')
    const [row] = await wish('replica-1', NOON)
    expect(row).toMatchObject({ leaseOwner: undefined, dueAt: NOON })
    const [again] = await wish('replica-1', NOON)
    expect(again).toMatchObject({ leaseOwner: undefined, dueAt: NOON, wanted: 2 })
    expect(await store.reads.nextDue('replica-1', ['host:'])).toBeUndefined()
    expect(await store.reads.nextDue('replica-2', ['host:'])).toBe(NOON)
    expect((await claim('replica-2', NOON)).map(({ wanted }) => wanted)).toEqual([2])
  })

  it('have points that are anybody’s when the replica that serves them does not see to them', async () => {
    await put(web1)
    await came([sighting(web1, 1)], 'replica-2')
    await wish('replica-1', NOON)
    expect(await claim('replica-1', NOON + 4 * SECOND)).toEqual([])
    expect(await claim('replica-1', NOON + 5 * SECOND)).toHaveLength(1)
  })

  it('are removed with their tokens', async () => {
    await put(web1)
    await store.transaction((tx) =>
      tx.hosts.addToken({ hash: 'h', host: web1.id, until: NOON + MINUTE, usedAt: undefined }),
    )
    await store.transaction((tx) => tx.hosts.remove(web1.id))
    expect(await store.reads.hosts.all()).toEqual([])
    expect(await store.transaction((tx) => tx.hosts.token('h'))).toBeUndefined()
  })
})
