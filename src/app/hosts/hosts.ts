/**
 * What this replica knows of the hosts that run the agent. It reads the store's version of them every few seconds, so that
 * a change takes effect on every replica without a restart; who is connected here it is told at once, and of who is
 * connected to others it learns every few seconds more.
 *
 * What an agent found that others did on its host goes on record here, for it puts that right by itself.
 */
import { isDeepStrictEqual } from 'node:util'
import { indexMachines } from '../../domain/machine-index.ts'
import type { ProtectedPort } from '../../domain/access/desired.ts'
import type { Flow } from '../../domain/access/flow.ts'
import type { Host, HostId } from '../../domain/hosts/host.ts'
import type { Exposure } from '../../domain/posture.ts'
import type { ResourceKey } from '../../domain/resource-id.ts'
import { SECOND, type Instant, type Millis } from '../../domain/time.ts'
import type { App } from '../app.ts'
import { changedPoints, type ChangedPoints } from '../convergence/changed-points.ts'
import type { Machines } from '../clouds/cloud-reading.ts'
import { cutEvents } from '../requests/flow-events.ts'
import { createNewsLimit } from './news-limit.ts'
import { recordHostDrift } from './record-host-drift.ts'
import type { ForeignChange } from '../ports/driver.ts'
import type { AgentChange, AgentLinks, HostSide, HostTelling } from '../ports/hosts.ts'
import type { Machine, PointId } from '../ports/inventory.ts'
import type { Timer } from '../convergence/reconciler.ts'

export interface HostsDeps extends Pick<App, 'store' | 'clock' | 'log'> {
  readonly side: HostSide
  readonly links: Pick<AgentLinks, 'onChange' | 'reportOf' | 'logs'>
  readonly timer: Timer
}

const POLL: Millis = 2 * SECOND
/** Who is connected to other replicas changes without a version. */
const FULL_READING: Millis = 10 * SECOND

const NOTHING: Machines = indexMachines<ResourceKey, PointId, Machine>([])

export class Hosts {
  readonly #deps: HostsDeps
  readonly #mayTell: (host: HostId) => boolean
  readonly #stopping = new AbortController()
  readonly #machineListeners: (() => void)[] = []
  readonly #wishListeners: (() => void)[] = []
  readonly #changeListeners: (() => Promise<void>)[] = []
  #isChanged = true
  #hosts = new Map<HostId, Host>()
  #machines = NOTHING
  /** What the points were told of last: what differs from it is wished for, until that is on record. */
  #toldOf = NOTHING
  /** Agents came or went since the machines were made: a thousand of them are taken in together. */
  #isMoved = false
  #version = -1
  #readAt: Instant = Number.NEGATIVE_INFINITY
  #foreign: (change: ForeignChange) => void = () => {}
  #unlisten: () => void = () => {}
  #syncing: Promise<void> = Promise.resolve()
  #loop: Promise<void> = Promise.resolve()

  constructor(deps: HostsDeps) {
    this.#deps = deps
    this.#mayTell = createNewsLimit(deps)
  }

  /** `onForeign`: told when somebody else changed a host, so that its point is looked at. */
  start(onForeign: (change: ForeignChange) => void): void {
    this.#foreign = onForeign
    this.#unlisten = this.#deps.links.onChange((change) => this.#changed(change))
    this.#loop = this.#run()
  }

  async stop(): Promise<void> {
    this.#unlisten()
    this.#stopping.abort()
    await this.#loop
    await Promise.allSettled([this.#syncing])
  }

  /** Calls back whenever the machines are others. */
  onMachines(listener: () => void): void {
    this.#machineListeners.push(listener)
  }

  /** Calls back after points were made due. */
  onWished(listener: () => void): void {
    this.#wishListeners.push(listener)
  }

  machines(): Machines[] {
    return [this.#machines]
  }

  exposuresOf(machine: ResourceKey, ports: readonly ProtectedPort[]): readonly Exposure[] | undefined {
    return this.#deps.side.exposuresOf(machine, ports)
  }

  tellingOf(host: Host): HostTelling {
    return this.#deps.side.tellingOf(host)
  }

  isConnectedHere(host: HostId): boolean {
    return this.#deps.links.reportOf(host) !== undefined
  }

  /** Calls back after machines came, went or changed; also once after the start. */
  onChanged(listener: () => Promise<void>): void {
    this.#changeListeners.push(listener)
  }

  /** The store's hosts, as they are now. */
  sync(): Promise<void> {
    const next = this.#syncing.then(() => this.#sync())
    this.#syncing = next.catch(() => {})
    return next
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping
    while (!signal.aborted) {
      await this.sync().catch((cause: unknown) =>
        this.#deps.log.warn({ cause }, 'the hosts could not be read; they stay as they are'),
      )
      if (this.#isChanged && this.#version !== -1) await this.#tellChanged()
      await this.#deps.timer.sleep(POLL, signal)
    }
  }

  async #tellChanged(): Promise<void> {
    this.#isChanged = false
    for (const listener of this.#changeListeners)
      await listener().catch((cause: unknown) => {
        this.#isChanged = true
        this.#deps.log.warn({ cause }, 'what follows from the change of a host could not be done; tried again')
      })
  }

  async #sync(): Promise<void> {
    const { store, clock } = this.#deps
    const now = clock.now()
    const version = await store.reads.hosts.version()
    if (version === this.#version && now < this.#readAt + FULL_READING) {
      if (this.#isMoved) this.#know()
      return
    }
    const hosts = await store.reads.hosts.all()
    this.#hosts = new Map(hosts.map((host) => [host.id, host]))
    this.#readAt = now
    const isFirst = this.#version === -1
    if (this.#version !== version) this.#isChanged = true
    this.#version = version
    this.#know()
    const changed = isFirst ? undefined : changedPoints(this.#toldOf, this.#machines)
    if (changed !== undefined && changed.points.length > 0) await this.#wish(changed)
    this.#toldOf = this.#machines
  }

  #know(): void {
    const { side } = this.#deps
    const before = this.#machines
    side.know([...this.#hosts.values()])
    const after = indexMachines<ResourceKey, PointId, Machine>(side.machines())
    this.#isMoved = false
    // They are read every few seconds: who has 100,000 other machines beside them looks at all of those when told of others.
    if (isDeepStrictEqual(after.sorted, before.sorted)) return
    this.#machines = after
    for (const listener of this.#machineListeners) listener()
  }

  /** Where something else stands behind a point than before, its shields are made anew, and a gateway is told of it. */
  async #wish({ machines, points }: ChangedPoints): Promise<void> {
    const { store, clock } = this.#deps
    const guarded = new Set(await store.reads.connections.protectedMachines())
    const ofGuarded = machines.filter(({ key }) => guarded.has(key)).flatMap((machine) => machine.points)
    const gateways = [...this.#hosts.values()].filter(isServedGateway).flatMap((host) => this.#pointOf(host) ?? [])
    const ofGateways = gateways.filter((point) => points.includes(point))
    const due = new Set([...ofGuarded, ...ofGateways, ...(await store.reads.connections.carrying(points))])
    if (due.size === 0) return
    await store.transaction((tx) => tx.wish({ points: [...due].sort(), shape: true, dueAt: clock.now() }))
    for (const listener of this.#wishListeners) listener()
  }

  #changed({ host: id, kind, report, heardAt }: AgentChange): void {
    const host = this.#hosts.get(id)
    if (host === undefined) return
    if (kind !== 'reported') this.#moved(host, kind === 'came' ? undefined : (heardAt ?? this.#deps.clock.now()))
    if (kind === 'came' && isGatewayOfSome(host)) this.#mayTellPlace(host)
    const drift = report === undefined ? [] : this.#deps.side.driftIn(report)
    const point = this.#pointOf(host)
    const cut = report === undefined ? [] : this.#deps.side.cutIn(report).filter((flow) => isOf(host, flow))
    if (cut.length + drift.length === 0 || !this.#mayTell(id)) return
    if (cut.length > 0) this.#recordCut(cut)
    if (drift.length === 0 || point === undefined) return
    recordHostDrift(this.#deps, point, drift)
      .then(() => this.#foreign({ point, ...(drift[0]?.by[0] !== undefined && { by: drift[0].by[0] }) }))
      .catch((cause: unknown) =>
        this.#deps.log.error({ cause, point }, 'what others changed on a host could not be put on record'),
      )
  }

  #pointOf({ key }: Host): PointId | undefined {
    return this.#machines.byKey.get(key)?.points[0]
  }

  #mayTellPlace(host: Host): void {
    const point = this.#pointOf(host)
    if (point === undefined) return
    this.#tellPlace(point).catch((cause: unknown) =>
      this.#deps.log.warn({ cause, point }, 'a gateway could not be told what is behind it'),
    )
  }

  /** Where nothing is protected yet, no pass is due; what is behind it a gateway is told all the same, to say who gets in there. */
  async #tellPlace(point: PointId): Promise<void> {
    const { store, clock } = this.#deps
    const row = await store.reads.point(point)
    if (row?.dueAt !== undefined) return
    await store.transaction((tx) => tx.wish({ points: [point], shape: true, dueAt: clock.now() }))
    for (const listener of this.#wishListeners) listener()
  }

  #recordCut(cut: readonly Flow[]): void {
    const { store, clock, log } = this.#deps
    store
      .transaction(async (tx) => tx.append(await cutEvents(tx, cut, { behind: () => [], now: clock.now() })))
      .catch((cause: unknown) => log.error({ cause }, 'who was cut off on a host could not be put on record'))
  }

  /** As the store will have it a moment later. */
  #moved(host: Host, goneAt: Instant | undefined): void {
    this.#hosts.set(host.id, { ...host, goneAt })
    this.#isMoved = true
    if (goneAt === undefined) for (const listener of this.#wishListeners) listener()
  }
}

function isGatewayOfSome({ kind, behind }: Host): boolean {
  return kind === 'gateway' && behind.length > 0
}

/** One that is away is told when it comes. */
function isServedGateway({ kind, servedBy }: Host): boolean {
  return kind === 'gateway' && servedBy !== undefined
}

/** A host is believed about itself and what is behind it, and about nobody else. */
function isOf({ key, behind }: Host, { machine }: Flow): boolean {
  return machine === key || behind.some(({ id }) => id.toLowerCase() === machine)
}
