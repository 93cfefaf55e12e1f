import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { PointId } from '../../src/app/ports/inventory.ts'
import type { Store } from '../../src/app/ports/store.ts'
import type { AuditFilter } from '../../src/app/ports/trail.ts'
import { resourceKey } from '../../src/domain/resource-id.ts'
import { DAY, HOUR, MINUTE } from '../../src/domain/time.ts'
import { anEvent, machine, NOON } from '../store/builders.ts'
import { postgresDatabase, sqliteDatabase } from '../store/databases.ts'

const TOMORROW = NOON + DAY
/** The minutes of tomorrow that events tell of, as replicas write them whose clocks differ. */
const MINUTES = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 0, 20, 19, 21, 18, 40, 41]
const TIMES = MINUTES.map((minute) => TOMORROW + minute * MINUTE)
/** From a minute to another. */
const STRETCHES: readonly (readonly [number, number])[] = [
  [0, 1],
  [1, 2],
  [2, 6],
  [5, 19],
  [7, 10],
  [10, 18],
  [0, 60],
  [22, 40],
  [41, 60],
]

/** What is found of each, from either end; five events stand before. */
const TOLD = STRETCHES.flatMap(([since, until]) => {
  const told = MINUTES.flatMap((minute, index) => (minute >= since && minute < until ? [6 + index] : []))
  return [told, told.toReversed()]
})

describe.each([sqliteDatabase(), postgresDatabase()])('the audit trail on $name', (database) => {
  let store: Store
  let place: string
  beforeAll(() => database.start())
  afterAll(() => database.stop())
  beforeEach(async () => {
    place = await database.newPlace()
    store = await database.open(place)
  })
  afterEach(() => store.close())

  const point = `nftables:${resourceKey(machine('web1'))}` as PointId // as a driver names it
  const found = async (filter: AuditFilter): Promise<number[]> =>
    (await store.reads.audit(filter, { limit: 100 })).map(({ seq }) => seq)

  beforeEach(async () => {
    const about = JSON.stringify({ machines: [machine('WEB1')], correlation: 'c1' })
    await store.transaction((tx) =>
      tx.append([
        anEvent({ actor: 'Ada@example.org', target: machine('WEB1') }),
        anEvent({ actor: 'sallyport', target: point, action: 'point.repaired' }),
        anEvent({ actor: 'bob', target: '/policy', action: 'access.refused', data: about }),
        anEvent({ actor: 'bob', target: '/other', action: 'role.assigned', data: about, at: NOON + HOUR }),
        anEvent({ actor: 'ada@example.org', target: machine('web10'), at: NOON + 2 * HOUR }),
      ]),
    )
  })

  it('is found by who did it, whatever the case', async () => {
    expect(await found({ actor: 'ADA@example.org' })).toEqual([1, 5])
    expect(await found({ actor: 'Sallyport' })).toEqual([2])
    expect(await found({ actor: 'nobody' })).toEqual([])
  })

  it('is found by machine: what was done to it, at its points, and what names it, but not its neighbours', async () => {
    expect(await found({ machine: { key: resourceKey(machine('web1')), points: [point] } })).toEqual([1, 2, 3])
    expect(await found({ machine: { key: resourceKey(machine('web10')), points: [] } })).toEqual([5])
  })

  it('is found by correlation, target and time, and by all of them together', async () => {
    expect(await found({ correlation: 'c1' })).toEqual([3, 4])
    expect(await found({ target: machine('WEB10') })).toEqual([5])
    expect(await found({ since: NOON + HOUR })).toEqual([4, 5])
    expect(await found({ until: NOON + HOUR })).toEqual([1, 2, 3])
    expect(await found({ since: NOON + HOUR, until: NOON + 2 * HOUR, correlation: 'c1', actor: 'BOB' })).toEqual([4])
    expect(await found({ until: NOON })).toEqual([])
  })

  it('is found by machine among very many, page by page and from either end', async () => {
    await store.close()
    const about = JSON.stringify({ machines: [resourceKey(machine('web1'))] })
    await database.tamper(
      place,
      `insert into audit (seq, at, action, actor, address, target, data, hash)
        with recursive n(i) as (select 6 union all select i + 1 from n where i < 45000)
        select i, ${NOON} + i, case when i % 9000 = 1 then 'access.refused' else 'grant.opened' end, 'bob', '',
          case when i % 17000 = 5 then '${point}' else '/other' end,
          case when i % 9000 = 1 then '${about}' else '{}' end, '${'0'.repeat(64)}'
        from n`,
    )
    await database.tamper(place, `update audit_head set seq = 45000, latest_at = ${NOON + 45_000}`)
    store = await database.open(place)
    const told = [1, 2, 3, 9_001, 17_005, 18_001, 27_001, 34_005, 36_001]
    expect([await pagesOf({}), await pagesOf({ newestFirst: true })]).toEqual([told, told.toReversed()])
  })

  async function pagesOf(order: Pick<AuditFilter, 'newestFirst'>): Promise<number[]> {
    const asked = { machine: { key: resourceKey(machine('web1')), points: [point] }, ...order }
    const seqs: number[] = []
    for (;;) {
      const after = seqs.at(-1)
      const page = await store.reads.audit(asked, { limit: 2, ...(after !== undefined && { after }) })
      if (page.length === 0) return seqs
      seqs.push(...page.map(({ seq }) => seq))
    }
  }

  it('is found by time whatever clocks the replicas wrote it by, from either end', async () => {
    for (const at of TIMES) await store.transaction((tx) => tx.append([anEvent({ at })]))
    expect(await foundInStretches()).toEqual(TOLD)
  })

  it('is found by time also where it was written before anybody minded the clocks', async () => {
    await store.transaction((tx) => tx.append(TIMES.map((at) => anEvent({ at }))))
    await store.close()
    for (const column of ['lag', 'latest_at'])
      await database.tamper(place, `alter table audit_head drop column ${column}`)
    await database.tamper(place, 'delete from schema_migrations where number = 13')
    store = await database.open(place)
    expect(await foundInStretches()).toEqual(TOLD)
  })

  const foundInStretches = (): Promise<number[][]> =>
    Promise.all(
      STRETCHES.flatMap(([since, until]) => {
        const stretch = { since: TOMORROW + since * MINUTE, until: TOMORROW + until * MINUTE }
        return [found(stretch), found({ ...stretch, newestFirst: true })]
      }),
    )

  it('knows the last event before which all are old, even when replicas wrote out of order', async () => {
    const { trail } = store.reads
    expect(await trail.lastBefore(NOON)).toBe(0)
    expect(await trail.lastBefore(NOON + 1)).toBe(3)
    expect(await trail.lastBefore(NOON + 3 * HOUR)).toBe(5)
    await store.transaction((tx) => tx.append([anEvent({ at: NOON })]))
    expect(await trail.lastBefore(NOON + 1)).toBe(3)
  })
})
