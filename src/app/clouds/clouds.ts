/**
 * What this replica knows of the clouds: the sides that are loaded, the connections that are open, and the machines that
 * each of them reaches. It reads the store's version of the connections every few seconds, so that a change takes effect
 * on every replica without a restart, and each connection's machines at its own interval.
 *
 * A failed reading keeps what was read before. A protected machine is taken for gone only when its cloud says so itself:
 * for a machine that is gone its rules are removed.
 */
import { found, mendedBy } from '../../domain/check.ts'
import type { ConnectionCheck, ConnectionKind } from '../../domain/clouds/connection.ts'
import type { ProtectedPort } from '../../domain/access/desired.ts'
import { pointPrefixesOf } from '../../domain/clouds/judge-connection.ts'
import { indexMachines } from '../../domain/machine-index.ts'
import type { Exposure } from '../../domain/posture.ts'
import type { Refusal } from '../../domain/refusal.ts'
import type { ResourceKey } from '../../domain/resource-id.ts'
import { MINUTE, SECOND, type Instant, type Millis } from '../../domain/time.ts'
import type { App } from '../app.ts'
import { nextTurn } from '../in-turns.ts'
import { openConnection, sealSecret } from './connection-secret.ts'
import { changedPoints } from '../convergence/changed-points.ts'
import { readThrough, recordReading, type Machines, type Reading } from './cloud-reading.ts'
import type { CallBudget, CloudSide, OpenConnection, SecretBox, Snapshot } from '../ports/clouds.ts'
import type { StoredConnection } from '../ports/connection-record.ts'
import type { Driver, ForeignChange } from '../ports/driver.ts'
import type { Machine, PointId } from '../ports/inventory.ts'
import type { Timer } from '../convergence/reconciler.ts'

export interface CloudsDeps extends Pick<App, 'store' | 'clock' | 'log'> {
  readonly secrets: SecretBox
  readonly loadSide: (kind: ConnectionKind) => Promise<CloudSide>
  readonly timer: Timer
  /** From 0 to below 1: replicas that start together must not read together for ever. */
  readonly chance: () => number
}

/** How fresh a connection's machines are, on this replica. */
export interface InventoryState {
  readonly state: 'unread' | 'fresh' | 'stale'
  readonly machines: number
  readonly readAt?: Instant
  readonly staleSince?: Instant
  readonly problem?: string
  readonly warnings: readonly Refusal[]
}

interface Reached {
  readonly connection: OpenConnection
  readonly machines: Machines
  readonly snapshot?: Snapshot
  readonly readAt?: Instant
  /** How long the last reading took. */
  readonly took?: Millis
  readonly failedSince?: Instant
  readonly problem?: string
  readonly dueAt: Instant
  /** What the machines were when the points were last told of them, while that is to be done again. */
  readonly untold?: Untold
}

interface Untold {
  readonly machines: Machines
  readonly isFirst: boolean
}

const POLL: Millis = 2 * SECOND
const READING_DEADLINE: Millis = 10 * MINUTE
const CHECK_DEADLINE: Millis = 50 * SECOND
/** After a failure: sooner than the usual interval, but no hammering. */
const RETRY: Millis = 30 * SECOND
/** After a pass has changed a point, its cloud is read again this soon, and never so often that it is always being read. */
const AFTER_A_PASS: Millis = 15 * SECOND
const SHORTEST_GAP: Millis = MINUTE
const READING_SHARE = 20
/** Part of the interval by which each reading is early. */
const JITTER = 0.2

export class Clouds {
  readonly #deps: CloudsDeps
  readonly #sides = new Map<ConnectionKind, CloudSide>()
  readonly #loading = new Map<ConnectionKind, Promise<CloudSide>>()
  readonly #reached = new Map<ResourceKey, Reached>()
  readonly #reading = new Map<ResourceKey, Promise<void>>()
  readonly #stopping = new AbortController()
  readonly #changeListeners: (() => void)[] = []
  readonly #wishListeners: (() => void)[] = []
  #foreign: (change: ForeignChange) => void = () => {}
  #version = -1
  #syncing: Promise<void> = Promise.resolve()
  #loop: Promise<void> = Promise.resolve()

  constructor(deps: CloudsDeps) {
    this.#deps = deps
  }

  /** Opens what is on record, so that what was protected is known before the first pass; reads nothing of a cloud yet. */
  async open(): Promise<void> {
    await this.sync()
  }

  /** `onForeign`: told when somebody else changed a point of a cloud. */
  start(onForeign: (change: ForeignChange) => void): void {
    this.#foreign = onForeign
    this.#loop = this.#run()
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#loop
    await Promise.allSettled([...this.#reading.values(), this.#syncing])
    await Promise.all([...this.#sides.values()].map((side) => side.close()))
  }

  /** Calls back after points were made due, so that this replica's own loop need not find out by itself. */
  onWished(listener: () => void): void {
    this.#wishListeners.push(listener)
  }

  /** Calls back whenever the machines are others. */
  onMachines(listener: () => void): void {
    this.#changeListeners.push(listener)
  }

  /** One for each connection. */
  machines(): Machines[] {
    return [...this.#reached.values()].map(({ machines }) => machines)
  }

  /** Undefined when the machine is none of a cloud's, or its cloud was not read yet. */
  exposuresOf(machine: ResourceKey, ports: readonly ProtectedPort[]): readonly Exposure[] | undefined {
    for (const { machines, snapshot } of this.#reached.values())
      if (machines.byKey.has(machine)) return snapshot?.exposuresOf(machine, ports)
    return undefined
  }

  driverOf(point: PointId): Driver | undefined {
    return this.#sides.get(point.slice(0, point.indexOf(':')) as ConnectionKind)?.driver // another text finds nothing
  }

  /**
   * Of these machines those that a cloud has, by their connections: what a policy is about to protect is put on record
   * with it, so that a server that starts while the cloud is silent knows where to close.
   */
  found(machines: Iterable<ResourceKey>): ReadonlyMap<ResourceKey, readonly Machine[]> {
    const found = new Map<ResourceKey, Machine[]>()
    const wanted = [...machines]
    for (const [connection, { machines: known }] of this.#reached) {
      const here = wanted.flatMap((key) => known.byKey.get(key) ?? [])
      if (here.length > 0) found.set(connection, here)
    }
    return found
  }

  stateOf(connection: ResourceKey): InventoryState {
    const reached = this.#reached.get(connection)
    if (reached === undefined) return { state: 'unread', machines: 0, warnings: [] }
    const { machines, readAt, failedSince, problem, snapshot } = reached
    return {
      state: failedSince !== undefined ? 'stale' : readAt === undefined ? 'unread' : 'fresh',
      machines: machines.sorted.length,
      ...(readAt !== undefined && { readAt }),
      ...(failedSince !== undefined && { staleSince: failedSince }),
      ...(problem !== undefined && { problem }),
      warnings: snapshot?.warnings ?? [],
    }
  }

  /** A pass over the point is on record: what is known of who gets in there may be out of date. */
  noticed(point: PointId): void {
    const now = this.#deps.clock.now()
    for (const [key, reached] of this.#reached) {
      if (!pointPrefixesOf(reached.connection).some((prefix) => point.startsWith(prefix))) continue
      const { readAt = now, took = 0, dueAt } = reached
      const soon = Math.max(now + AFTER_A_PASS, readAt + Math.max(SHORTEST_GAP, took * READING_SHARE))
      if (soon < dueAt) this.#reached.set(key, { ...reached, dueAt: soon })
    }
  }

  /** Every open connection, for those who watch over them. */
  connections(): OpenConnection[] {
    return [...this.#reached.values()].map(({ connection }) => connection)
  }

  budgets(): CallBudget[] {
    return [...this.#sides.values()].flatMap((side) => side.budgets?.() ?? [])
  }

  /** Whatever stands in the way is in the checks. */
  async check(connection: OpenConnection): Promise<readonly ConnectionCheck[]> {
    const at = { name: 'asking the cloud', scope: connection.name, status: 'unknown' } as const
    if (isLocked(connection)) return [{ ...at, ...found('SecretSealed', {}), ...mendedBy('GiveSecret', {}) }]
    try {
      const side = await this.#side(connection.settings.kind)
      const signal = AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(CHECK_DEADLINE)])
      return await side.check(connection, signal)
    } catch (cause) {
      this.#deps.log.warn({ connection: connection.id, cause }, 'a connection could not be tried')
      return [{ ...at, ...found('CloudUnasked', { problem: messageOf(cause) }) }]
    }
  }

  checkKept(connection: ResourceKey): Promise<readonly ConnectionCheck[]> {
    const reached = this.#reached.get(connection)
    if (reached === undefined) throw new Error(`the connection ${connection} is not open here`)
    return this.check(reached.connection)
  }

  /** As it is kept in the store. */
  seal(connection: ResourceKey, secret: string): string {
    return sealSecret(this.#deps.secrets, connection, secret)
  }

  /** For asking the cloud, never for showing. */
  secretOf(connection: ResourceKey): string | undefined {
    return this.#reached.get(connection)?.connection.secret
  }

  /** Resolves when a reading that began after this call has ended, well or badly. */
  async refresh(connection: ResourceKey): Promise<void> {
    await this.#reading.get(connection)
    await this.#read(connection)
  }

  /** The store's connections, as they are now. */
  sync(): Promise<void> {
    const next = this.#syncing.then(() => this.#sync())
    this.#syncing = next.catch(() => {})
    return next
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping
    while (!signal.aborted) {
      await this.sync().catch((cause: unknown) =>
        this.#deps.log.warn({ cause }, 'the connections to clouds could not be read; they stay as they are'),
      )
      const now = this.#deps.clock.now()
      for (const [key, { dueAt }] of this.#reached) if (dueAt <= now) void this.#read(key)
      await this.#deps.timer.sleep(POLL, signal)
    }
  }

  async #sync(): Promise<void> {
    const { connections } = this.#deps.store.reads
    const version = await connections.version()
    if (version === this.#version) return
    const stored = await connections.all()
    for (const key of this.#reached.keys()) if (!stored.some((each) => each.key === key)) this.#reached.delete(key)
    const changed = stored.filter(({ key, version }) => this.#reached.get(key)?.connection.version !== version)
    for (const each of changed) await this.#open(each)
    await this.#connectSides()
    this.#version = version
    this.#announce()
  }

  /** Machines that were read through it before stay known; what the new settings no longer reach goes with the next reading. */
  async #open(stored: StoredConnection): Promise<void> {
    const { store, clock, log, secrets } = this.#deps
    const now = clock.now()
    const { machines: known, untold } = this.#reached.get(stored.key) ?? {}
    const machines = known ?? indexMachines(await store.reads.connections.remembered(stored.key))
    const kept = { machines, ...(untold !== undefined && { untold }) }
    try {
      const connection = openConnection(secrets, stored)
      this.#reached.set(stored.key, { connection, ...kept, dueAt: now })
    } catch (cause) {
      const { sealedSecret: _, ...connection } = stored
      const problem = SEALED_ELSEWHERE
      this.#reached.set(stored.key, { connection, ...kept, dueAt: NEVER, failedSince: now, problem })
      log.error({ connection: stored.id, cause }, 'the secret of a connection was sealed by another key: give it again')
    }
  }

  /** A side that cannot be loaded is tried again with each reading, which says why it fails. */
  async #connectSides(): Promise<void> {
    const kinds = new Set([...this.connections().map(({ settings }) => settings.kind), ...this.#sides.keys()])
    for (const kind of kinds)
      await this.#side(kind)
        .then((side) => side.connect(this.#connectionsOf(kind)))
        .catch((cause: unknown) => this.#deps.log.error({ kind, cause }, 'a kind of cloud cannot be served'))
  }

  #connectionsOf(kind: ConnectionKind): OpenConnection[] {
    return this.connections().filter((each) => each.settings.kind === kind && !isLocked(each))
  }

  #side(kind: ConnectionKind): Promise<CloudSide> {
    const known = this.#loading.get(kind)
    if (known !== undefined) return known
    const loading = this.#load(kind)
    this.#loading.set(kind, loading)
    loading.catch(() => this.#loading.delete(kind))
    return loading
  }

  async #load(kind: ConnectionKind): Promise<CloudSide> {
    const side = await this.#deps.loadSide(kind)
    await side.connect(this.#connectionsOf(kind))
    this.#sides.set(kind, side)
    side.driver.watch((change) => this.#foreign(change))
    return side
  }

  #read(key: ResourceKey): Promise<void> {
    const running = this.#reading.get(key)
    if (running !== undefined) return running
    const reading = this.#readNow(key).finally(() => this.#reading.delete(key))
    this.#reading.set(key, reading)
    return reading
  }

  async #readNow(key: ResourceKey): Promise<void> {
    const before = this.#reached.get(key)
    if (before === undefined || isLocked(before.connection)) return
    const { clock, log } = this.#deps
    const began = clock.now()
    try {
      const { connection, machines: known } = before
      const signal = AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(READING_DEADLINE)])
      const side = await this.#side(connection.settings.kind)
      await this.#take(before, await readThrough(this.#deps, { side, connection, known, signal }), began)
    } catch (cause) {
      const now = this.#reached.get(key)
      if (now === undefined || this.#stopping.signal.aborted) return
      const problem = messageOf(cause)
      this.#reached.set(key, { ...now, failedSince: now.failedSince ?? began, problem, dueAt: this.#after(RETRY) })
      log.warn(
        { connection: now.connection.id, cause },
        'the machines of a connection could not be read; those known stay',
      )
      if (now.readAt === undefined) await this.#standIn(now)
    }
  }

  /** What ends must close although the machines cannot be listed since the start. */
  async #standIn({ connection, machines }: Reached): Promise<void> {
    const { store, clock, log } = this.#deps
    if (machines.sorted.length === 0) return
    try {
      const signal = AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(READING_DEADLINE)])
      const side = await this.#side(connection.settings.kind)
      if ((await side.standIn?.(connection, machines.sorted, signal)) !== true) return
      await store.dueNow(pointPrefixesOf(connection), clock.now())
      for (const listener of this.#wishListeners) listener()
    } catch (cause) {
      log.warn(
        { connection: connection.id, cause },
        'the protected machines of a connection could not be read directly',
      )
    }
  }

  async #take(before: Reached, read: Reading, began: Instant): Promise<void> {
    const { connection } = before
    const { key } = connection
    const present = this.#reached.get(key)
    // Changed or removed meanwhile: what was read through the old settings counts for nothing.
    if (present?.connection !== connection) return
    const { machines, untold } = present
    const isFirst = before.readAt === undefined || untold?.isFirst === true
    const since = { machines: untold?.machines ?? machines, isFirst }
    this.#reached.set(key, {
      connection,
      ...read,
      readAt: began,
      took: this.#deps.clock.now() - began,
      dueAt: this.#after(connection.settings.refreshEvery),
      untold: since,
    })
    this.#announce()
    await nextTurn()
    const changed = changedPoints(since.machines, read.machines)
    await nextTurn()
    const isWished = await recordReading(this.#deps, connection, { machines: read.machines, changed, isFirst })
    this.#told(key, since)
    if (isWished) for (const listener of this.#wishListeners) listener()
  }

  #told(key: ResourceKey, of: Untold): void {
    const reached = this.#reached.get(key)
    if (reached?.untold !== of) return
    const { untold: _, ...told } = reached
    this.#reached.set(key, told)
  }

  #after(interval: Millis): Instant {
    return this.#deps.clock.now() + interval * (1 - JITTER * this.#deps.chance())
  }

  #announce(): void {
    for (const listener of this.#changeListeners) listener()
  }
}

const SEALED_ELSEWHERE = found('SecretSealed', {}).text
const NEVER: Instant = Number.POSITIVE_INFINITY

/** True if it has a secret that cannot be opened here. */
function isLocked({ hasSecret, secret }: OpenConnection): boolean {
  return hasSecret && secret === undefined
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
