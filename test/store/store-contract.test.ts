/** What every store must do, told once and asked of each. */
import { beforeEach, describe, expect, it } from 'vitest'
import type { Store, Tx } from '../../src/app/ports/store.ts'
import type { RequestId } from '../../src/domain/access/grant.ts'
import type { GrantId } from '../../src/domain/access/hole.ts'
import { resourceKey } from '../../src/domain/resource-id.ts'
import { HOUR, MINUTE, SECOND } from '../../src/domain/time.ts'
import { NEWEST } from '../../src/store/migrations.ts'
import { verifyAudit } from '../../src/store/verify-audit.ts'
import { aGrant, anEvent, aPolicy, aRequest, askFor, machine, NOON, pointOf, source, SUBSCRIPTION } from './builders.ts'
import { freshStores, postgresDatabase, sqliteDatabase } from './databases.ts'

/** What a sentence says, kept beside it. */
const FULL = { code: 'TooManyRules', facts: { port: '22/TCP', most: 1_000 } }

const WEB1 = pointOf('web1')
const LEASE = { owner: 'replica-1', now: NOON, until: NOON + 20 * SECOND }
const LOOK = { grace: 0, lookAgainAt: undefined }
const ALL = { limit: 100 }

const grantIds = (...names: string[]): GrantId[] => names as GrantId[] // any text is an id
const requestId = (name: string): RequestId => name as RequestId // as above

describe.each([sqliteDatabase(), postgresDatabase()])('the store on $name', (database) => {
  let store: Store
  let place: string
  const reopen = freshStores(database, (opened, at) => {
    store = opened
    place = at
  })
  beforeEach(() => store.transaction((tx) => tx.putPolicy(aPolicy())))

  const opened = (...grants: string[]): Promise<unknown> =>
    store.transaction((tx) =>
      tx.recordPass({
        point: WEB1,
        applied: 0,
        sightings: grantIds(...grants).map((grant) => ({ grant, sighting: 'held' as const })),
        ...LOOK,
      }),
    )

  describe('policies', () => {
    it('a policy is found under its id whatever its case, exactly as it was written', async () => {
      const policy = aPolicy({ name: 'Second', machineNames: ['web1', 'DB1'] })
      await store.transaction((tx) => tx.putPolicy(policy))
      await reopen()
      expect(await store.reads.policy(policy.key)).toEqual(policy)
    })

    it('of two writes to the same version, the second is refused', async () => {
      const next = { ...aPolicy(), version: 2, kind: 'First' }
      expect(await store.transaction((tx) => tx.putPolicy(next))).toBe(true)
      expect(await store.transaction((tx) => tx.putPolicy({ ...next, kind: 'Second' }))).toBe(false)
      expect(await store.transaction((tx) => tx.putPolicy({ ...next, version: 4 }))).toBe(false)
      expect(await store.reads.policy(aPolicy().key)).toEqual(next)
    })

    it('a policy cannot be made twice under one name, but again after it was removed', async () => {
      const again = aPolicy({ uid: 'another' })
      expect(await store.transaction((tx) => tx.putPolicy(again))).toBe(false)
      await store.transaction((tx) => tx.removePolicy(aPolicy().uid, NOON))
      expect(await store.reads.policy(again.key)).toBeUndefined()
      expect(await store.transaction((tx) => tx.putPolicy({ ...aPolicy(), version: 2 }))).toBe(false)
      expect(await store.transaction((tx) => tx.putPolicy(again))).toBe(true)
      expect(await store.reads.policy(again.key)).toEqual(again)
    })

    it('policies are listed by subscription, resource group and location, compared without case', async () => {
      await store.transaction(async (tx) => {
        await tx.putPolicy(aPolicy({ name: 'b', resourceGroup: 'Other', location: 'westeurope' }))
        await tx.putPolicy(aPolicy({ name: 'a', resourceGroup: 'Other' }))
      })
      const names = async (filter: object): Promise<string[]> =>
        (await store.reads.policies(filter, ALL)).map((policy) => policy.name)
      expect(await names({})).toEqual(['default', 'a', 'b'])
      expect(await names({ subscriptionId: SUBSCRIPTION.toUpperCase(), resourceGroup: 'oTHER' })).toEqual(['a', 'b'])
      expect(await names({ location: 'West Europe' })).toEqual(['b'])
      expect(await names({ subscriptionId: 'none' })).toEqual([])
    })

    it('policies are paged in the order of their keys, none twice and none left out', async () => {
      await store.transaction(async (tx) => {
        for (const name of ['B', 'a_b', 'a-b', 'ab', 'Z']) await tx.putPolicy(aPolicy({ name }))
      })
      const first = await store.reads.policies({}, { limit: 4 })
      const rest = await store.reads.policies({}, { limit: 4, after: first.at(-1)?.key ?? aPolicy().key })
      const keys = [...first, ...rest].map((policy) => policy.key)
      expect(keys).toHaveLength(6)
      expect(keys).toEqual([...keys].sort())
    })

    it('the policies that cover a machine follow every change of the policy', async () => {
      const covering = async (name: string): Promise<string[]> => {
        const machines = [resourceKey(machine(name))]
        const policies = await store.reads.policiesCovering(machines)
        const ids = await store.reads.idsOfPoliciesCovering(machines)
        expect(ids).toEqual(new Map(policies.map(({ uid, id }) => [uid, id])))
        return policies.map((policy) => policy.name)
      }
      expect([await covering('WEB1'), await covering('db1')]).toEqual([['default'], []])
      await store.transaction((tx) => tx.putPolicy({ ...aPolicy({ machineNames: ['db1'] }), version: 2 }))
      expect([await covering('web1'), await covering('db1')]).toEqual([[], ['default']])
      await store.transaction((tx) => tx.removePolicy(aPolicy().uid, NOON))
      expect(await covering('db1')).toEqual([])
    })

    it('a policy that chooses machines keeps what it chooses by, also where it has no machine, and is found by that', async () => {
      const ports = aPolicy().machines[0]?.ports ?? []
      const selectors = [{ labels: { env: 'prod' }, ports }]
      const choosing = { ...aPolicy({ name: 'prod' }), machines: [], selectors }
      await store.transaction((tx) => tx.putPolicy(choosing))
      expect(await store.reads.policy(choosing.key)).toEqual(choosing)
      expect(await store.reads.policiesChoosing()).toEqual([choosing])
      const { selectors: _selectors, ...plain } = choosing
      await store.transaction((tx) => tx.putPolicy({ ...plain, version: 2 }))
      expect(await store.reads.policiesChoosing()).toEqual([])
    })
  })

  describe('requests and grants', () => {
    it('a request comes back as it was written, its grants in their order', async () => {
      const request = aRequest('r1', [
        aGrant('g2', { sources: [source('*')] }),
        aGrant('g1', {
          sources: [source('10.0.0.0/8'), source('2001:db8::/32')],
          sourcesAs: 'prefixes',
          protocol: '*',
        }),
      ])
      await store.transaction((tx) => askFor(tx, request))
      await reopen()
      expect(await store.reads.request(requestId('r1'))).toEqual(request)
      expect(await store.reads.request(requestId('r2'))).toBeUndefined()
    })

    it('requests are listed newest first, page by page', async () => {
      for (const [index, name] of ['a', 'b', 'c', 'd', 'e'].entries()) {
        // Two of them began in the same millisecond.
        const request = aRequest(name, [aGrant(`g${name}`)], { startedAt: NOON + Math.max(1, index) })
        await store.transaction((tx) => askFor(tx, request))
      }
      const first = await store.reads.requests({}, { limit: 3 })
      const rest = await store.reads.requests({}, { limit: 3, after: requestId('c') })
      expect([...first, ...rest].map((request) => request.id)).toEqual(['e', 'd', 'c', 'b', 'a'])
    })

    it('requests are found by policy, machine, liveness and time, and by all of them together', async () => {
      const other = aPolicy({ name: 'other', machineNames: ['db1'] })
      await store.transaction(async (tx) => {
        await tx.putPolicy(other)
        await askFor(tx, aRequest('old', [aGrant('g1'), aGrant('g2', { on: 'db1' })]))
        await askFor(tx, aRequest('ended', [aGrant('g3')], { startedAt: NOON + HOUR }))
        await askFor(tx, aRequest('new', [aGrant('g4', { on: 'db1' })], { policy: other.uid, startedAt: NOON + HOUR }))
        const ended = { state: 'closed', reason: 'Expired', at: NOON + HOUR } as const
        await tx.changeGrants(grantIds('g3').map((grant) => ({ grant, ...ended })))
      })
      const ids = async (filter: object, page: object = {}): Promise<string[]> =>
        (await store.reads.requests(filter, { ...ALL, ...page })).map((request) => request.id)
      const db1 = resourceKey(machine('DB1'))
      expect(await ids({ policy: aPolicy().uid })).toEqual(['ended', 'old'])
      expect(await ids({ machine: db1 })).toEqual(['new', 'old'])
      expect(await ids({ machine: db1 }, { after: 'new' })).toEqual(['old'])
      expect(await ids({ live: true })).toEqual(['new', 'old'])
      expect(await ids({ since: NOON + 1 })).toEqual(['new', 'ended'])
      expect(await ids({ until: NOON + HOUR })).toEqual(['old'])
      expect(await ids({ machine: db1, since: NOON, until: NOON + 1 })).toEqual(['old'])
      expect(await ids({ policy: other.uid, machine: db1, live: true, since: NOON + 1 })).toEqual(['new'])
    })

    it('requests are found by who made them, and machines tell how often and by whom they were asked for', async () => {
      const bob = { requestor: 'bob@contoso.com', requestorId: 'bob-id' }
      await store.transaction(async (tx) => {
        await askFor(tx, aRequest('first', [aGrant('g1'), aGrant('g2', { on: 'db1' })], { requestorId: 'alice-id' }))
        await askFor(tx, aRequest('second', [aGrant('g3')], { ...bob, startedAt: NOON + HOUR }))
      })
      const ids = async (filter: object): Promise<string[]> =>
        (await store.reads.requests(filter, ALL)).map((request) => request.id)
      expect(await ids({ requestorId: 'bob-id' })).toEqual(['second'])
      expect(await ids({ requestorId: 'bob-id', live: true })).toEqual(['second'])
      expect(await ids({ requestorId: 'nobody' })).toEqual([])
      const [web1, db1, other] = ['web1', 'db1', 'other'].map((name) => resourceKey(machine(name)))
      const use = await store.reads.useOf(
        [web1, db1, other].filter((key) => key !== undefined),
        NOON + 1,
      )
      expect(Object.fromEntries(use)).toEqual({
        [String(web1)]: { requests: 1, last: { at: NOON + HOUR, requestor: 'bob@contoso.com' } },
        [String(db1)]: { requests: 0, last: { at: NOON, requestor: 'alice@contoso.com' } },
      })
    })

    it('live grants are those of the policy that are not closed or failed', async () => {
      await store.transaction(async (tx) => {
        await askFor(tx, aRequest('r1', [aGrant('g1'), aGrant('g2'), aGrant('g3')]))
        const [g1, g2] = grantIds('g1', 'g2')
        if (g1 === undefined || g2 === undefined) throw new Error('two ids')
        await tx.changeGrants([
          { grant: g1, state: 'closed', reason: 'Expired', at: NOON + HOUR },
          { grant: g2, state: 'closing', reason: 'UserRequested', at: NOON },
        ])
      })
      const live = await store.reads.liveGrants([aPolicy().uid])
      expect(live.map(({ grant, state }) => [grant, state])).toEqual([
        ['g2', 'closing'],
        ['g3', 'opening'],
      ])
      expect(await store.reads.liveGrants(['nobody'])).toEqual([])
    })

    it('a grant keeps when it opened, when it closed and why', async () => {
      const move = (change: object): Promise<void> =>
        store.transaction((tx) => tx.changeGrants([{ grant: 'g1' as GrantId, ...change } as never])) // whole changes, below
      await store.transaction((tx) => askFor(tx, aRequest('r1', [aGrant('g1')])))
      await move({ state: 'open', reason: 'UserRequested', at: NOON + 5 })
      await move({ state: 'closing', reason: 'Failed', at: NOON + 6, detail: 'the group is full', because: FULL })
      await move({ state: 'failed', reason: 'Failed', at: NOON + 7 })
      const request = await store.reads.request(requestId('r1'))
      expect(request?.grants).toEqual([
        aGrant('g1', {
          request: requestId('r1'),
          state: 'failed',
          reason: 'Failed',
          detail: 'the group is full',
          because: FULL,
          openedAt: NOON + 5,
          closedAt: NOON + 7,
        }),
      ])
    })

    it('what was granted cannot be changed, not even with a database shell', async () => {
      await store.transaction((tx) => askFor(tx, aRequest('r1', [aGrant('g1')])))
      for (const change of [`port = 23`, `machine = 'x'`, `sources = '*'`, `id = 'x'`]) {
        await expect(database.tamper(place, `update grants set ${change}`)).rejects.toThrow('what was granted never')
      }
      await expect(database.tamper(place, `update requests set requestor = 'bob'`)).rejects.toThrow('never changes')
      await expect(database.tamper(place, `update grant_points set point_id = 'x'`)).rejects.toThrow('never change')
      await expect(database.tamper(place, `update policies set policy_key = 'x'`)).rejects.toThrow('keeps its uid')
    })

    it('the end of a grant moves later at every point, and one that a point had closed is wanted there again', async () => {
      const revisions = await store.transaction((tx) => askFor(tx, aRequest('r1', [aGrant('g1'), aGrant('g2')])))
      const [g1] = grantIds('g1')
      if (g1 === undefined) throw new Error('one id')
      await store.transaction(async (tx) => {
        await tx.changeGrants([{ grant: g1, state: 'open', reason: 'UserRequested', at: NOON + 5 }])
        await tx.recordPass({ point: WEB1, applied: 1, sightings: [{ grant: g1, sighting: 'gone' }], ...LOOK })
      })
      const end = { until: NOON + 2 * HOUR, endTimeUtc: '2026-01-31T14:00:00.0000000Z' }
      await store.transaction((tx) => tx.extendGrants([{ grant: g1, ...end }], revisions))
      const request = await store.reads.request(requestId('r1'))
      expect(request?.grants.map(({ until }) => until)).toEqual([end.until, NOON + HOUR])
      expect(request?.grants[0]?.endTimeUtc).toBe(end.endTimeUtc)
      const at = await store.reads.grantsAt(WEB1)
      expect(at.find(({ grant }) => grant.grant === g1)).toMatchObject({ sighting: 'wanted' })
      await store.transaction((tx) => tx.putSightings(WEB1, [{ grant: g1, sighting: 'held' }]))
      expect((await store.reads.grantsAt(WEB1)).map(({ sighting }) => sighting).sort()).toEqual(['held', 'wanted'])
    })

    it('the end of a grant never moves back, nor at all when it is over, not even with a database shell', async () => {
      const revisions = await store.transaction((tx) => askFor(tx, aRequest('r1', [aGrant('g1')])))
      const [g1] = grantIds('g1')
      if (g1 === undefined) throw new Error('one id')
      const refused = 'the end of a grant'
      const extend = (until: number): Promise<unknown> =>
        store.transaction((tx) => tx.extendGrants([{ grant: g1, until, endTimeUtc: 'x' }], revisions))
      await expect(extend(NOON + HOUR - 1)).rejects.toThrow(refused)
      await expect(database.tamper(place, `update grants set until_at = until_at - 1`)).rejects.toThrow(refused)
      await expect(database.tamper(place, `update grants set end_time_utc = 'x'`)).rejects.toThrow(refused)
      await expect(database.tamper(place, `update grant_points set until_at = 1`)).rejects.toThrow(refused)
      await store.transaction((tx) => tx.changeGrants([{ grant: g1, state: 'closing', reason: 'Expired', at: NOON }]))
      await expect(extend(NOON + 2 * HOUR)).rejects.toThrow(refused)
      expect((await store.reads.request(requestId('r1')))?.grants[0]?.until).toBe(NOON + HOUR)
    })

    it('impossible rows are refused: unknown states, ports beyond 65535, grants that end before they begin', async () => {
      const asked = (grant: object): Promise<unknown> =>
        store.transaction((tx) => askFor(tx, aRequest('r1', [aGrant('g1', grant)])))
      await expect(asked({ state: 'ajar' })).rejects.toThrow('grants_state')
      await expect(asked({ port: 65_536 })).rejects.toThrow('grants_port')
      await expect(asked({ until: NOON })).rejects.toThrow('grants_window')
      await expect(asked({ state: 'open' })).rejects.toThrow('grants_opened')
      await expect(asked({ state: 'closed' })).rejects.toThrow('grants_closed')
      await expect(
        store.transaction((tx) => askFor(tx, aRequest('r1', [aGrant('g1')], { policy: 'nobody' }))),
      ).rejects.toThrow(/foreign key/i)
      expect(await store.reads.requests({}, ALL)).toEqual([])
    })
  })

  describe('enforcement points', () => {
    it('a wish makes the point, counts up, and moves its due time only forward', async () => {
      const wish = (dueAt: number, shape: boolean): Promise<unknown> =>
        store.transaction((tx) => tx.wish({ points: [WEB1], shape, dueAt }))
      await wish(NOON + 5, true)
      await wish(NOON + 9, false)
      await wish(NOON + 2, false)
      expect(await store.reads.point(WEB1)).toMatchObject({ wanted: 3, applied: 0, shape: 1, pass: 0, dueAt: NOON + 2 })
    })

    it('a wish takes the lease where it is free, ours or run out, and only there', async () => {
      const wish = async (owner: string, now: number): Promise<string | undefined> => {
        const lease = { owner, now, until: now + 10 }
        const [row] = await store.transaction((tx) => tx.wish({ points: [WEB1], shape: false, dueAt: now, lease }))
        return row?.leaseOwner
      }
      expect(await wish('a', NOON)).toBe('a')
      expect(await wish('b', NOON + 5)).toBe('a')
      expect(await wish('a', NOON + 6)).toBe('a')
      expect(await wish('b', NOON + 12)).toBe('a')
      expect(await wish('b', NOON + 16)).toBe('b')
      await store.transaction((tx) => tx.wish({ points: [WEB1], shape: false, dueAt: NOON }))
      expect(await store.reads.point(WEB1)).toMatchObject({ leaseOwner: 'b', leaseUntil: NOON + 26 })
    })

    it('wishes made at once get different revisions, and a pass finds every grant by them', async () => {
      const names = Array.from({ length: 40 }, (_, index) => `g${index}`)
      const revisions = await Promise.all(
        names.map((name) => store.transaction((tx) => askFor(tx, aRequest(`r-${name}`, [aGrant(name)])))),
      )
      expect(new Set(revisions.map((revision) => revision.get(WEB1))).size).toBe(40)
      const at = await store.reads.grantsAt(WEB1)
      expect(at.map((row) => row.grant.grant).sort()).toEqual([...names].sort())
      const later = await store.reads.grantsAt(WEB1, 38)
      expect(new Set(later.map((row) => row.revision))).toEqual(new Set([39, 40]))
    })

    it('a revision is never seen before all the lower ones', async () => {
      let highest = 0
      let count = 0
      const look = async (): Promise<void> => {
        const rows = await store.reads.grantsAt(WEB1, 0)
        highest = Math.max(0, ...rows.map((row) => row.revision))
        count = rows.length
        expect(count).toBe(highest)
      }
      const ask = (index: number): Promise<unknown> =>
        store.transaction((tx) => askFor(tx, aRequest(`r${index}`, [aGrant(`g${index}`)])))
      await Promise.all(Array.from({ length: 30 }, async (_, index) => ask(index).then(look)))
      expect(count).toBe(30)
    })

    it('a recorded pass keeps what was seen, and is due again at the earliest end', async () => {
      await store.transaction((tx) =>
        askFor(tx, aRequest('r1', [aGrant('g1', { until: NOON + HOUR }), aGrant('g2', { until: NOON + MINUTE })])),
      )
      const pass = (gone: string[], lookAgainAt: number | undefined, grace: number): Promise<unknown> =>
        store.transaction((tx) =>
          tx.recordPass({
            point: WEB1,
            applied: 1,
            sightings: grantIds(...gone).map((grant) => ({ grant, sighting: 'gone' as const })),
            grace,
            lookAgainAt,
          }),
        )
      const due = async (): Promise<number | undefined> => (await store.reads.point(WEB1))?.dueAt
      await opened('g1', 'g2')
      await pass([], NOON + 2 * HOUR, 7)
      expect(await due()).toBe(NOON + MINUTE + 7)
      await pass(['g2'], undefined, 0)
      expect(await due()).toBe(NOON + HOUR)
      await pass([], NOON + 5, 0)
      expect(await due()).toBe(NOON + 5)
      await pass(['g1'], undefined, 0)
      expect(await due()).toBeUndefined()
      expect(await store.reads.point(WEB1)).toMatchObject({ wanted: 1, applied: 1, pass: 5 })
      expect(await store.reads.grantsAt(WEB1)).toEqual([])
      expect(await store.reads.grantsAt(WEB1, 0)).toHaveLength(2)
    })

    it('a wish that comes during a pass is not lost when the pass is recorded', async () => {
      await store.transaction((tx) => tx.wish({ points: [WEB1], shape: false, dueAt: NOON }))
      await store.transaction((tx) => tx.wish({ points: [WEB1], shape: false, dueAt: NOON + 1 }))
      const row = await store.transaction((tx) =>
        tx.recordPass({ point: WEB1, applied: 1, sightings: [], grace: 0, lookAgainAt: NOON + HOUR }),
      )
      expect(row).toMatchObject({ wanted: 2, applied: 1, dueAt: NOON })
    })

    it('a pass that is recorded late does not take back what a later one applied', async () => {
      await store.transaction((tx) => tx.wish({ points: [WEB1, WEB1], shape: false, dueAt: NOON }))
      await store.transaction((tx) => tx.recordPass({ point: WEB1, applied: 1, sightings: [], ...LOOK }))
      const late = await store.transaction((tx) => tx.recordPass({ point: WEB1, applied: 0, sightings: [], ...LOOK }))
      expect(late.applied).toBe(1)
    })

    it('a failed pass counts up, says why, and is due when it was told to be; a good one forgets it', async () => {
      await store.transaction((tx) => tx.wish({ points: [WEB1], shape: false, dueAt: NOON }))
      await store.transaction((tx) => tx.recordFailure(WEB1, { error: 'no answer', dueAt: NOON + 5 }))
      await store.transaction((tx) => tx.recordFailure(WEB1, { error: 'no route', dueAt: NOON + 9 }))
      const failed = { failures: 2, lastError: 'no route', dueAt: NOON + 9 }
      expect(await store.reads.point(WEB1)).toMatchObject(failed)
      await store.transaction((tx) => tx.recordPass({ point: WEB1, applied: 1, sightings: [], ...LOOK }))
      expect(await store.reads.point(WEB1)).toMatchObject({ failures: 0, lastError: undefined })
    })

    it('what drifted is kept until it is over, and is found with what fails and what is overdue', async () => {
      const drift = { since: NOON, by: ['process 7 (nft)'], steps: [{ text: 'open 22/TCP' }] }
      const found = async (): Promise<unknown[]> =>
        (await store.reads.troubledPoints({ limit: 10 })).map(({ id, drift: of, failures }) => [id, of, failures])
      await store.transaction((tx) => askFor(tx, aRequest('r1', [aGrant('g1'), aGrant('g2', { on: 'db1' })])))
      expect(await found()).toEqual([])
      await store.transaction((tx) => tx.putDrift(WEB1, drift))
      await store.transaction((tx) => tx.recordPass({ point: WEB1, applied: 1, sightings: [], ...LOOK }))
      await store.transaction((tx) => tx.recordFailure(pointOf('db1'), { error: 'no answer', dueAt: NOON }))
      expect(await found()).toEqual([
        [pointOf('db1'), undefined, 1],
        [WEB1, drift, 0],
      ])
      expect(await store.reads.troubledPoints({ after: pointOf('db1'), limit: 10 })).toHaveLength(1)
      await store.transaction((tx) => tx.putDrift(WEB1, undefined))
      expect(await found()).toHaveLength(1)
      expect(await store.reads.overduePoints(NOON + HOUR, 10)).toEqual([])
      expect(await store.reads.overduePoints(NOON + HOUR + 1, 10)).toEqual([
        { point: pointOf('db1'), grants: 1, since: NOON + HOUR },
        { point: WEB1, grants: 1, since: NOON + HOUR },
      ])
    })

    it('changing a grant shows it to the next pass of every point it is at', async () => {
      const db1 = pointOf('db1')
      const [grant] = grantIds('g1')
      if (grant === undefined) throw new Error('one id')
      const revisionsOf = async (tx: Tx): Promise<ReadonlyMap<typeof db1, number>> => {
        const rows = await tx.wish({ points: [WEB1, db1], shape: false, dueAt: NOON })
        return new Map(rows.map((row) => [row.id, row.wanted]))
      }
      await store.transaction(async (tx) =>
        tx.insertRequest(aRequest('r1', [aGrant('g1')]), new Map([[grant, [WEB1, db1]]]), await revisionsOf(tx)),
      )
      await store.transaction(async (tx) =>
        tx.changeGrants([{ grant, state: 'closing', reason: 'UserRequested', at: NOON }], await revisionsOf(tx)),
      )
      for (const point of [WEB1, db1]) {
        const [row] = await store.reads.grantsAt(point, 1)
        expect(row).toMatchObject({ revision: 2, points: 2, sighting: 'wanted', grant: { state: 'closing' } })
      }
      await opened('g1')
      const sightings = await store.transaction((tx) => tx.sightingsOf([grant]))
      expect(sightings.map(({ point, sighting, state }) => [point, sighting, state])).toEqual([
        [db1, 'wanted', 'closing'],
        [WEB1, 'held', 'closing'],
      ])
    })

    it('a grant is overdue when it ended and some point was not seen to have closed it', async () => {
      await store.transaction((tx) =>
        askFor(tx, aRequest('r1', [aGrant('g1'), aGrant('g2', { until: NOON + MINUTE })])),
      )
      await opened('g1', 'g2')
      expect(await store.reads.overdue(NOON + MINUTE)).toBe(0)
      expect(await store.reads.overdue(NOON + MINUTE + 1)).toBe(1)
      expect(await store.reads.overdue(NOON + 2 * HOUR)).toBe(2)
      const gone = grantIds('g1', 'g2').map((grant) => ({ grant, sighting: 'gone' as const }))
      await store.transaction((tx) => tx.recordPass({ point: WEB1, applied: 1, sightings: gone, ...LOOK }))
      expect(await store.reads.overdue(NOON + 2 * HOUR)).toBe(0)
    })

    it("a point's journal is replaced as a whole, and only by who holds its lease", async () => {
      const entry = (key: string, value: string): { key: string; value: string } => ({ key, value })
      const lease = { owner: 'one', now: NOON, until: NOON + MINUTE }
      await store.transaction((tx) => tx.wish({ points: [WEB1], shape: false, dueAt: NOON, lease }))
      expect(await store.transaction((tx) => tx.putJournal(WEB1, [entry('z', '9')], 'two'))).toBe(false)
      await store.transaction((tx) => tx.putJournal(WEB1, [entry('b', '1'), entry('a', '2')], 'one'))
      expect(await store.reads.journal(WEB1)).toEqual([entry('a', '2'), entry('b', '1')])
      const journal = [entry('b', '3'), entry('c', '4')]
      await store.transaction((tx) => tx.recordPass({ point: WEB1, applied: 1, sightings: [], journal, ...LOOK }))
      await reopen()
      expect(await store.reads.journal(WEB1)).toEqual(journal)
      await store.transaction((tx) => tx.putJournal(WEB1, [], 'one'))
      expect(await store.reads.journal(WEB1)).toEqual([])
    })
  })

  describe('due points', () => {
    const MINE = ['nftables:']

    it('claims what is due, earliest first, and not beyond the limit', async () => {
      for (const [name, dueAt] of [
        ['c', NOON - 1],
        ['a', NOON - 3],
        ['b', NOON - 2],
        ['d', NOON + 1],
      ] as const) {
        await store.transaction((tx) => tx.wish({ points: [pointOf(name)], shape: false, dueAt }))
      }
      const first = await store.claimDue(LEASE, 2, MINE)
      expect(first.map((row) => row.id)).toEqual([pointOf('a'), pointOf('b')])
      expect(first[0]).toMatchObject({ leaseOwner: 'replica-1', leaseUntil: LEASE.until, dueAt: LEASE.until })
      expect((await store.claimDue(LEASE, 9, MINE)).map((row) => row.id)).toEqual([pointOf('c')])
      expect(await store.claimDue(LEASE, 9, MINE)).toEqual([])
    })

    it('a replica claims only what it can reach', async () => {
      await store.transaction((tx) => tx.wish({ points: [WEB1], shape: false, dueAt: NOON }))
      expect(await store.claimDue(LEASE, 9, ['memory:', 'nftables:/other'])).toEqual([])
      expect(await store.reads.nextDue('replica-1', ['memory:'])).toBeUndefined()
      expect(await store.claimDue(LEASE, 9, ['memory:', 'nftables:/subscriptions'])).toHaveLength(1)
    })

    it('of two owners that claim at once, never both win', async () => {
      const points = Array.from({ length: 30 }, (_, index) => pointOf(`m${index}`))
      await store.transaction((tx) => tx.wish({ points, shape: false, dueAt: NOON }))
      const other = await database.another(place, store)
      const claims = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          (index % 2 === 0 ? store : other).claimDue({ ...LEASE, owner: `replica-${index}` }, 4, MINE),
        ),
      )
      if (other !== store) await other.close()
      const claimed = claims.flat().map((row) => row.id)
      expect(claimed).toHaveLength(30)
      expect(new Set(claimed).size).toBe(30)
    })

    it('a point of a replica that died is claimed by another when the lease has run out', async () => {
      await store.transaction((tx) => tx.wish({ points: [WEB1], shape: false, dueAt: NOON }))
      await store.claimDue({ ...LEASE, owner: 'dead' }, 9, MINE)
      const later = (now: number): Promise<unknown[]> => store.claimDue({ ...LEASE, now, until: now + 1 }, 9, MINE)
      expect(await store.reads.nextDue('replica-1', MINE)).toBe(LEASE.until)
      expect(await later(LEASE.until - 1)).toEqual([])
      expect(await later(LEASE.until)).toHaveLength(1)
    })

    it('the next due time counts what we hold, and what others hold only from the end of their lease', async () => {
      const wish = (name: string, dueAt: number, lease?: typeof LEASE): Promise<unknown> =>
        store.transaction((tx) =>
          tx.wish({ points: [pointOf(name)], shape: false, dueAt, ...(lease ? { lease } : {}) }),
        )
      expect(await store.reads.nextDue('replica-1', MINE)).toBeUndefined()
      await wish('theirs', NOON, { ...LEASE, owner: 'replica-2' })
      expect(await store.reads.nextDue('replica-1', MINE)).toBe(LEASE.until)
      expect(await store.reads.nextDue('replica-2', MINE)).toBe(LEASE.until)
      await wish('ours', NOON + 2, LEASE)
      expect(await store.reads.nextDue('replica-1', MINE)).toBe(LEASE.until)
      await wish('free', NOON + 1)
      expect(await store.reads.nextDue('replica-1', MINE)).toBe(NOON + 1)
    })

    it('a wish that takes the lease is its owner’s to carry out, and due again only when the lease ends', async () => {
      const wish = (owner: string): Promise<unknown> =>
        store.transaction((tx) => tx.wish({ points: [WEB1], shape: false, dueAt: NOON, lease: { ...LEASE, owner } }))
      await wish('replica-1')
      expect(await store.claimDue(LEASE, 9, MINE)).toEqual([])
      await wish('replica-2')
      expect(await store.claimDue(LEASE, 9, MINE)).toHaveLength(1)
    })

    it('after a start everything that is looked at from time to time is due at once', async () => {
      await store.transaction((tx) => tx.wish({ points: [WEB1, pointOf('db1')], shape: false, dueAt: NOON + HOUR }))
      await store.transaction((tx) => tx.recordPass({ point: WEB1, applied: 1, sightings: [], ...LOOK }))
      await store.dueNow(MINE, NOON)
      const due = await store.claimDue(LEASE, 9, MINE)
      expect(due.map((row) => row.id)).toEqual([pointOf('db1')])
    })
  })

  describe('the audit trail', () => {
    it('events are read oldest first, page by page, and by action, request, target and time', async () => {
      await store.transaction((tx) =>
        tx.append([
          anEvent({ action: 'policy.saved', target: 'a policy' }),
          anEvent({ request: 'r1', at: NOON + 1 }),
          anEvent({ request: 'r1', grant: 'g1', action: 'access.opened', at: NOON + 2 }),
          anEvent({ request: 'r2', at: NOON + 3 }),
        ]),
      )
      const seqs = async (filter: object, page: object = {}): Promise<number[]> =>
        (await store.reads.audit(filter, { ...ALL, ...page })).map((event) => event.seq)
      expect(await seqs({})).toEqual([1, 2, 3, 4])
      expect(await seqs({}, { after: 1, limit: 2 })).toEqual([2, 3])
      expect(await seqs({ actions: ['policy.saved', 'access.opened'] })).toEqual([1, 3])
      expect(await seqs({ request: 'r1' })).toEqual([2, 3])
      expect(await seqs({ target: 'a policy' })).toEqual([1])
      expect(await seqs({ since: NOON + 2 })).toEqual([3, 4])
      expect(await seqs({ since: NOON + 9 })).toEqual([])
      const [, , opened] = await store.reads.audit({}, ALL)
      expect(opened).toMatchObject(anEvent({ request: 'r1', grant: 'g1', action: 'access.opened', at: NOON + 2 }))
    })

    it('an event appended in a transaction is seen in it, and by nobody when it is given up', async () => {
      const gaveUp = store.transaction(async (tx) => {
        await tx.append([anEvent()])
        expect(await tx.audit({}, ALL)).toHaveLength(1)
        expect(await tx.auditHead()).toMatchObject({ seq: 1 })
        throw new Error('changed my mind')
      })
      await expect(gaveUp).rejects.toThrow('changed my mind')
      expect(await store.reads.audit({}, ALL)).toEqual([])
      expect(await store.reads.auditHead()).toMatchObject({ seq: 0 })
    })

    it('the chain has no gap and no fork when 64 callers append at once', async () => {
      const other = await database.another(place, store)
      await Promise.all(
        Array.from({ length: 64 }, async (_, caller) => {
          for (let turn = 0; turn < 4; turn++) {
            const append = (caller % 2 === 0 ? store : other).transaction(async (tx) => {
              await tx.append([anEvent({ request: `${caller}-${turn}` })])
              if ((caller + turn) % 7 === 0) throw new Error('given up')
            })
            await append.catch(() => undefined)
          }
        }),
      )
      if (other !== store) await other.close()
      const givenUp = Array.from({ length: 64 * 4 }, (_, n) => (Math.floor(n / 4) + (n % 4)) % 7 === 0).filter(Boolean)
      expect(await verifyAudit(store.reads)).toEqual({ intact: true, events: 64 * 4 - givenUp.length })
    })

    it('events cannot be changed or removed, not even with a database shell', async () => {
      await store.transaction((tx) => tx.append([anEvent(), anEvent()]))
      const refused = 'audit events are never changed or removed'
      await expect(database.tamper(place, `update audit set actor = 'nobody'`)).rejects.toThrow(refused)
      await expect(database.tamper(place, `delete from audit where seq = 2`)).rejects.toThrow(refused)
      const everything = database.name === 'postgres' ? 'truncate audit' : 'delete from audit'
      await expect(database.tamper(place, everything)).rejects.toThrow(refused)
    })

    it.each([
      ['changed', `update audit set actor = 'nobody' where seq = 2`, 2, 'audit event 2 is not what was written'],
      ['removed', `delete from audit where seq = 2`, 2, 'audit event 2 is missing; the next one there is 3'],
      ['cut off', `delete from audit where seq > 2`, 3, 'audit event 3 is missing; 4 were written'],
    ])('an event that was %s by somebody who disabled the triggers is named', async (_, sql, seq, problem) => {
      await store.transaction((tx) => tx.append([anEvent(), anEvent(), anEvent(), anEvent()]))
      const disabled =
        database.name === 'postgres'
          ? 'alter table audit disable trigger all'
          : 'drop trigger audit_no_update; drop trigger audit_no_delete'
      await database.tamper(place, `${disabled}; ${sql}`)
      const verdict = await verifyAudit(store.reads)
      expect(verdict).toMatchObject({ intact: false, seq })
      expect(verdict.intact ? '' : verdict.problem).toContain(problem)
    })
  })

  describe('transactions', () => {
    it('work that rejects changes nothing, and its neighbours all succeed', async () => {
      const put = (index: number): Promise<void> =>
        store.transaction(async (tx) => {
          await tx.putSetting(`s${index}`, 'x')
          if (index % 3 === 0) throw new Error(`refused ${index}`)
        })
      const outcomes = await Promise.allSettled(Array.from({ length: 30 }, (_, index) => put(index)))
      for (const [index, outcome] of outcomes.entries()) {
        expect(outcome.status).toBe(index % 3 === 0 ? 'rejected' : 'fulfilled')
        expect(await store.reads.setting(`s${index}`)).toBe(index % 3 === 0 ? undefined : 'x')
      }
    })

    it('a failed statement spoils its transaction, even if the work goes on regardless', async () => {
      const stubborn = store.transaction(async (tx) => {
        await tx.putSetting('before', 'x')
        await askFor(tx, aRequest('r1', [aGrant('g1', { port: -1 })])).catch(() => undefined)
        await tx.putSetting('after', 'x')
      })
      await expect(stubborn).rejects.toThrow('a statement of this transaction failed')
      expect(await store.reads.setting('before')).toBeUndefined()
    })

    it('what is not committed is not seen outside', async () => {
      await store.transaction(async (tx) => {
        await tx.putSetting('secret', 'x')
        expect(await store.reads.setting('secret')).toBeUndefined()
        expect(await tx.setting('secret')).toBe('x')
      })
      expect(await store.reads.setting('secret')).toBe('x')
    })

    it('nothing more can be done with a transaction that is over', async () => {
      const [escaped] = await store.transaction(async (tx) => [tx])
      await expect(escaped?.putSetting('late', 'x')).rejects.toThrow('the transaction is over')
    })

    it('settings are replaced', async () => {
      await store.transaction((tx) => tx.putSetting('name', '1'))
      await store.transaction((tx) => tx.putSetting('name', '2'))
      await reopen()
      expect(await store.reads.setting('name')).toBe('2')
    })

    it('a setting that two replicas make at the same moment is one, and both know which', async () => {
      const other = await database.another(place, store)
      const ensure = (on: Store, value: string) => on.transaction((tx) => tx.ensureSetting('subscription', value))
      const told = await Promise.all([ensure(store, 'one'), ensure(other, 'two'), ensure(store, 'three')])
      expect(new Set(told)).toEqual(new Set([await store.reads.setting('subscription')]))
      expect(await ensure(other, 'four')).toBe(told[0])
      if (other !== store) await other.close()
    })

    it('the latest instant is the latest of everything recorded', async () => {
      expect(await store.reads.latestInstant()).toBe(NOON)
      await store.transaction((tx) => tx.append([anEvent({ at: NOON + 7 })]))
      expect(await store.reads.latestInstant()).toBe(NOON + 7)
    })
  })

  it('a store that a newer version wrote is refused, and says what to do', async () => {
    const later = await database.newPlace()
    await (await database.open(later)).close()
    await database.tamper(later, `insert into schema_migrations (number, name) values (${NEWEST + 1}, 'later')`)
    await expect(database.open(later)).rejects.toThrow(
      `newer sallyport (schema ${NEWEST + 1}; this one knows ${NEWEST})`,
    )
  })
})
