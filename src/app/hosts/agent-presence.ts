/**
 * What the record says of who serves which host: agents that come and go are written in batches, for ten thousand of them
 * may come back within seconds. An agent counts as here only when that is on record; whose first report is not newer than
 * the last that was taken is not who it says it is.
 */
import { MINUTE, SECOND, type Instant, type Millis } from '../../domain/time.ts'
import type { Host, HostId } from '../../domain/hosts/host.ts'
import type { App } from '../app.ts'
import { event } from './enrol-host.ts'
import type { HostArrival, HostArrivals, HostDeparture, HostSighting } from '../ports/host-record.ts'
import type { Tx } from '../ports/store.ts'
import type { Timer } from '../convergence/reconciler.ts'

export interface PresenceDeps extends Pick<App, 'store' | 'clock' | 'owner' | 'log'> {
  readonly timer: Timer
  /** When an agent that is connected here was last heard. */
  readonly heardAt: (host: HostId) => Instant | undefined
  /** Told of agents that came to another replica, or whose host was removed. */
  readonly onLost: (host: HostId) => void
}

export interface Arrival extends HostArrival {
  /** Another replica served it until now, as far as anybody knows. */
  readonly isMoving: boolean
}

/** `untrusted`: its certificate is not in force any more. `stale`: its report is not newer than the last that was taken. */
export type Reception = 'here' | 'untrusted' | 'stale'

interface Waiting {
  readonly arrival: Arrival
  readonly done: PromiseWithResolvers<Reception>
}

const MOST_AT_ONCE = 250
const TURN: Millis = SECOND
const WRITE_SEEN_EVERY: Millis = 5 * SECOND
const SAY_ALIVE_EVERY: Millis = 30 * SECOND
/** Of an agent that was not heard for so long, nobody says that it is alive: each is pinged every 20 s, or asks every 25 s. */
const SILENT_AFTER: Millis = 30 * SECOND
/** A replica that says nothing of its agents for so long is dead; one that is silent is given up after 45 s. */
const FORSAKEN_AFTER: Millis = 2 * MINUTE
/** One that comes back sooner was not away, as far as people care. */
const TELL_AFTER: Millis = MINUTE
/** After a start, agents have this long to come back before anybody is told that they are gone. */
const PATIENCE_AT_START: Millis = 2 * MINUTE

export class AgentPresence {
  readonly #deps: PresenceDeps
  readonly #arriving: Waiting[] = []
  /** With when each was last heard. */
  readonly #leaving = new Map<HostId, Instant>()
  readonly #seen = new Map<HostId, HostSighting>()
  /** Agents that are here, with when that is to be said again. */
  readonly #here = new Map<HostId, Instant>()
  readonly #stopping = new AbortController()
  #writing: Promise<void> | undefined
  #loop: Promise<void> = Promise.resolve()

  constructor(deps: PresenceDeps) {
    this.#deps = deps
  }

  start(): void {
    this.#loop = this.#run()
  }

  /** Everybody who is here has left. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#loop
    for (const host of this.#here.keys()) this.left(host)
    while (this.#writing !== undefined) await this.#writing
  }

  /** Resolves when it is on record, or was refused. */
  arrived(arrival: Arrival): Promise<Reception> {
    const done = Promise.withResolvers<Reception>()
    this.#arriving.push({ arrival, done })
    this.#leaving.delete(arrival.host)
    this.#write()
    return done.promise
  }

  saw(sighting: HostSighting): void {
    const before = this.#seen.get(sighting.host)
    this.#seen.set(sighting.host, before?.facts === undefined ? sighting : { facts: before.facts, ...sighting })
  }

  left(host: HostId, heardAt = this.#heardAt(host)): void {
    this.#here.delete(host)
    this.#leaving.set(host, heardAt)
    this.#write()
  }

  #heardAt(host: HostId): Instant {
    const { clock, heardAt } = this.#deps
    return heardAt(host) ?? clock.now()
  }

  /** What comes while a batch is written is the next; who left and could not be put on record waits for the next turn. */
  #write(): void {
    this.#writing ??= this.#writeThose()
  }

  async #writeThose(): Promise<void> {
    const isWritten = await this.#writeBatch()
    this.#writing = undefined
    if (this.#arriving.length > 0 || (isWritten && this.#leaving.size > 0)) this.#write()
  }

  /** Never rejects; false when nothing of it is on record. */
  async #writeBatch(): Promise<boolean> {
    // Those who come in the same instant come together.
    await Promise.resolve()
    const arriving = this.#nextArriving()
    const leaving = [...this.#leaving].slice(0, MOST_AT_ONCE).map(([host, at]) => ({ host, at }))
    for (const { host } of leaving) this.#leaving.delete(host)
    try {
      const receptionOf = await this.#record(
        arriving.map(({ arrival }) => arrival),
        leaving,
      )
      const now = this.#deps.clock.now()
      for (const { arrival, done } of arriving) {
        const reception = receptionOf(arrival)
        if (reception === 'here') this.#here.set(arrival.host, now + SAY_ALIVE_EVERY)
        done.resolve(reception)
      }
      return true
    } catch (cause) {
      for (const { done } of arriving) done.reject(cause)
      const back = new Set(this.#arriving.map(({ arrival }) => arrival.host))
      for (const { host, at } of leaving) if (!back.has(host)) this.#leaving.set(host, at)
      this.#deps.log.warn({ cause }, 'agents that came or went could not be put on record; tried again')
      return false
    }
  }

  /** Of two that come as one host at once, the second is judged after the first. */
  #nextArriving(): Waiting[] {
    const batch = new Map<HostId, Waiting>()
    const later: Waiting[] = []
    for (const waiting of this.#arriving.splice(0)) {
      const { host } = waiting.arrival
      if (batch.size < MOST_AT_ONCE && !batch.has(host)) batch.set(host, waiting)
      else later.push(waiting)
    }
    this.#arriving.push(...later)
    return [...batch.values()]
  }

  async #record(
    arriving: readonly Arrival[],
    leaving: readonly HostDeparture[],
  ): Promise<(arrival: Arrival) => Reception> {
    const { store, clock, owner } = this.#deps
    // The last word of those who leave, before it is nobody's to write.
    const seen = leaving.flatMap(({ host }) => this.#seen.get(host) ?? [])
    const receptionOf = await store.transaction(async (tx) => {
      // Of thousands that come back after a restart, nobody need read anew.
      if (arriving.some(({ facts, isMoving }) => isMoving || facts !== undefined)) await tx.hosts.change()
      const now = clock.now()
      if (seen.length > 0) await tx.hosts.seen(seen, owner)
      if (leaving.length > 0) await tx.hosts.went(leaving, owner)
      if (arriving.length === 0) return receptions(NOBODY_CAME)
      const came = await tx.hosts.came(arriving, owner)
      const hosts = await Promise.all(came.back.map((id) => tx.hosts.byId(id)))
      await tellOf(
        tx,
        'host.connected',
        hosts.filter((host) => host !== undefined),
        now,
      )
      return receptions(came)
    })
    this.#written(seen)
    return receptionOf
  }

  /** Only now: an agent tells of its host again when that changes, and not because nobody wrote it down. */
  #written(seen: readonly HostSighting[]): void {
    for (const sighting of seen) if (this.#seen.get(sighting.host) === sighting) this.#seen.delete(sighting.host)
  }

  async #run(): Promise<void> {
    const { clock, log, timer } = this.#deps
    const { signal } = this.#stopping
    const started = clock.now()
    let flushAt = started + WRITE_SEEN_EVERY
    while (!signal.aborted) {
      await timer.sleep(TURN, signal)
      const now = clock.now()
      if (this.#leaving.size > 0 && !signal.aborted) this.#write()
      try {
        if (now >= flushAt && !signal.aborted) {
          flushAt = now + WRITE_SEEN_EVERY
          await this.#putSeen()
          await this.#tellGone(now, started)
        }
        await this.#sayAlive(now)
      } catch (cause) {
        log.warn({ cause }, 'what agents reported could not be put on record; tried again')
      }
    }
  }

  async #putSeen(): Promise<void> {
    const seen = [...this.#seen.values()]
    if (seen.length === 0) return
    await this.#deps.store.transaction(async (tx) => {
      if (seen.some(({ facts }) => facts !== undefined)) await tx.hosts.change()
      await tx.hosts.seen(seen, this.#deps.owner)
    })
    this.#written(seen)
  }

  async #sayAlive(now: Instant): Promise<void> {
    const due = [...this.#here].flatMap(([host, at]) => (at <= now ? [host] : [])).slice(0, MOST_AT_ONCE * 4)
    const heard = due.map((host) => ({ host, at: this.#heardAt(host) })).filter(({ at }) => at > now - SILENT_AFTER)
    for (const host of due) this.#here.set(host, now + WRITE_SEEN_EVERY)
    if (heard.length === 0) return
    for (const { host } of heard) this.#here.set(host, now + SAY_ALIVE_EVERY)
    const { store, owner, onLost } = this.#deps
    const hosts = heard.map(({ host }) => host)
    // One statement for all of them: what is on record is true of each, and for most a little less than is known.
    const since = Math.min(...heard.map(({ at }) => at))
    const lost = await store.transaction((tx) => tx.hosts.alive(hosts, owner, since))
    for (const host of lost) {
      this.#here.delete(host)
      onLost(host)
    }
  }

  async #tellGone(now: Instant, started: Instant): Promise<void> {
    if (now < started + PATIENCE_AT_START) return
    await this.#deps.store.transaction(async (tx) => {
      await tx.hosts.forsaken(now - FORSAKEN_AFTER)
      const gone = await tx.hosts.tellGone(now - TELL_AFTER)
      await tellOf(tx, 'host.unreachable', gone, now)
    })
  }
}

const NOBODY_CAME: HostArrivals = { untrusted: [], stale: [], back: [] }

function receptions({ untrusted, stale }: HostArrivals): (arrival: Arrival) => Reception {
  const refused = new Map([
    ...untrusted.map((host) => [host, 'untrusted'] as const),
    ...stale.map((host) => [host, 'stale'] as const),
  ])
  return ({ host }) => refused.get(host) ?? 'here'
}

async function tellOf(
  tx: Tx,
  action: 'host.connected' | 'host.unreachable',
  hosts: readonly Host[],
  now: Instant,
): Promise<void> {
  if (hosts.length > 0) await tx.append(hosts.map((host) => event(host, { action, now, address: '' })))
}
