/**
 * The driver for exactly one enforcement point: the Linux host that this process runs on (its network namespace).
 * Holes are kernel timeouts: they close with every process of ours dead.
 *
 * It must never write anything but tables `sallyport` and `sallyport_base`, and never trust its memory over the kernel.
 */
import type { CallerPlace, Clock, Driver, PointId, Scope } from '../../app/ports.ts'
import type { ProtectedPort } from '../../domain/desired.ts'
import type { Refusal } from '../../domain/refusal.ts'
import type { ResourceKey } from '../../domain/resource-id.ts'
import type { Instant, Millis } from '../../domain/time.ts'
import type { ElementId } from './element.ts'
import { NftError, type NftEngine } from './engine.ts'
import { findings, type Finding } from './findings.ts'
import { scanForeign, type ForeignScan } from './foreign.ts'
import { readForeignRuleset, readLegacyTables } from './foreign-reader.ts'
import { judge, type NftablesPlan } from './judge.ts'
import { createKernelState, endOf } from './kernel-state.ts'
import { forgetElement, recordStatement, rememberElement, type Mirror } from './mirror.ts'
import { BASE_TABLE, TABLE, textOf } from './nft-text.ts'
import type { Observed } from './observed.ts'
import { createOneAtATime } from './one-at-a-time.ts'
import type { Operation, Session } from './operation.ts'
import { cutConnections } from './own-connection.ts'
import { createOwnGenerations } from './own-generations.ts'
import type { KernelReader } from './reader.ts'
import { probeSupport } from './probe-support.ts'
import { createRescan } from './rescan.ts'
import type { RulesetChange, RulesetEvents } from './ruleset-events.ts'
import { readSessions } from './sessions.ts'
import { elementIdsOfSlot } from './slot-elements.ts'
import { ownershipOf, takeTable } from './table-owner.ts'
import { batchOf, groupOperations, type Batch, type BatchInput } from './writer.ts'

export interface NftablesDriverOptions {
  readonly point: PointId
  /** The machine that this host is. */
  readonly machine: ResourceKey
  readonly clock: Clock
  readonly engine: NftEngine
  readonly reader: KernelReader
  readonly events: RulesetEvents
  /** `auto`: hold the table by its owner flag where kernel and engine can. */
  readonly ownTable: 'auto' | 'off'
}

export interface NftablesDriver extends Driver<Observed, NftablesPlan> {
  /** What a person should know about the rest of this host's rules. */
  doctor(): Promise<readonly Finding[]>
  /** Why this host cannot be protected; empty when it can. */
  probe(): Promise<readonly Refusal[]>
  /** Lets go of sockets and threads once what is under way is done. The table stays as it is. */
  close(): Promise<void>
}

/** How far an element's end may be from the wanted one before a pass sets it anew: a clock jumped, a machine was paused. */
const TOLERANCE: Millis = 50
/** A machine so busy that it is late again and again gets this many tries; the next pass goes on. */
const TRIES = 3
/** How far the clock may move against the kernel's timers before everything is read again. */
const CLOCK_TOLERANCE: Millis = 20
const CLOCK_CHECK_EVERY: Millis = 1000
/** The kernel tells of every change; this finds what could not be told. */
const HEARTBEAT: Millis = 60_000
/** Other tables may change many times a second; their rules are read again once they rest. */
const RESCAN_AFTER: Millis = 100

export function createNftablesDriver(options: NftablesDriverOptions): NftablesDriver {
  const { point, machine, clock, engine, reader } = options
  const queue = createOneAtATime()
  const generations = createOwnGenerations(engine)
  const uptime = (): number => performance.now()
  const watchers = new Set<(by: string | undefined) => void>()
  /** A repair does not wait for other tables to be read: whoever watches is told when they turn out to have changed. */
  const foreignScan = (known: ForeignScan | undefined): Promise<ForeignScan> | ForeignScan => {
    if (known === undefined || watchers.size === 0) return readForeignScan()
    rescan.soon(undefined)
    return known
  }
  const state = createKernelState({ engine, reader, clock, uptime, foreign: foreignScan })
  const stops = new Set<() => void>()
  let mirror: Mirror | undefined

  const hold = async (isWriting: boolean): Promise<boolean> => {
    if (options.ownTable === 'off' || engine.socket === undefined) return false
    const tables = await reader.tables()
    const ownership = ownershipOf(tables, TABLE, engine.socket.portId())
    if (ownership === 'held') return true
    if (ownership === 'elsewhere' && isWriting) {
      throw new Error(`table ${TABLE} is held by another running process of Sallyport; stop that one first`)
    }
    const isThere = tables.some(({ name }) => name === TABLE)
    if (ownership !== 'free' || (!isThere && !isWriting)) return false
    const { socket } = engine
    return generations.during(reader, () => takeTable(TABLE, socket))
  }

  const isExact = (known: Mirror): boolean => {
    const generation = reader.generation()
    if (generation === undefined || Math.abs(clock.now() - uptime() - known.offset) > CLOCK_TOLERANCE) return false
    known.generation = generations.skipHarmless(known.generation, generation)
    return known.generation === generation
  }

  /** It stays as what was last known, and is read again before it is used. */
  const distrust = (): void => {
    if (mirror !== undefined) mirror.generation = undefined
  }

  const current = async (): Promise<Mirror> => {
    if (mirror === undefined || !isExact(mirror)) mirror = await state.read(mirror)
    return mirror
  }

  const observeAll = async (): Promise<Observed> => {
    await hold(false)
    mirror = await state.read(mirror)
    return { ...mirror, scope: 'all', at: clock.now() }
  }

  const observeSlots = async (slots: Exclude<Scope, 'all'>): Promise<Observed> => {
    const known = await current()
    const elements = new Map<ElementId, Instant>()
    for (const id of [...slots].flatMap(elementIdsOfSlot)) {
      const end = await provenEnd(known, id)
      if (end !== undefined) elements.set(id, end)
    }
    return { ...known, scope: slots, at: clock.now(), elements }
  }

  /** An element whose end has passed is read: the kernel says whether it is gone. */
  const provenEnd = async (known: Mirror, id: ElementId): Promise<Instant | undefined> => {
    const end = known.elements.get(id)
    if (end === undefined || end > clock.now()) return end
    const element = await reader.element(TABLE, id)
    if (element === undefined) forgetElement(known, id)
    else rememberElement(known, id, endOf(element, known.offset))
    return known.elements.get(id)
  }

  const write = async (operations: readonly Operation[], signal: AbortSignal): Promise<void> => {
    const isHeld = await holdFor(operations)
    const sessions: readonly Session[] = operations.some(({ kind }) => kind === 'seed') ? await readSessions() : []
    for (const group of groupOperations(operations)) {
      signal.throwIfAborted()
      await commitGroup({ operations: group, sessions, clock, lead: engine.lead }, isHeld)
    }
  }

  /** What was seen to be absent may stand after all: a listing is not proof. Then it is written over. */
  const commitGroup = async (input: BatchInput, isHeld: boolean): Promise<void> => {
    try {
      await commitPunctually(input, isHeld)
    } catch (error) {
      const isThere =
        error instanceof NftError && error.isExisting && input.operations.some(({ kind }) => kind === 'create')
      if (!isThere) throw error
      await commitPunctually({ ...input, operations: input.operations.map(asUpsert) }, isHeld)
    }
  }

  /** A process that had to wait for its turn may have started timers late: they are written again. */
  const commitPunctually = async (input: BatchInput, isHeld: boolean): Promise<void> => {
    let operations = input.operations
    for (let attempt = 1; attempt <= TRIES && operations.length > 0; attempt += 1) {
      const start = uptime()
      const batch = batchOf({ ...input, operations })
      await commit(batch, isHeld)
      const isLate = uptime() - start > batch.allowance
      operations = isLate ? operations.filter((operation) => 'until' in operation).map(asUpsert) : []
    }
  }

  /** Element batches do not name the table alone, so only structure needs to know who holds it. */
  const holdFor = async (operations: readonly Operation[]): Promise<boolean> => {
    const touchesTable = operations.some(({ kind }) => kind === 'structure' || kind === 'remove')
    return touchesTable && (await hold(operations.some(({ kind }) => kind === 'structure')))
  }

  const commit = async (batch: Batch, isHeld: boolean): Promise<void> => {
    const known = mirror
    const before = reader.generation()
    const text = textOf(batch.statements, { table: TABLE, declareTable: !isHeld })
    const wasExact = known !== undefined && isExact(known)
    try {
      await engine.apply(text, batch.weight)
    } catch (cause) {
      distrust() // a lost answer and a refusal look alike: only reading tells
      throw cause
    }
    const isAlone = generations.note(before, reader.generation())
    if (wasExact && isAlone) record(known, batch, reader.generation())
    else distrust()
  }

  const rescan = createRescan({
    mirror: () => mirror,
    scan: readForeignScan,
    after: RESCAN_AFTER,
    onDifference: (scan, by) => {
      if (mirror !== undefined) mirror.foreign = scan
      for (const tell of watchers) tell(by)
    },
  })

  return {
    kind: 'nftables',
    closesByItself: true,
    heartbeat: HEARTBEAT,
    observe: (_point, scope) => queue.run(() => (scope === 'all' ? observeAll() : observeSlots(scope))),
    plan: (input) => judge({ machine, tolerance: TOLERANCE, resolution: reader.resolution }, input),
    apply: (_point, plan, signal) => queue.run(() => write(plan.operations, signal)),
    preflight: (_point, ports, caller) => preflight(ports, caller),
    watch: (onChange) => {
      const tell = (by: string | undefined): void => onChange(by === undefined ? { point } : { point, by })
      const stopEvents = options.events((event) => {
        void queue.run(() => {
          if (event === 'lost') distrust()
          if (event === 'lost') tell(undefined)
          else if (generations.isOwn(event)) return
          else if (touchesUs(event)) tell(nameOf(event))
          else {
            generations.noteHarmless(event.generation)
            rescan.soon(nameOf(event))
          }
        })
      })
      const stopClock = watchClock(
        () => clock.now() - uptime(),
        (moved) => tell(`the clock, which moved by ${moved} ms`),
      )
      watchers.add(tell)
      const stop = (): void => {
        stopEvents()
        stopClock()
        watchers.delete(tell)
        stops.delete(stop)
      }
      stops.add(stop)
      return stop
    },
    doctor: async () => {
      const managed = [...(await queue.run(current)).managed]
      return findings({ listing: await readForeignRuleset(), legacyTables: await readLegacyTables(), managed })
    },
    probe: () => probeSupport(engine),
    close: () => {
      for (const stop of stops) stop()
      rescan.stop()
      return queue.run(async () => {
        reader.close()
        await engine.close()
      })
    },
  }

  async function preflight(ports: readonly ProtectedPort[], caller: CallerPlace): Promise<Refusal[]> {
    return cutConnections({ ports, caller, sessions: await readSessions(), managed: mirror?.managed ?? new Set() })
  }
}

async function readForeignScan(): Promise<ForeignScan> {
  return scanForeign(await readForeignRuleset())
}

function asUpsert(operation: Operation): Operation {
  return operation.kind === 'create' ? { ...operation, kind: 'upsert' } : operation
}

function record(mirror: Mirror, batch: Batch, generation: number | undefined): void {
  batch.statements.forEach((statement, index) => recordStatement(mirror, statement, batch.ends[index]))
  mirror.generation = generation
}

function touchesUs({ tables }: RulesetChange): boolean {
  return tables.size === 0 || tables.has(`inet ${TABLE}`) || tables.has(`inet ${BASE_TABLE}`)
}

function nameOf({ process, name }: RulesetChange): string {
  return `process ${process} (${name})`
}

/** Tells when the clock moved against the kernel's timers: a step of the clock, or a machine that was paused. */
function watchClock(offset: () => number, onMove: (moved: Millis) => void): () => void {
  let last = offset()
  const timer = setInterval(() => {
    const moved = Math.round(offset() - last)
    last = offset()
    if (Math.abs(moved) > CLOCK_TOLERANCE) onMove(moved)
  }, CLOCK_CHECK_EVERY)
  timer.unref()
  return () => clearInterval(timer)
}
