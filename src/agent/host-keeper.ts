/**
 * Keeps this host's kernel equal to the last document that the server gave, by the driver's own passes: observe → plan →
 * apply → observe, one at a time. What changed between two documents is all that a pass looks at, so that one hole costs
 * one small transaction; everything is looked at on a start, after somebody else's change and on the heartbeat.
 *
 * The document is on record before the kernel is touched, and the driver's journal before what it is needed to undo. It
 * must never conclude what the kernel carries: every state that it tells was observed.
 */
import type { Driver, JournalEntry, Plan, PointId, Scope } from '../app/ports.ts'
import type { HostDocument, HostState, WireHole } from '../contract/agent.ts'
import type { Flow } from '../domain/access/flow.ts'
import type { HoleKey, Slot } from '../domain/access/hole.ts'
import type { Refusal } from '../domain/refusal.ts'
import type { Millis } from '../domain/time.ts'
import type { AgentClock } from './agent-clock.ts'
import { sentenceOf, type AgentLog } from './agent-log.ts'
import { changeBetween, desiredAt, frameOf, wantedOf, type Wanted } from './desired-of-document.ts'
import { createDueTimer } from './due-timer.ts'
import type { StateFolder } from './state-folder.ts'

export interface Drift {
  readonly at: number
  readonly by?: string
  readonly steps: string[]
  readonly repaired: boolean
}

export interface Seen {
  readonly state: HostState
  /** What others did since the last time this was told. */
  readonly drift: Drift[]
  /** Whom the driver cut off since the last time this was told. */
  readonly cut: Flow[]
  /** Who is connected, where somebody asked to look and it can be told. */
  readonly flows?: readonly Flow[]
  /** Nothing that was offered is still to be carried out. */
  readonly isCaughtUp: boolean
}

export interface HostKeeper {
  /** Begins with the document on record, if there is one. */
  start(): void
  /** Makes it the desired state; what comes of it is told. Throws when it cannot be read, and then the last one stands. */
  offer(document: HostDocument): void
  /** Looks at everything now; what was seen is told. */
  look(): void
  /** The server's clock is known, or moved. */
  clockMoved(): void
  /** What is carried out, or about to be. */
  wanted(): Wanted | undefined
  /** As it was last seen. */
  state(): HostState
  /** Waits for what is under way; the kernel stays as it is. */
  stop(): Promise<void>
}

export interface HostKeeperDeps {
  readonly driver: Driver
  readonly point: PointId
  readonly files: Pick<
    StateFolder,
    'readDocument' | 'writeDocument' | 'readJournal' | 'writeJournal' | 'writeBaseTable'
  >
  readonly clock: AgentClock
  readonly log: AgentLog
  /** The text that is loaded at boot for these shields. */
  readonly baseTable: (wanted: Wanted) => string
  /** Called after every look that somebody waits for, or that differs from the last one. */
  readonly onSeen: (seen: Seen) => void
}

/** A foreign edit between our apply and our look makes the second plan non-empty; look again before giving up. */
const ROUNDS = 3
/** How long after an end it is looked at, to see that the kernel closed it: two kernel ticks and some. */
const PROOF_DELAY: Millis = 20
const FIRST_RETRY: Millis = 50
const LAST_RETRY: Millis = 5_000

/** What the next pass is for. */
interface Due {
  readonly slots: Set<Slot>
  everything: boolean
  /** Somebody waits for what is seen. */
  asked: boolean
  /** Somebody wants to know who is connected. */
  flows: boolean
  /** Who changed what stands here; undefined when nobody did. */
  readonly foreign: Set<string>
  /** The shields, or what the host is, changed: or the last pass failed. */
  reshaped: boolean
}

export function createHostKeeper(deps: HostKeeperDeps): HostKeeper {
  const { driver, files, clock, log } = deps
  const signal = new AbortController()
  let wanted: Wanted | undefined
  let journal: readonly JournalEntry[] = files.readJournal()
  let seen: Memory = emptyMemory()
  let due = nothingDue()
  let running: Promise<void> | undefined
  let failures = 0
  let told = ''
  const drift: Drift[] = []
  const cut: Flow[] = []
  const ends = createDueTimer(() => {
    addEnded(due, seen, clock.now())
    wake()
  })
  const retry = createDueTimer(() => wake())
  const heartbeat = createDueTimer(() => {
    due.everything = true
    wake()
  })

  const wake = (): void => {
    if (signal.signal.aborted || running !== undefined) return
    running = passes().finally(() => {
      running = undefined
      // What came after the loop had looked for the last time.
      if (failures === 0 && isDue(due)) wake()
    })
  }

  const passes = async (): Promise<void> => {
    while (isDue(due) && !signal.signal.aborted) {
      const now = due
      due = nothingDue()
      try {
        await pass(now)
        failures = 0
      } catch (error) {
        if (!signal.signal.aborted) failed(now, error)
        return
      }
    }
  }

  const failed = (work: Due, error: unknown): void => {
    failures += 1
    const wait = Math.min(LAST_RETRY, FIRST_RETRY * 2 ** (failures - 1))
    log.error(`the kernel is not as it should be, next try in ${wait} ms: ${sentenceOf(error)}`)
    seen = { ...seen, version: wanted?.document.version ?? '', isWhole: false, left: [sentenceOf(error)] }
    // Before it is due again: a kernel that always fails must not keep the server from hearing so.
    tell(work.asked)
    due = merged(due, { ...work, everything: true, reshaped: true })
    retry.setIn(wait)
  }

  const pass = async (work: Due): Promise<void> => {
    // Without a document nobody knows what should stand here: what stands, stays.
    if (wanted === undefined) return tell(work.asked)
    const current = wanted
    const now = clock.now()
    const isAsked = work.reshaped || work.slots.size > 0
    addEnded(work, seen, now)
    const scope: Scope = work.everything ? 'all' : work.slots
    const wants = desiredAt(clock.isKnown() ? current : { ...current, holes: new Map() }, now)
    const look = async (): Promise<Plan> => {
      const observed = await driver.observe(deps.point, scope, signal.signal)
      return driver.plan({ desired: wants, observed, scope, journal, now })
    }
    const first = await look()
    const isForeign = work.foreign.size > 0 || !(isAsked || work.asked)
    // Who is cut off did nothing wrong: the hole ended, and the policy says so.
    const done = first.steps.filter(({ kind }) => kind !== 'cut')
    const repairs = isForeign ? done.filter(({ kind }) => !isAsked || kind === 'repair') : []
    const repaired = !(isForeign && !isAsked && isOnlyReported(current, first))
    const plan = repaired ? await converge(first, look) : first
    if (repairs.length > 0)
      noteDrift({ at: now, ...byOf(work.foreign), steps: repairs.map(({ text }) => text), repaired })
    const impossible = new Map([...first.impossible, ...plan.impossible])
    seen = remembered(seen, { wanted: current, scope, plan, impossible })
    if (work.everything) heartbeat.setIn(driver.heartbeat)
    ends.setAt(nextEnd(seen), clock.now(), PROOF_DELAY)
    tell(work.asked, work.flows ? await connected() : undefined)
  }

  const converge = async (first: Plan, look: () => Promise<Plan>): Promise<Plan> => {
    let plan = first
    for (let round = 0; plan.steps.length > 0; round += 1) {
      if (round === ROUNDS) throw new Error(`others change it too; still to do: ${textsOf(plan).join('; ')}`)
      keepJournal(plan.journal)
      await driver.apply(deps.point, plan, signal.signal)
      cut.push(...(plan.cut ?? []))
      plan = await look()
    }
    keepJournal(plan.journal)
    return plan
  }

  /** That it cannot be told holds up nothing. */
  const connected = async (): Promise<readonly Flow[] | undefined> => {
    try {
      return await driver.flowsAt?.(deps.point, signal.signal)
    } catch (error) {
      log.warn(`who is connected could not be read: ${sentenceOf(error)}`)
      return undefined
    }
  }

  const keepJournal = (next: readonly JournalEntry[]): void => {
    if (JSON.stringify(next) === JSON.stringify(journal)) return
    files.writeJournal(next)
    journal = next
  }

  const noteDrift = (one: Drift): void => {
    log.warn(
      `${one.by ?? 'somebody'} changed what Sallyport wrote${one.repaired ? '; put right' : ''}: ${one.steps.join('; ')}`,
    )
    drift.push(one)
  }

  const state = (): HostState => stateOf(wanted, seen, journal)

  const tell = (asked: boolean, flows?: readonly Flow[]): void => {
    const text = JSON.stringify(state())
    if (!asked && text === told && drift.length + cut.length === 0) return
    told = text
    const news = { drift: drift.splice(0), cut: cut.splice(0), ...(flows === undefined ? {} : { flows }) }
    deps.onSeen({ state: state(), ...news, isCaughtUp: !isDue(due) })
  }

  const adopt = (next: Wanted, change: ReadonlySet<Slot> | 'all'): void => {
    if (wanted === undefined || frameOf(wanted) !== frameOf(next)) files.writeBaseTable(deps.baseTable(next))
    if (journal.length === 0) journal = next.document.journal ?? []
    wanted = next
    due.asked = true
    if (change === 'all') due.everything = due.reshaped = true
    else for (const slot of change) due.slots.add(slot)
    wake()
  }

  const stopWatching = driver.watch(({ by }) => {
    due.foreign.add(by ?? '')
    due.everything = true
    wake()
  })

  return {
    start: () => {
      const kept = files.readDocument()
      if (kept !== undefined) adopt(wantedOf(kept), 'all')
    },
    offer: (document) => {
      const next = wantedOf(document, wanted)
      const change = seen.isWhole ? changeBetween(wanted, next) : 'all'
      // Holes lost with the machine's power are gone from its kernel too; its shields must be there at the next boot.
      files.writeDocument(document, change === 'all' ? 'lasting' : 'quick')
      adopt(next, change)
    },
    look: () => {
      due.everything = due.asked = due.flows = true
      wake()
    },
    clockMoved: () => {
      due.everything = due.reshaped = true
      wake()
    },
    wanted: () => wanted,
    state,
    stop: async () => {
      signal.abort()
      stopWatching()
      for (const timer of [ends, retry, heartbeat]) timer.stop()
      await running
    },
  }
}

function nothingDue(): Due {
  return { slots: new Set(), everything: false, asked: false, flows: false, foreign: new Set(), reshaped: false }
}

function isDue({ slots, everything, asked }: Due): boolean {
  return slots.size > 0 || everything || asked
}

function merged(a: Due, b: Due): Due {
  return {
    slots: a.slots.union(b.slots),
    everything: a.everything || b.everything,
    asked: a.asked || b.asked,
    flows: a.flows || b.flows,
    foreign: a.foreign.union(b.foreign),
    reshaped: a.reshaped || b.reshaped,
  }
}

/** What was seen, and of which document. */
interface Memory {
  readonly version: string
  readonly held: ReadonlyMap<HoleKey, { readonly slot: Slot; readonly wire: WireHole }>
  readonly lingering: ReadonlySet<Slot>
  readonly impossible: ReadonlyMap<HoleKey, Refusal>
  readonly left: readonly string[]
  /** Everything was looked at since the start or the last failure, and nothing was left to do but what is named. */
  readonly isWhole: boolean
}

function emptyMemory(): Memory {
  return { version: '', held: new Map(), lingering: new Set(), impossible: new Map(), left: [], isWhole: false }
}

interface Look {
  readonly wanted: Wanted
  readonly scope: Scope
  readonly plan: Plan
  readonly impossible: ReadonlyMap<HoleKey, Refusal>
}

/** Outside the scope it stays what was seen before. */
function remembered(before: Memory, { wanted, scope, plan, impossible }: Look): Memory {
  const isOutside = (slot: Slot): boolean => scope !== 'all' && !scope.has(slot)
  const outside = [...before.held].filter(([, { slot }]) => isOutside(slot))
  const held = new Map(
    outside.map(([key, one]) => [key, { ...one, wire: newest(one.wire, wanted.holes.get(key)?.wire) }]),
  )
  for (const key of plan.held) {
    const found = wanted.holes.get(key)
    if (found !== undefined) held.set(key, { slot: found.hole.slot, wire: found.wire })
  }
  const kept = [...before.impossible].filter(([key]) => wanted.holes.has(key) && !plan.held.has(key))
  return {
    version: wanted.document.version,
    held,
    lingering: new Set([...[...before.lingering].filter(isOutside), ...plan.lingering]),
    impossible: new Map([...(scope === 'all' ? [] : kept), ...impossible]),
    left: textsOf(plan),
    isWhole: scope === 'all' ? plan.steps.length === 0 : before.isWhole && plan.steps.length === 0,
  }
}

/** Whom a hole serves may have changed although its end did not. */
function newest(seen: WireHole, wanted: WireHole | undefined): WireHole {
  return wanted?.until === seen.until ? wanted : seen
}

function stateOf(wanted: Wanted | undefined, seen: Memory, journal: readonly JournalEntry[]): HostState {
  return {
    version: seen.version,
    shields: seen.isWhole ? (wanted?.document.shields ?? []) : [],
    held: [...seen.held.values()].map(({ wire }) => wire),
    lingering: [...seen.lingering],
    impossible: [...seen.impossible].map(([hole, { code, message }]) => ({ hole, code, message })),
    left: [...seen.left],
    journal: journal.map(({ key, value }) => ({ key, value })),
  }
}

function textsOf({ steps }: Plan): string[] {
  return steps.map(({ text }) => text)
}

/** What is open and should not be is closed all the same. */
function isOnlyReported({ document }: Wanted, plan: Plan): boolean {
  if (document.settings.drift === 'repair') return false
  return plan.lingering.size === 0 && plan.steps.every(({ kind }) => kind !== 'close' && kind !== 'cut')
}

function byOf(foreign: ReadonlySet<string>): { by?: string } {
  const names = [...foreign].filter((name) => name !== '')
  return names.length === 0 ? {} : { by: names.join(', ') }
}

function addEnded(due: Due, { held }: Memory, now: number): void {
  for (const { slot, wire } of held.values()) if (wire.until <= now) due.slots.add(slot)
}

function nextEnd({ held }: Memory): number | undefined {
  let next: number | undefined
  for (const { wire } of held.values()) if (next === undefined || wire.until < next) next = wire.until
  return next
}
