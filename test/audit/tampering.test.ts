/**
 * Whoever can write to the database can change it. Each way to do so, by somebody who also removed the triggers, is tried
 * on a real database, and must be found by the chain, the checkpoints in it or those outside it.
 */
import { appendFileSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { dropOldEvents } from '../../src/app/audit/drop-old-events.ts'
import { carryOut, checkpointIfDue, type TrailKeeping } from '../../src/app/audit/keep-trail.ts'
import type { Store } from '../../src/app/ports/store.ts'
import { HOUR, MINUTE } from '../../src/domain/time.ts'
import { CHECKPOINT_FILE, checkpointFile, wholeLinesOf } from '../../src/main/trail/checkpoint-file.ts'
import { openTrailSigner, trailKeyring } from '../../src/main/trail/trail-key.ts'
import { chainedHash } from '../../src/store/audit.ts'
import { verifyTrail, type TrailVerdict } from '../../src/store/verify-audit.ts'
import { anEvent, NOON, SUBSCRIPTION } from '../store/builders.ts'
import { postgresDatabase, sqliteDatabase } from '../store/databases.ts'

const UNSTOPPED = new AbortController().signal

describe.each([sqliteDatabase(), postgresDatabase()])('the audit trail on $name', (database) => {
  let place: string
  let store: Store
  let folder: string
  let now: number
  let keeping: TrailKeeping

  beforeAll(() => database.start())
  afterAll(() => database.stop())
  beforeEach(async () => {
    place = await database.newPlace()
    store = await database.open(place)
    folder = mkdtempSync(join(tmpdir(), `sallyport-trail-${process.pid}-`))
    now = NOON
    keeping = await keepingOf()
  })
  afterEach(async () => {
    await store.close()
    rmSync(folder, { recursive: true })
  })

  const file = (): string => join(folder, CHECKPOINT_FILE)

  async function keepingOf(): Promise<TrailKeeping> {
    const quiet = { error: () => undefined, warn: () => undefined, info: () => undefined }
    return {
      store,
      clock: { now: () => now },
      log: quiet,
      installation: { subscriptionId: SUBSCRIPTION, resourceGroup: 'default', location: 'local' },
      signer: await openTrailSigner(folder),
      places: [checkpointFile(file())],
      everyEvents: 100,
      every: 5 * MINUTE,
    }
  }

  async function append(count: number): Promise<void> {
    for (let n = 0; n < count; n++) await store.transaction((tx) => tx.append([anEvent({ at: now, request: `r${n}` })]))
  }

  async function checkpoint(): Promise<void> {
    await checkpointIfDue(keeping, 'always')
    await carryOut(keeping, UNSTOPPED)
  }

  async function verdict(): Promise<TrailVerdict> {
    const outside = (): AsyncIterable<string> => wholeLinesOf(file())
    return verifyTrail(store.reads, { isSigned: await trailKeyring(folder), outside })
  }

  async function problem(): Promise<string> {
    const found = await verdict()
    return found.intact ? '' : found.problem
  }

  const disarm = (table: string): string =>
    database.name === 'postgres'
      ? `alter table ${table} disable trigger all; `
      : `drop trigger ${table}_no_update; drop trigger ${table}_no_delete; `

  const tamper = (sql: string): Promise<void> => database.tamper(place, disarm('audit') + sql)

  it('is proven when nobody touched it', async () => {
    await append(3)
    await checkpoint()
    await append(2)
    await checkpoint()
    await append(1)
    expect(await verdict()).toEqual({ intact: true, events: 6, first: 1, vouched: 5, checkpoints: 2, outside: 2 })
  })

  it('shows a changed event', async () => {
    await append(4)
    await tamper(`update audit set actor = 'nobody' where seq = 2`)
    expect(await problem()).toContain('audit event 2 is not what was written')
  })

  it('shows a removed event', async () => {
    await append(4)
    await tamper('delete from audit where seq = 2')
    expect(await problem()).toContain('audit event 2 is missing; the next one there is 3')
  })

  it('shows two events that changed places', async () => {
    await append(4)
    await tamper(
      'update audit set seq = 99 where seq = 2; update audit set seq = 2 where seq = 3; update audit set seq = 3 where seq = 99',
    )
    expect(await problem()).toContain('audit event 2 is not what was written')
  })

  it('shows a chain that was calculated anew after a change', async () => {
    await append(4)
    await checkpoint()
    await tamper(await rewritten({ from: 2, actor: 'nobody' }))
    expect(await problem()).toContain('checkpoint 1 vouches for another')
  })

  it('shows an end that was cut off together with the record of where the end is', async () => {
    await append(4)
    await checkpoint()
    await tamper(await cutAfter(2))
    expect(await problem()).toContain('audit event 3 is missing; a signed checkpoint vouches for 4')
  })

  it('shows an end that was cut off together with the checkpoints in the database', async () => {
    await append(2)
    await checkpoint()
    await append(2)
    await checkpoint()
    await tamper(`${await cutAfter(2)}; ${disarm('audit_checkpoints')} delete from audit_checkpoints where number = 2`)
    const found = await problem()
    expect(found).toContain('checkpoint 2, which was written outside the database')
    expect(found).toContain('its end was cut off')
  })

  it('shows an end that was cut off although the trail has grown since and was signed again', async () => {
    await append(4)
    await checkpoint()
    await tamper(await cutAfter(3))
    now += HOUR
    await append(1)
    await checkpointIfDue(keeping, 'always')
    await append(1)
    await checkpointIfDue(keeping, 'always')
    expect(await problem()).not.toBe('')
  })

  it('shows a checkpoint that was forged, changed or taken away', async () => {
    for (let n = 0; n < 3; n++) {
      await append(1)
      await checkpoint()
    }
    const disarmed = disarm('audit_checkpoints')
    const [first] = await store.reads.trail.checkpoints({ limit: 1 })
    const forged = first?.line.replace(/"seq":1/, '"seq":2') ?? ''
    await database.tamper(place, `${disarmed} update audit_checkpoints set line = '${forged}' where number = 1`)
    expect(await problem()).toContain('checkpoint 1 is not what was signed')
    await database.tamper(place, 'delete from audit_checkpoints where number = 1')
    expect(await problem()).toContain('checkpoint 1 is missing; the next one there is 2')
  })

  it('believes only keys that it knows', async () => {
    await append(1)
    await checkpoint()
    for (const name of ['audit-key.pem', 'audit-key.pub.pem']) rmSync(join(folder, name))
    await openTrailSigner(folder)
    expect(await problem()).toContain('which is not known here')
  })

  it('goes on being proven when the private key was lost and another one made', async () => {
    await append(1)
    await checkpoint()
    rmSync(join(folder, 'audit-key.pem'))
    keeping = await keepingOf()
    await append(1)
    await checkpoint()
    expect(await verdict()).toMatchObject({ intact: true, checkpoints: 2, vouched: 2 })
  })

  it('keeps its private key from everybody else', async () => {
    expect(statSync(join(folder, 'audit-key.pem')).mode & 0o077).toBe(0)
    expect(statSync(file(), { throwIfNoEntry: false })).toBeUndefined()
    await append(1)
    await checkpoint()
    expect(statSync(file()).mode & 0o077).toBe(0)
  })

  it('gets a checkpoint when enough happened, or when enough time went by', async () => {
    await append(1)
    expect(await checkpointIfDue(keeping)).toBe(true) // the first one ever
    await append(99)
    expect(await checkpointIfDue(keeping)).toBe(false)
    await append(1)
    expect(await checkpointIfDue(keeping)).toBe(true)
    await append(1)
    now += 5 * MINUTE - 1
    expect(await checkpointIfDue(keeping)).toBe(false)
    now += 1
    expect(await checkpointIfDue(keeping)).toBe(true)
    now += HOUR
    expect(await checkpointIfDue(keeping, 'always')).toBe(false) // nothing happened
  })

  it('is signed once by replicas that find it due at the same moment', async () => {
    const other = await database.another(place, store)
    await append(3)
    const signed = await Promise.all([keeping, { ...keeping, store: other }].map((one) => checkpointIfDue(one)))
    if (other !== store) await other.close()
    expect(signed.filter(Boolean).length).toBeGreaterThan(0)
    await carryOut(keeping, UNSTOPPED)
    expect(await verdict()).toMatchObject({ intact: true, vouched: 3 })
  })

  it('mends a line outside that a crash left half written', async () => {
    await append(1)
    await checkpoint()
    const line = readFileSync(file(), 'utf8')
    writeFileSync(file(), line.slice(0, -10))
    keeping = await keepingOf()
    await carryOut(keeping, UNSTOPPED)
    expect(readFileSync(file(), 'utf8')).toBe(line)
    appendFileSync(file(), '{"number":2,"half')
    expect(await verdict()).toMatchObject({ intact: true, outside: 1 })
  })

  describe('retention', () => {
    const retain = (sinks: readonly string[] = []): Promise<number> =>
      dropOldEvents({ ...keeping, keepFor: 24 * HOUR, sinks }, UNSTOPPED)

    it('drops what is older than the policy allows, says so, and is proven from there', async () => {
      await append(5)
      await checkpoint()
      now += 25 * HOUR
      await append(2)
      expect(await retain()).toBe(5)
      await checkpoint()
      const events = await store.reads.audit({}, { limit: 100 })
      expect(events.map(({ seq }) => seq)).toEqual([6, 7, 8])
      const [, , said] = events
      expect(JSON.parse(said?.data ?? '')).toMatchObject({ first: 1, last: 5, events: 5 })
      expect(await verdict()).toMatchObject({ intact: true, first: 6, events: 3, vouched: 8 })
      expect(await retain()).toBe(0)
    })

    it('never drops what a sink has not had', async () => {
      await append(5)
      now += 25 * HOUR
      const lease = { owner: 'one', now, until: now + MINUTE }
      await store.transaction((tx) => tx.trail.claimCursor('siem', lease))
      expect(await retain(['siem'])).toBe(0)
      await store.transaction((tx) => tx.trail.moveCursor('siem', 3, 'one'))
      expect(await retain(['siem'])).toBe(3)
      expect(await retain(['siem', 'not started yet'])).toBe(0)
    })

    it('is no way to remove more: a floor that nobody signed is found', async () => {
      await append(5)
      await checkpoint()
      const hash = (await store.reads.trail.event(3))?.hash ?? ''
      await database.tamper(place, `update audit_floor set seq = 3, hash = '${hash}'; delete from audit where seq <= 3`)
      expect(await problem()).toContain('events up to 3 were dropped by retention, but what is signed says up to 0')
    })

    it('leaves no room for events that nobody wrote where the dropped ones were', async () => {
      await append(5)
      now += 25 * HOUR
      await append(1)
      await retain()
      const forged = `insert into audit select 3, at, action, 'mallory', address, target, request_id, grant_id, data, hash`
      await database.tamper(place, `${forged} from audit where seq = 6`)
      const shown = await store.reads.audit({}, { limit: 100 })
      expect(shown.map(({ seq }) => seq)).toEqual([6, 7])
      expect(await store.reads.audit({ actor: 'mallory', newestFirst: true }, { limit: 100 })).toEqual([])
    })

    it('does not let go of anything above its floor, and the floor does not sink', async () => {
      await append(5)
      now += 25 * HOUR
      await append(1)
      await retain()
      const refused = 'audit events are never changed or removed'
      await expect(database.tamper(place, 'delete from audit where seq = 6')).rejects.toThrow(refused)
      await expect(database.tamper(place, 'update audit_floor set seq = 1')).rejects.toThrow('stays dropped')
      await expect(database.tamper(place, 'delete from audit_checkpoints')).rejects.toThrow('never changed or removed')
    })
  })

  /** Statements that change one event and calculate every hash from there on anew, as an insider who read this would. */
  async function rewritten({ from, actor }: { from: number; actor: string }): Promise<string> {
    const events = await store.reads.audit({}, { limit: 100 })
    let hash = events[from - 2]?.hash ?? ''
    const statements = events.slice(from - 1).map((event) => {
      const changed = event.seq === from ? { ...event, actor } : event
      hash = chainedHash(hash, event.seq, changed)
      return `update audit set actor = '${changed.actor}', hash = '${hash}' where seq = ${event.seq}`
    })
    return [...statements, `update audit_head set hash = '${hash}'`].join('; ')
  }

  async function cutAfter(seq: number): Promise<string> {
    const last = await store.reads.trail.event(seq)
    return `delete from audit where seq > ${seq}; update audit_head set seq = ${seq}, hash = '${last?.hash}'`
  }
})
