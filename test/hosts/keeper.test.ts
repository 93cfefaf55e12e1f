/** The agent's loop over an imagined kernel: what it looks at, what it keeps, and what it says. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { AgentClock } from '../../src/agent/agent-clock.ts'
import { createAgentLog } from '../../src/agent/agent-log.ts'
import { createHostKeeper, type HostKeeper, type KeeperLook } from '../../src/agent/keeper/host-keeper.ts'
import type { Seen } from '../../src/agent/keeper/teller.ts'
import type { ForeignChange, JournalEntry, Scope } from '../../src/app/ports/driver.ts'
import type { HostDocument, WireHole } from '../../src/contract/agent.ts'
import { slotOf, type Slot } from '../../src/domain/access/hole.ts'
import { resourceKey } from '../../src/domain/resource-id.ts'
import { HOUR } from '../../src/domain/time.ts'
import { hostDriver, MemoryHosts, pointOfHost, type HostPlan } from '../support/host-driver.ts'
import { aMachineId, aSource, NOON } from '../support/builders.ts'

const MACHINE = aMachineId('web1')
const POINT = pointOfHost(resourceKey(MACHINE))

/** One host: its kernel and its disk outlive the agent. */
function aHost() {
  const notes: JournalEntry[] = []
  const state = { now: NOON, isKnown: true, fails: 0 }
  const clock: AgentClock = {
    now: () => state.now,
    isKnown: () => state.isKnown,
    measured: () => {},
    atLeast: () => {},
    askBattery: () => {},
    wallOffset: () => 0,
    reading: () => ({ bootId: '', steadyOffset: 0, wallOffset: 0 }),
  }
  const kernel = new MemoryHosts(clock)
  const disk: { document: HostDocument | undefined; base: string; journal: readonly JournalEntry[]; room: number } = {
    document: undefined,
    room: Number.POSITIVE_INFINITY,
    base: '',
    journal: [],
  }
  const looks: Scope[] = []
  const watchers = new Set<(change: ForeignChange) => void>()
  const driver = hostDriver(kernel)
  const start = (): { keeper: HostKeeper; seen: Seen[] } => {
    const seen: Seen[] = []
    const keeper = createHostKeeper({
      driver: {
        ...driver,
        observe: (point, scope, signal) => {
          looks.push(scope)
          return driver.observe(point, scope, signal)
        },
        plan: (input: Parameters<typeof driver.plan>[0]) => ({
          ...driver.plan(input),
          journal: notes.length > 0 ? [...notes] : input.journal,
        }),
        apply: (point, plan: HostPlan, signal) => {
          state.fails -= 1
          if (state.fails >= 0) return Promise.reject(new Error('the kernel is busy'))
          return driver.apply(point, plan, signal)
        },
        watch: (onChange) => {
          watchers.add(onChange)
          return () => watchers.delete(onChange)
        },
      },
      point: POINT,
      machine: resourceKey(MACHINE),
      files: {
        readDocument: () => disk.document,
        writeDocument: (document) => {
          if (document.holes.length > disk.room) throw new Error('ENOSPC: no space left on device')
          disk.document = document
        },
        forgetDocument: () => {
          disk.document = undefined
        },
        readJournal: () => [...disk.journal],
        writeJournal: (journal) => {
          disk.journal = journal
        },
        writeBaseTable: (text) => {
          if (disk.room < 0) throw new Error('ENOSPC: no space left on device')
          disk.base = text
        },
      },
      clock,
      log: createAgentLog({ write: () => {}, now: () => state.now, toJournal: false }),
      baseTable: ({ shields }) => JSON.stringify(shields.map(({ ports }) => ports)),
      onSeen: (one) => seen.push(one),
    })
    keeper.start()
    return { keeper, seen }
  }
  const somebody = (by: string): void => {
    for (const watcher of watchers) watcher({ point: POINT, by })
  }
  return { state, kernel, disk, notes, looks, start, somebody, open: () => kernel.look(POINT).elements.size }
}

let host: ReturnType<typeof aHost>
beforeEach(() => {
  vi.useFakeTimers()
  host = aHost()
})
afterEach(() => {
  vi.useRealTimers()
})

/** Moves the host's clock and lets everything happen that is due. */
async function pass(millis: number): Promise<void> {
  host.state.now += millis
  await vi.advanceTimersByTimeAsync(millis)
}

function aHole(source: string, until = NOON + HOUR): WireHole {
  return { machine: MACHINE, port: 22, protocol: 'TCP', source, until, grants: [`grant of ${source}`] }
}

const NO_PLACE = { publicAddresses: [], mappedPorts: { from: 40_000, to: 40_999 }, snat: false, machines: [] }
const EVERYTHING: KeeperLook = { scope: 'all', flows: false, answers: [] }

function slotFrom(source: string): Slot {
  return slotOf(resourceKey(MACHINE), 22, aSource(source))
}

function lookAt(answer: string, ...sources: readonly string[]): KeeperLook {
  return { scope: new Set(sources.map(slotFrom)), flows: false, answers: [answer] }
}

function aDocument(
  version: string,
  holes: readonly WireHole[] = [],
  drift: 'repair' | 'report' = 'repair',
): HostDocument {
  const shields = [{ machine: MACHINE, policy: 'default', ports: [{ number: 22, protocol: 'TCP' as const }] }]
  return { version, machine: MACHINE, sentAt: NOON, shields, holes: [...holes], settings: { drift } }
}

describe('the agent’s loop', () => {
  it('says what would be done with a document, and does nothing of it', async () => {
    const { keeper, seen } = host.start()
    const said = await keeper.foretell(aDocument('proposed', [aHole('203.0.113.7')]))
    expect(said.map(({ kind }) => kind)).toEqual(['protect', 'open'])
    await pass(0)
    expect([host.open(), host.disk.document, seen]).toEqual([0, undefined, []])
    const document = { ...aDocument('elsewhere'), settings: { drift: 'repair' as const, gateway: NO_PLACE } }
    await expect(keeper.foretell(document)).rejects.toThrow('what is behind it')
  })

  it('touches nothing on a host that was never told what to protect', async () => {
    const { keeper, seen } = host.start()
    host.kernel.change(POINT, (state) => ({ ...state, shut: new Set(['80/TCP']) }))
    host.somebody('an administrator')
    keeper.look(EVERYTHING)
    await pass(1)
    expect(host.kernel.look(POINT).shut).toEqual(new Set(['80/TCP']))
    expect(seen.at(-1)?.state).toMatchObject({ version: '', shields: [], held: [] })
  })

  it('carries out a document, and tells what it saw of that very document', async () => {
    const { keeper, seen } = host.start()
    keeper.offer(aDocument('v1', [aHole('10.0.0.1')]))
    await pass(1)
    expect(host.kernel.look(POINT).shut).toEqual(new Set(['22/TCP']))
    const told = seen.at(-1)
    expect(told?.state).toMatchObject({ version: 'v1', held: [aHole('10.0.0.1')], left: [], lingering: [] })
    expect([told?.state.shields.length, told?.isCaughtUp, told?.drift]).toEqual([1, true, []])
  })

  it('looks only at what differs between two documents', async () => {
    const { keeper } = host.start()
    keeper.offer(aDocument('v1', [aHole('10.0.0.1'), aHole('10.0.0.2')]))
    await pass(1)
    host.looks.length = 0
    keeper.offer(aDocument('v2', [aHole('10.0.0.1'), aHole('10.0.0.3')]))
    await pass(1)
    const slots = host.looks.map((scope) =>
      scope === 'all' ? scope : [...scope].map((slot) => slot.split('|').at(-1)),
    )
    expect(slots).toEqual([
      ['10.0.0.2', '10.0.0.3'],
      ['10.0.0.2', '10.0.0.3'],
    ])
    expect(
      keeper
        .state()
        .held.map(({ source }) => source)
        .toSorted(),
    ).toEqual(['10.0.0.1', '10.0.0.3'])
  })

  it('has the document on record, and what is loaded at boot, before the kernel is touched', async () => {
    const { keeper } = host.start()
    host.state.fails = 1
    keeper.offer(aDocument('v1'))
    expect([host.disk.document?.version, host.disk.base]).toEqual(['v1', '[[{"number":22,"protocol":"TCP"}]]'])
    expect(host.kernel.look(POINT).shut.size).toBe(0)
    await pass(100)
    expect(host.kernel.look(POINT).shut.size).toBe(1)
  })

  it('tries again when the kernel fails, says so meanwhile, and shields nothing that it did not see', async () => {
    const { keeper, seen } = host.start()
    host.state.fails = 2
    keeper.offer(aDocument('v1'))
    await pass(1)
    expect(seen.at(-1)?.state).toMatchObject({ version: 'v1', shields: [], left: ['the kernel is busy'] })
    await pass(1_000)
    expect(seen.at(-1)?.state.left).toEqual([])
    expect(seen.at(-1)?.state.shields.length).toBe(1)
  })

  it('counts as caught up with a document that the kernel cannot carry, so that the server hears why', async () => {
    const { keeper, seen } = host.start()
    host.state.fails = 1_000
    keeper.offer(aDocument('v1'))
    await pass(1)
    expect(seen.at(-1)).toMatchObject({ isCaughtUp: true, state: { version: 'v1', left: ['the kernel is busy'] } })
  })

  it('carries out what its disk takes no more, and after a restart opens nothing by what it was told before', async () => {
    const { keeper, seen } = host.start()
    const two = [aHole('203.0.113.7'), aHole('203.0.113.8')]
    keeper.offer(aDocument('v1', two))
    await pass(1)
    host.disk.room = 0
    keeper.offer(aDocument('v2', two.slice(1)))
    await pass(1)
    expect([seen.at(-1)?.state.version, host.open()]).toEqual(['v2', 1])
    await keeper.stop()
    const next = host.start()
    await pass(1)
    expect([next.seen.at(-1)?.state.version === 'v2', host.open()]).toEqual([false, 0])
    expect(host.kernel.look(POINT).shut).toEqual(new Set(['22/TCP']))
  })

  it('forgets what it was told before where its disk takes nothing at all, and goes on', async () => {
    const { keeper, seen } = host.start()
    keeper.offer(aDocument('v1', [aHole('203.0.113.7')]))
    await pass(1)
    host.disk.room = -1
    keeper.offer(aDocument('v2'))
    await pass(1)
    expect([seen.at(-1)?.state.version, host.open(), host.disk.document]).toEqual(['v2', 0, undefined])
  })

  it('goes on after a restart without the server with what it was told last', async () => {
    const first = host.start()
    first.keeper.offer(aDocument('v1', [aHole('10.0.0.1')]))
    await pass(1)
    await first.keeper.stop()
    host.kernel.change(POINT, () => ({ shut: new Set(), elements: new Map() }))
    host.start()
    await pass(1)
    expect([host.kernel.look(POINT).shut.size, host.open()]).toEqual([1, 1])
  })

  it('carries out nothing, and says nothing, of what another machine was told whose state was copied to this one', async () => {
    host.disk.document = { ...aDocument('v1', [aHole('10.0.0.1')]), machine: aMachineId('web1-template') }
    const { keeper, seen } = host.start()
    keeper.look(EVERYTHING)
    await pass(1)
    expect([host.kernel.look(POINT).shut.size, host.open()]).toEqual([0, 0])
    expect(seen.at(-1)?.state).toMatchObject({ version: '', shields: [], held: [] })
  })

  it('opens nothing after a boot before the server says anew what is open: it may have been closed meanwhile', async () => {
    const first = host.start()
    first.keeper.offer(aDocument('v1', [aHole('10.0.0.1')]))
    await pass(1)
    await first.keeper.stop()
    host.kernel.change(POINT, () => ({ shut: new Set(), elements: new Map() }))
    host.state.isKnown = false
    const { keeper, seen } = host.start()
    await pass(1)
    expect([host.kernel.look(POINT).shut.size, host.open()]).toEqual([1, 0])
    host.state.isKnown = true
    keeper.clockMoved()
    await pass(1)
    expect([host.open(), seen.at(-1)?.state.version === 'v1']).toEqual([0, false])
    keeper.offer(aDocument('v2', [aHole('10.0.0.1')]))
    await pass(1)
    expect(host.open()).toBe(1)
  })

  it('looks at a hole soon after its end without being told, and says that it is gone', async () => {
    const { keeper, seen } = host.start()
    keeper.offer(aDocument('v1', [aHole('10.0.0.1', NOON + 5_000)]))
    await pass(1)
    expect(seen.at(-1)?.state.held.length).toBe(1)
    await pass(5_100)
    expect(seen.at(-1)?.state).toMatchObject({ version: 'v1', held: [], lingering: [] })
  })

  it('puts right what somebody else changed, and tells who it was', async () => {
    const { keeper, seen } = host.start()
    keeper.offer(aDocument('v1', [aHole('10.0.0.1')]))
    await pass(1)
    host.kernel.change(POINT, () => ({ shut: new Set(), elements: new Map() }))
    host.somebody('process 42 (nft)')
    await pass(1)
    expect([host.kernel.look(POINT).shut.size, host.open()]).toEqual([1, 1])
    expect(seen.at(-1)?.drift).toMatchObject([{ by: 'process 42 (nft)', repaired: true }])
    keeper.look(EVERYTHING)
    await pass(1)
    expect(seen.at(-1)?.drift).toEqual([])
  })

  it('only tells of it where the installation says so, until it is given a document again', async () => {
    const { keeper, seen } = host.start()
    keeper.offer(aDocument('v1', [], 'report'))
    await pass(1)
    host.kernel.change(POINT, () => ({ shut: new Set(), elements: new Map() }))
    host.somebody('process 42 (nft)')
    await pass(1)
    expect(host.kernel.look(POINT).shut.size).toBe(0)
    expect(seen.at(-1)?.drift).toMatchObject([{ repaired: false }])
    expect(seen.at(-1)?.state.shields).toEqual([])
    keeper.offer(aDocument('v2', [], 'report'))
    await pass(1)
    expect(host.kernel.look(POINT).shut.size).toBe(1)
  })

  it('closes what somebody opened, even where it only tells of changes', async () => {
    const { keeper } = host.start()
    keeper.offer(aDocument('v1', [aHole('10.0.0.1')], 'report'))
    await pass(1)
    const elements = host.kernel.look(POINT).elements
    keeper.offer(aDocument('v2', [], 'report'))
    await pass(1)
    host.kernel.change(POINT, (state) => ({ ...state, elements }))
    host.somebody('process 42 (nft)')
    await pass(1)
    expect(host.open()).toBe(0)
  })

  it('of documents that come while it is at work the newest counts, and it says when it has caught up', async () => {
    const { keeper, seen } = host.start()
    keeper.offer(aDocument('v1', [aHole('10.0.0.1')]))
    keeper.offer(aDocument('v2', [aHole('10.0.0.2')]))
    keeper.offer(aDocument('v3', [aHole('10.0.0.3')]))
    await pass(1)
    expect(seen.at(-1)).toMatchObject({ isCaughtUp: true, state: { version: 'v3', held: [aHole('10.0.0.3')] } })
    expect(seen.filter(({ isCaughtUp }) => isCaughtUp).map(({ state }) => state.version)).toEqual(['v3'])
  })

  it('says that it has caught up also where what somebody else did meanwhile changed nothing', async () => {
    const { keeper, seen } = host.start()
    keeper.offer(aDocument('v1'))
    host.somebody('process 42 (nft)')
    await pass(1)
    expect(seen.map(({ isCaughtUp }) => isCaughtUp)).toEqual([false, true])
    host.somebody('process 42 (nft)')
    await pass(1)
    expect(seen).toHaveLength(2)
  })

  it('has on its disk what the driver must know to undo, before the kernel is touched', async () => {
    const { keeper } = host.start()
    host.notes.push({ key: 'mapped', value: '46781' })
    host.state.fails = 1
    keeper.offer(aDocument('v1', [aHole('10.0.0.1')]))
    await pass(1)
    expect([host.open(), host.disk.journal]).toEqual([0, host.notes])
  })

  it('begins with what the server has on record where its own disk knows nothing', async () => {
    const { keeper } = host.start()
    const journal = [{ key: 'mapped', value: '46781' }]
    keeper.offer({ ...aDocument('v1'), journal })
    await pass(1)
    expect(keeper.state().journal).toEqual(journal)
    keeper.offer({ ...aDocument('v2'), journal: [{ key: 'mapped', value: '1' }] })
    await pass(1)
    expect(keeper.state().journal).toEqual(journal)
  })

  it('keeps the last document when the next one cannot be read', async () => {
    const { keeper } = host.start()
    keeper.offer(aDocument('v1', [aHole('10.0.0.1')]))
    await pass(1)
    expect(() => keeper.offer(aDocument('v2', [aHole('everybody')]))).toThrow(/everybody/)
    keeper.look(EVERYTHING)
    await pass(1)
    expect(keeper.state()).toMatchObject({ version: 'v1', held: [aHole('10.0.0.1')] })
    expect(host.disk.document?.version).toBe('v1')
  })

  it('looks only where it is asked to, and tells whom it answers', async () => {
    const { keeper, seen } = host.start()
    keeper.offer(aDocument('v1', [aHole('10.0.0.1'), aHole('10.0.0.2')]))
    await pass(1)
    host.looks.length = 0
    keeper.look(lookAt('one', '10.0.0.2'))
    await pass(1)
    expect(host.looks).toEqual([new Set([slotFrom('10.0.0.2')])])
    expect(seen.at(-1)).toMatchObject({ answers: ['one'], state: { version: 'v1', left: [] } })
    expect(seen.at(-1)?.state.held.length).toBe(2)
  })

  it('answers by a look that began after the question, and all questions that waited by one', async () => {
    const { keeper, seen } = host.start()
    keeper.offer(aDocument('v1', [aHole('10.0.0.1')]))
    keeper.look(lookAt('one', '10.0.0.1'))
    keeper.look({ ...EVERYTHING, answers: ['two'] })
    await pass(1)
    expect(seen.map(({ answers }) => answers)).toEqual([[], ['one', 'two']])
    expect(host.looks.at(-1)).toBe('all')
  })

  it('answers that the kernel could not be read, and does not leave whoever asked without an answer', async () => {
    const { keeper, seen } = host.start()
    keeper.offer(aDocument('v1', [aHole('10.0.0.1')]))
    await pass(1)
    host.kernel.change(POINT, (state) => ({ ...state, elements: new Map() }))
    host.state.fails = 1
    keeper.look(lookAt('one', '10.0.0.1'))
    await pass(1)
    expect(seen.at(-1)).toMatchObject({ answers: ['one'], state: { shields: [], left: ['the kernel is busy'] } })
    await pass(100)
    expect(seen.at(-1)).toMatchObject({ answers: [], state: { left: [] } })
  })

  it('what somebody else changed is told as that, also where it is looked at for another reason', async () => {
    const { keeper, seen } = host.start()
    keeper.offer(aDocument('v1', [aHole('10.0.0.1')]))
    await pass(1)
    host.kernel.change(POINT, (state) => ({ ...state, elements: new Map() }))
    keeper.look(lookAt('one', '10.0.0.9'))
    host.somebody('process 42 (nft)')
    keeper.look(lookAt('two', '10.0.0.1'))
    await pass(1)
    expect(seen.flatMap(({ drift }) => drift)).toMatchObject([{ by: 'process 42 (nft)', repaired: true }])
  })

  it('tells of the shields of the document that it saw, and not of one that came meanwhile', async () => {
    const { keeper, seen } = host.start()
    keeper.offer(aDocument('v1'))
    keeper.offer({ ...aDocument('v2'), shields: [] })
    await pass(1)
    expect(seen.map(({ state }) => [state.version, state.shields.length])).toEqual([
      ['v1', 1],
      ['v2', 0],
    ])
  })
})
