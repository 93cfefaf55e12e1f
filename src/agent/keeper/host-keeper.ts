/**
 * Keeps this host's kernel equal to the last document that the server gave, by the driver's own passes, one at a time. What
 * changed between two documents is all that a pass looks at, so that one hole costs one small transaction; everything is
 * looked at on a start, after somebody else's change and on the heartbeat.
 *
 * The document is on record before the kernel is touched, where the disk takes it. It must never conclude what the kernel carries: every state that it
 * tells was observed.
 */
import type { Driver, Scope, Step } from '../../app/ports/driver.ts'
import type { PointId } from '../../app/ports/inventory.ts'
import type { HostDocument, HostState, ToAgent } from '../../contract/agent.ts'
import type { Flow } from '../../domain/access/flow.ts'
import type { Slot } from '../../domain/access/hole.ts'
import type { Refusal } from '../../domain/refusal.ts'
import { resourceKey, type ResourceId, type ResourceKey } from '../../domain/resource-id.ts'
import type { Millis } from '../../domain/time.ts'
import type { AgentClock } from '../agent-clock.ts'
import { sentenceOf, type AgentLog } from '../agent-log.ts'
import { changeBetween, frameOf, wantedOf, type Wanted } from './desired-of-document.ts'
import type { Due } from './due.ts'
import { createDueTimer } from './due-timer.ts'
import { bestEffort } from '../state/best-effort.ts'
import { keepDocument, withoutHoles } from '../state/kept-document.ts'
import { foretell } from './foretell.ts'
import { passOverHost } from './host-pass.ts'
import { afterFailure, endedBy, nextEnd, NOTHING_SEEN, stateFrom } from './kernel-memory.ts'
import { keepJournal } from '../state/kept-journal.ts'
import { createPassLoop } from './pass-loop.ts'
import type { StateFolder } from '../state/state-folder.ts'
import { createTeller, type Seen } from './teller.ts'

export interface HostKeeper {
  /** Begins with the document on record, if there is one. */
  start(): void
  /** Makes it the desired state; what comes of it is told. Throws when it cannot be read, and then the last one stands. */
  offer(document: HostDocument): void
  /** Looks now; what was seen is told. */
  look(look: KeeperLook): void
  /** What would be done with the document; nothing is. Rejects when that cannot be told. */
  foretell(document: HostDocument): Promise<readonly Step[]>
  /** Why these ports of the host should not be protected now, as the driver judges it. */
  preflight(asked: PreflightAsked): Promise<readonly Refusal[]>
  /** The server's clock is known, or moved. */
  clockMoved(): void
  /** What is carried out, or about to be. */
  wanted(): Wanted | undefined
  /** As it was last seen. */
  state(): HostState
  /** Whether anything was seen open. */
  isOpen(): boolean
  /** Waits for what is under way; the kernel stays as it is. */
  stop(): Promise<void>
}

export type PreflightAsked = Pick<Extract<ToAgent, { type: 'preflight' }>, 'ports' | 'caller'>

export interface KeeperLook {
  /** What is looked at for it; what is told is everything, as it was last seen. */
  readonly scope: Scope
  /** Who is connected is told too. */
  readonly flows: boolean
  /** The questions that are answered by it. */
  readonly answers: readonly string[]
}

/** What was seen last is told again. */
export const NOTHING_NEW: KeeperLook = { scope: new Set(), flows: false, answers: [] }

export interface HostKeeperDeps {
  readonly driver: Driver
  readonly point: PointId
  /** This host. */
  readonly machine: ResourceKey
  readonly files: Pick<
    StateFolder,
    'readDocument' | 'writeDocument' | 'forgetDocument' | 'readJournal' | 'writeJournal' | 'writeBaseTable'
  >
  readonly clock: AgentClock
  readonly log: AgentLog
  /** The text that is loaded at boot for these shields. */
  readonly baseTable: (wanted: Wanted) => string
  /** Called after every look that somebody waits for, or that differs from the last one. */
  readonly onSeen: (seen: Seen) => void
}

/** How long after an end it is looked at, to see that the kernel closed it: two kernel ticks and some. */
const PROOF_DELAY: Millis = 20

export function createHostKeeper(deps: HostKeeperDeps): HostKeeper {
  const { driver, machine, files, clock, log } = deps
  const journal = keepJournal(files)
  const keep = keepDocument(files, log)
  const keepBase = bestEffort(log, 'what closes the ports at boot')
  let isBaseOld = true
  let wanted: Wanted | undefined
  let memory = NOTHING_SEEN
  const state = (): HostState => stateFrom(memory, journal.entries())
  const ends = createDueTimer(() => loop.add({ slots: endedBy(memory, clock.now()) }))
  const heartbeat = createDueTimer(() => loop.add({ everything: true }))
  const teller = createTeller({ state, isCaughtUp: () => loop.isCaughtUp(), log, onSeen: deps.onSeen })

  const pass = async (work: Due, signal: AbortSignal): Promise<void> => {
    // Without a document nobody knows what should stand here: what stands, stays.
    if (wanted === undefined) return teller.tell(work)
    memory = await passOverHost({ ...deps, journal, news: teller }, { wanted, work, memory, signal })
    if (work.everything) heartbeat.setIn(driver.heartbeat)
    ends.setAt(nextEnd(memory), clock.now(), PROOF_DELAY)
    teller.tell(work, work.flows ? await connected(deps, signal) : undefined)
  }

  const loop = createPassLoop({
    pass,
    onFailure: (work, error, wait) => {
      log.error(`the kernel is not as it should be, next try in ${wait} ms: ${sentenceOf(error)}`)
      memory = afterFailure(memory, wanted, sentenceOf(error))
      teller.tell(work)
    },
  })

  const adopt = (next: Wanted, change: ReadonlySet<Slot> | 'all'): void => {
    if (isBaseOld || wanted === undefined || frameOf(wanted) !== frameOf(next))
      isBaseOld = !keepBase(() => files.writeBaseTable(deps.baseTable(next)))
    journal.adopt(next.document.journal ?? [])
    wanted = next
    loop.add(change === 'all' ? EVERYTHING_ANEW : { isAsked: true, slots: change })
  }

  const stopWatching = driver.watch(({ by = '' }) => loop.add({ everything: true, foreign: new Set([by]) }))

  return {
    start: () => {
      const kept = files.readDocument()
      if (kept === undefined) return
      // After a boot the kernel has no holes any more, and the server may have closed meanwhile what was open before it.
      const known = clock.isKnown() ? kept : withoutHoles(kept)
      // Not so where the state of another machine was copied to this one, or this one was enrolled as another.
      if (resourceKey(kept.machine as ResourceId) === machine) adopt(wantedOf(known), 'all')
      else log.warn(`what this host was told as ${kept.machine} counts no more: it is enrolled as another machine`)
    },
    offer: (document) => {
      const next = wantedOf(document, wanted)
      const change = memory.isWhole ? changeBetween(wanted, next) : 'all'
      // Holes lost with the machine's power are gone from its kernel too; its shields must be there at the next boot.
      keep(document, change === 'all' ? 'lasting' : 'quick')
      adopt(next, change)
    },
    look: ({ scope, flows, answers }) =>
      loop.add({ isAsked: true, flows, answers, ...(scope === 'all' ? { everything: true } : { shown: scope }) }),
    foretell: (document) => foretell({ ...deps, journal }, document, wanted),
    preflight: ({ ports, caller: { address, shell } }) =>
      driver.preflight(deps.point, { machine, ports }, { address, ...(shell !== undefined && { shell }) }),
    clockMoved: () => loop.add({ everything: true, isReshaped: true }),
    wanted: () => wanted,
    state,
    isOpen: () => memory.held.size > 0,
    stop: async () => {
      stopWatching()
      ends.stop()
      heartbeat.stop()
      await loop.stop()
    },
  }
}

const EVERYTHING_ANEW: Partial<Due> = { isAsked: true, everything: true, isReshaped: true }

/** That it cannot be told holds up nothing. */
async function connected(
  { driver, point, log }: HostKeeperDeps,
  signal: AbortSignal,
): Promise<readonly Flow[] | undefined> {
  try {
    return await driver.flowsAt?.(point, signal)
  } catch (error) {
    log.warn(`who is connected could not be read: ${sentenceOf(error)}`)
    return undefined
  }
}
