/** What only the shared store promises: crashes of the server, replicas that wake each other, deadlocks that heal. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { PointId } from '../../src/app/ports/inventory.ts'
import type { Store } from '../../src/app/ports/store.ts'
import type { GrantId } from '../../src/domain/access/hole.ts'
import { openPostgresStore } from '../../src/store/open-postgres.ts'
import { verifyAudit } from '../../src/store/verify-audit.ts'
import { freePort } from '../support/free-port.ts'
import { runAlone, startPostgres, type ThrowawayPostgres } from '../support/postgres.ts'
import { acknowledgedBefore, PROMISES, whatWasKept } from './acknowledged.ts'
import { aGrant, aPolicy, aRequest, askFor, NOON, pointOf } from './builders.ts'

let server: ThrowawayPostgres
let url: string
beforeAll(async () => {
  server = await startPostgres()
})
afterAll(() => server.stop())
beforeEach(async () => {
  url = await server.createDatabase()
})

async function withStores(count: number, act: (...stores: Store[]) => Promise<void>): Promise<void> {
  const stores = await Promise.all(Array.from({ length: count }, () => openPostgresStore(url)))
  try {
    await act(...stores)
  } finally {
    await Promise.all(stores.map((store) => store.close()))
  }
}

const wish = (store: Store, name: string): Promise<unknown> =>
  store.transaction((tx) => tx.wish({ points: [pointOf(name)], shape: false, dueAt: NOON }))

/** The points that a replica is woken for, one after the other. */
function wakes(store: Store): { next: () => Promise<PointId>; stop: () => void } {
  const heard: PointId[] = []
  const waiting: ((point: PointId) => void)[] = []
  const stop = store.onWake((point) => {
    const waiter = waiting.shift()
    if (waiter === undefined) heard.push(point)
    else waiter(point)
  })
  const next = async (): Promise<PointId> => heard.shift() ?? new Promise((resolve) => waiting.push(resolve))
  return { next, stop }
}

describe('a server that crashes', () => {
  it('everything acknowledged is there after the database was killed under load', async () => {
    await withStores(1, async (store) => {
      await store.transaction((tx) => tx.putPolicy(aPolicy()))
    })
    const acknowledged = await acknowledgedBefore({ kind: 'postgres', place: url }, async (child) => {
      await server.crashAndRestart()
      child.kill()
    })
    await withStores(1, async (store) => {
      const { requests, ...kept } = await whatWasKept(store, acknowledged)
      expect(acknowledged.length).toBeGreaterThanOrEqual(PROMISES)
      expect(kept).toEqual({ lost: [], torn: [], audit: { intact: true, events: requests } })
    })
  })

  it('callers are refused while it is gone, and served again by the same store when it is back', async () => {
    await withStores(1, async (store) => {
      await store.transaction((tx) => tx.putSetting('a', 'before'))
      const interrupted = store.transaction(async (tx) => {
        await tx.putSetting('a', 'during')
        await server.crashAndRestart()
        await tx.putSetting('a', 'after')
      })
      await expect(interrupted).rejects.toThrow(/PostgreSQL did not answer|terminat|crash/)
      await store.reads.setting('a').catch(() => undefined) // one that finds its idle connection broken
      expect(await store.reads.setting('a')).toBe('before')
      await store.transaction((tx) => tx.putSetting('a', 'again'))
      expect(await store.reads.setting('a')).toBe('again')
    })
  })
})

describe('replicas', () => {
  it('a replica is woken by what another wished, and not by its own wishes', async () => {
    await withStores(2, async (mine, theirs) => {
      if (mine === undefined || theirs === undefined) throw new Error('two stores')
      await wish(theirs, 'before')
      const { next, stop } = wakes(mine)
      expect(await next()).toBe(pointOf('before')) // it was missed; now the replica surely listens
      await wish(mine, 'own')
      await wish(theirs, 'other')
      expect(await next()).toBe(pointOf('other'))
      stop()
    })
  })

  it('a replica whose listening connection broke hears what it missed', async () => {
    await withStores(2, async (mine, theirs) => {
      if (mine === undefined || theirs === undefined) throw new Error('two stores')
      await wish(theirs, 'before')
      const { next, stop } = wakes(mine)
      expect(await next()).toBe(pointOf('before'))
      await runAlone(url, `select pg_terminate_backend(pid) from pg_stat_activity where query like 'listen%'`)
      await wish(theirs, 'missed')
      const heard = [await next(), await next()]
      expect(heard).toContain(pointOf('missed'))
      stop()
    })
  })

  it('a wish that was given up wakes nobody', async () => {
    await withStores(2, async (mine, theirs) => {
      if (mine === undefined || theirs === undefined) throw new Error('two stores')
      await wish(theirs, 'before')
      const { next, stop } = wakes(mine)
      await next()
      await theirs
        .transaction(async (tx) => {
          await tx.wish({ points: [pointOf('given-up')], shape: false, dueAt: NOON })
          throw new Error('given up')
        })
        .catch(() => undefined)
      await wish(theirs, 'kept')
      expect(await next()).toBe(pointOf('kept'))
      stop()
    })
  })

  it('a replica asks another what only that one can tell, however much it is, and hears why it cannot', async () => {
    await withStores(3, async (mine, theirs, nobodys) => {
      if (mine?.peers === undefined || theirs?.peers === undefined || nobodys?.peers === undefined)
        throw new Error('three stores that others share')
      const much = 'ünï'.repeat(100_000)
      nobodys.peers.answer(() => undefined)
      theirs.peers.answer((about, question) => {
        if (about !== 'web1') return undefined
        return question === 'much' ? Promise.resolve(much) : Promise.reject(new Error('it has no way to know'))
      })
      const { peers } = mine
      const asked = (about: string, question: string, within: number): Promise<string> =>
        peers.ask(about, question, AbortSignal.timeout(within))
      // Both have to listen before anything is heard.
      await expect.poll(() => asked('web1', 'much', 500).catch(() => ''), { timeout: 10_000 }).toHaveLength(much.length)
      expect(await asked('web1', 'much', 10_000)).toBe(much)
      await expect(asked('web1', 'why', 10_000)).rejects.toThrow('it has no way to know')
      await runAlone(url, `select pg_notify('sallyport_peers', 'whatever it is')`)
      await expect(asked('web2', 'much', 200)).rejects.toThrow('no other server answered in time')
    })
  })

  it('two replicas that start at once on an empty database both come up', async () => {
    await withStores(4, async (...stores) => {
      for (const store of stores) expect(await store.reads.policies({}, { limit: 1 })).toEqual([])
    })
  })

  it('transactions that lock points in opposite orders both succeed', async () => {
    await withStores(2, async (one, two) => {
      if (one === undefined || two === undefined) throw new Error('two stores')
      await wish(one, 'a')
      await wish(one, 'b')
      const bothHoldOne = Promise.withResolvers<void>()
      let holding = 0
      const crossing = (store: Store, order: readonly string[]): Promise<void> =>
        store.transaction(async (tx) => {
          for (const name of order) {
            await tx.wish({ points: [pointOf(name)], shape: false, dueAt: NOON })
            if (++holding >= 2) bothHoldOne.resolve()
            await bothHoldOne.promise
          }
        })
      await Promise.all([crossing(one, ['a', 'b']), crossing(two, ['b', 'a'])])
      expect(await one.reads.point(pointOf('a'))).toMatchObject({ wanted: 3 })
      expect(await one.reads.point(pointOf('b'))).toMatchObject({ wanted: 3 })
    })
  })

  it('passes on two points of one grant, recorded at once, never both miss what the other saw', async () => {
    await withStores(2, async (one, two) => {
      if (one === undefined || two === undefined) throw new Error('two stores')
      await one.transaction((tx) => tx.putPolicy(aPolicy()))
      const points = [pointOf('a'), pointOf('b')]
      for (let round = 0; round < 10; round++) {
        const grant = `g${round}` as GrantId // any text is an id
        await one.transaction(async (tx) => {
          const rows = await tx.wish({ points, shape: false, dueAt: NOON })
          const revisions = new Map(rows.map((row) => [row.id, row.wanted]))
          await tx.insertRequest(aRequest(`r${round}`, [aGrant(grant)]), new Map([[grant, points]]), revisions)
        })
        const pass = (store: Store, point: PointId): Promise<number> =>
          store.transaction(async (tx) => {
            const sightings = await tx.sightingsOf([grant])
            await tx.recordPass({
              point,
              applied: 1,
              sightings: [{ grant, sighting: 'held' }],
              grace: 0,
              lookAgainAt: undefined,
            })
            return sightings.filter(({ sighting }) => sighting === 'held').length
          })
        const seen = await Promise.all([pass(one, pointOf('a')), pass(two, pointOf('b'))])
        expect([...seen].sort((a, b) => a - b)).toEqual([0, 1])
      }
    })
  })

  it('two busy replicas lose nothing and fork nothing', async () => {
    await withStores(2, async (one, two) => {
      if (one === undefined || two === undefined) throw new Error('two stores')
      await one.transaction((tx) => tx.putPolicy(aPolicy()))
      const open = async (store: Store, name: string): Promise<void> => {
        const grant = name as GrantId // any text is an id
        await store.transaction((tx) => askFor(tx, aRequest(`r-${name}`, [aGrant(name)])))
        await store.transaction(async (tx) => {
          await tx.changeGrants([{ grant, state: 'open', reason: 'UserRequested', at: NOON }])
          const sightings = [{ grant, sighting: 'held' as const }]
          await tx.recordPass({ point: pointOf('web1'), applied: 0, sightings, grace: 0, lookAgainAt: undefined })
        })
      }
      await Promise.all(Array.from({ length: 100 }, (_, n) => open(n % 2 === 0 ? one : two, `g${n}`)))
      const live = await one.reads.liveGrants([aPolicy().uid])
      expect(live.filter((grant) => grant.state === 'open')).toHaveLength(100)
      expect(await two.reads.point(pointOf('web1'))).toMatchObject({ wanted: 100, pass: 100 })
      expect(await verifyAudit(one.reads)).toEqual({ intact: true, events: 100 })
    })
  })
})

it('a database that acknowledges before it is safe is refused', async () => {
  await runAlone(url, `alter role sallyport set synchronous_commit = off`)
  await expect(openPostgresStore(url)).rejects.toThrow('synchronous_commit = off')
  await runAlone(url, `alter role sallyport reset synchronous_commit`)
})

describe('a database that cannot be used', () => {
  it('is told by its place and the reason, without its password', async () => {
    const silent = openPostgresStore(`postgres://me:secret@localhost:${await freePort()}/jit`)
    await expect(silent).rejects.toThrow(/^the database jit at localhost:\d+ cannot be used: .*ECONNREFUSED/)
    await expect(silent).rejects.not.toThrow('secret')
    const missing = openPostgresStore(url.replace(/\/\w+\?/, '/nowhere?'))
    await expect(missing).rejects.toThrow(
      /^the database nowhere at .* cannot be used: database "nowhere" does not exist/,
    )
  })
})
