import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AgentPresence } from '../../src/app/hosts/agent-presence.ts'
import type { Store } from '../../src/app/ports/store.ts'
import type { Host } from '../../src/domain/hosts/host.ts'
import { SECOND } from '../../src/domain/time.ts'
import { openSqliteStore } from '../../src/store/open-sqlite.ts'
import { aHost } from '../support/a-host.ts'
import { NOON } from '../support/builders.ts'

const TRUSTED = { generation: 1, certificates: ['aa'], certificateEndsAt: NOON + SECOND, enrolledAt: NOON }
const web1 = aHost('web1', TRUSTED)
const report = (sequence: number, facts?: string, { id } = web1) => ({
  host: id,
  at: NOON,
  sequence,
  bootId: 'boot-1',
  ...(facts !== undefined && { facts }),
})

describe('while the store does not answer', () => {
  let folder: string
  let store: Store
  let now = NOON
  let isDown = false
  let isDownOnce = false
  let warnings: string[]
  let presence: AgentPresence
  let passTime: (() => void)[]
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), `sallyport-presence-${process.pid}-`))
    store = await openSqliteStore(folder)
    await store.transaction(async (tx) => {
      await tx.hosts.change()
      await tx.hosts.put(web1)
    })
    now = NOON
    isDown = isDownOnce = false
    warnings = []
    passTime = []
    presence = new AgentPresence({
      // It fails at the end, as a commit does: what the work had done by then counts for nothing.
      store: {
        ...store,
        transaction: (work) =>
          store.transaction(async (tx) => {
            const value = await work(tx)
            const fails = isDown || isDownOnce
            isDownOnce = false
            if (fails) throw new Error('the disk is full')
            return value
          }),
      },
      clock: { now: () => now },
      owner: 'replica',
      log: { error: () => {}, warn: (_, message) => warnings.push(message), info: () => {} },
      timer: {
        sleep: (_, signal) =>
          new Promise((resolve) => {
            passTime.push(resolve)
            signal.addEventListener('abort', () => resolve(), { once: true })
          }),
      },
      heardAt: () => now,
      onLost: () => {},
    })
    presence.start()
    await presence.arrived({ ...report(1, '{"agent":"1"}'), fingerprint: 'aa', isMoving: false })
  })
  afterEach(async () => {
    isDown = false
    await presence.stop()
    await store.close()
    await rm(folder, { recursive: true })
  })

  /** Until the loop waits again. */
  const laterBy = async (millis: number): Promise<void> => {
    now += millis
    passTime.shift()?.()
    await expect.poll(() => passTime.length).toBe(1)
  }
  const onRecord = (): Promise<Host | undefined> => store.reads.hosts.byId(web1.id)

  it('what a host told of itself waits, and is on record as soon as the store answers again', async () => {
    presence.saw(report(2, '{"agent":"2"}'))
    isDown = true
    await laterBy(5 * SECOND)
    expect(warnings).toEqual(['what agents reported could not be put on record; tried again'])
    presence.saw(report(3))
    isDown = false
    await laterBy(5 * SECOND)
    expect(await onRecord()).toMatchObject({ facts: '{"agent":"2"}', lastSequence: 3 })
  })

  it('an agent that goes is on record as gone as soon as the store answers again', async () => {
    presence.saw(report(2, '{"agent":"2"}'))
    isDown = true
    now += SECOND
    presence.left(web1.id)
    await expect.poll(() => warnings.length).toBe(1)
    await laterBy(SECOND)
    isDown = false
    await laterBy(SECOND)
    await expect.poll(async () => (await onRecord())?.servedBy).toBeUndefined()
    expect(await onRecord()).toMatchObject({ facts: '{"agent":"2"}', lastSequence: 2, goneAt: now - 2 * SECOND })
  })

  it('an agent that went with hundreds of others, and came back meanwhile, is here', async () => {
    const others = Array.from({ length: 600 }, (_, index) => aHost(`other${index}`, TRUSTED))
    await store.transaction(async (tx) => {
      for (const host of others) await tx.hosts.put(host)
    })
    const arrive = (host: Host, sequence: number) =>
      presence.arrived({ ...report(sequence, undefined, host), fingerprint: 'aa', isMoving: false })
    await Promise.all(others.map((host) => arrive(host, 1)))
    isDownOnce = true
    for (const { id } of [web1, ...others]) presence.left(id)
    await Promise.resolve() // its going is being written by now
    expect(await arrive(web1, 2)).toBe('here')
    const served = async () => (await store.reads.hosts.all()).filter(({ servedBy }) => servedBy !== undefined)
    await expect.poll(async () => (await served()).length).toBeLessThanOrEqual(1)
    expect((await served()).map(({ name }) => name)).toEqual(['web1'])
    expect(warnings).toEqual(['agents that came or went could not be put on record; tried again'])
  })
})
