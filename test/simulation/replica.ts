/**
 * One process of the product: the real use cases, passes and loop over the real store, wired as the composition root
 * wires them. Every call to the store and to a driver waits at a gate, and may meet its fate there.
 */
import type { App } from '../../src/app/app.ts'
import { Passes } from '../../src/app/convergence/passes.ts'
import { Postures } from '../../src/app/machines/postures.ts'
import type { Driver, ForeignChange, Plan } from '../../src/app/ports/driver.ts'
import type { PointId } from '../../src/app/ports/inventory.ts'
import type { Reads, Store, Tx } from '../../src/app/ports/store.ts'
import { Reconciler } from '../../src/app/convergence/reconciler.ts'
import { createClock } from '../../src/main/clock.ts'
import { hostDriver } from '../support/host-driver.ts'
import { withFaults } from '../support/with-faults.ts'
import type { Lifetime } from './azure-cloud.ts'
import { HOST_POINT, type Cloud } from './cloud.ts'
import type { Fate, Fates } from './fates.ts'
import type { Random } from './random.ts'
import { never, type Process, type Scheduler } from './scheduler.ts'
import { testClouds } from '../support/clouds.ts'
import { NO_HOSTS } from '../support/hosts.ts'

export interface Surroundings {
  readonly scheduler: Scheduler
  readonly random: Random
  readonly fates: Fates
  readonly cloud: Cloud
  /** The one store of all replicas; another one after it was opened anew. */
  readonly store: () => Store
  readonly onCrash: (replica: Replica) => void
  /** After a transaction: which points were wished for, and what a pass recorded. */
  readonly onCommit: (replica: Replica, facts: Facts) => void
  readonly onEffect: (replica: Replica, point: PointId, effect: () => Promise<void>) => Promise<void>
  readonly onObserve: (replica: Replica, point: PointId) => void
  readonly onTrouble: (what: string) => void
  /** Its process died, but the call was already sent: it arrives later, and nobody hears the answer. */
  readonly onTheWire: (label: string, arrive: () => Promise<unknown>) => void
}

export interface Facts {
  readonly wished: ReadonlySet<PointId>
  readonly records: readonly Parameters<Tx['recordPass']>[0][]
}

export interface Replica extends Process {
  readonly app: App
  readonly passes: Passes
  readonly wakes: Set<(point: PointId) => void>
  readonly healers: Set<(change: ForeignChange) => void>
  start(): Promise<void>
}

const NO_ACCESS = { version: 0, definitions: new Map(), assignments: new Map(), index: new Map(), plans: new Map() }

const GROUPS = 'memory:'
const HOSTS = 'memory-host:'
const VPCS = 'aws:'

/** `notBefore`: the latest instant on record, as the composition root reads it. */
export function makeReplica(name: string, notBefore: number, around: Surroundings): Replica {
  // A host's kernel is reached only from the process that runs on it.
  const prefixes = name.startsWith('a') ? [GROUPS, HOSTS, VPCS] : [GROUPS, VPCS]
  const { scheduler, random, cloud } = around
  const process: Process = { name, alive: true, paused: false }
  const wakes: Replica['wakes'] = new Set()
  const healers: Replica['healers'] = new Set()
  const die = (): Promise<never> => {
    scheduler.kill(process)
    around.onCrash(replica)
    return never()
  }
  const parts = { process, around, die, self: (): Replica => replica }
  const store = gatedStore(parts, wakes)
  const groupDriver = gatedDriver(parts, cloud.groupDriver(lifeOf(process, scheduler)), healers)
  const host = gatedDriver(parts, hostDriver(cloud.hosts), healers)
  const { vpc } = cloud
  const vpcDriver = vpc && gatedDriver(parts, vpc.driverIn(lifeOf(process, scheduler)), healers)
  const driverOf = (point: PointId): Driver | undefined => {
    if (!prefixes.some((prefix) => point.startsWith(prefix))) return undefined
    return point === HOST_POINT ? host : point === vpc?.point ? vpcDriver : groupDriver
  }
  const clock = createClock(notBefore, { wall: () => scheduler.now, steady: () => scheduler.now })
  const log = { error: () => {}, warn: () => {}, info: () => {} }
  const base = { store, inventory: cloud.inventory, driverOf, clock, owner: name, log }
  // A part of a pass is so small here that anything may come between two of them.
  const passes = new Passes({ ...base, atOnce: 1 })
  const reconciler = new Reconciler({
    ...base,
    passes,
    prefixes,
    timer: { sleep: (millis, signal) => sleep(scheduler, millis, signal).catch(() => {}) },
  })
  // Nobody's rights change in a simulation.
  const access: App['access'] = { now: () => Promise.resolve(NO_ACCESS), changed: () => {} }
  const app: App = {
    ...base,
    access,
    uuid: () => random.uuid(),
    passes,
    postures: new Postures({ ...base, access }),
    clouds: testClouds(base),
    hosts: NO_HOSTS,
    installation: { subscriptionId: '', resourceGroup: 'default', location: 'here' },
    settings: { ipv6: 'allowed', answerWithin: 3_000 },
  }
  const replica: Replica = Object.assign(process, {
    app,
    passes,
    wakes,
    healers,
    async start() {
      healers.add((change) => void passes.heal(change).catch(() => {}))
      await store.dueNow(prefixes, clock.now())
      reconciler.start()
    },
  })
  return replica
}

/** A driver's own time: what it waits for ends with its process. */
function lifeOf(process: Process, scheduler: Scheduler): Lifetime {
  return {
    working: (work) => scheduler.working(work),
    sleep: (millis, signal) => {
      scheduler.current = process
      return sleep(scheduler, millis, signal)
    },
  }
}

/** Rejects when the signal aborts. */
function sleep(scheduler: Scheduler, millis: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason instanceof Error ? signal.reason : new Error('woken'))
    if (signal.aborted) return stop()
    const timer = scheduler.after(millis, () => {
      signal.removeEventListener('abort', stop)
      resolve()
    })
    signal.addEventListener(
      'abort',
      () => {
        scheduler.cancel(timer)
        stop()
      },
      { once: true },
    )
  })
}

interface Parts {
  readonly process: Process
  readonly around: Surroundings
  readonly die: () => Promise<never>
  readonly self: () => Replica
}

/** The store said no because it was told to. */
export class StoreFailed extends Error {
  constructor() {
    super('the store does not answer, as scheduled')
  }
}

/** The end of a process inside a transaction: whatever the database then does, nobody hears of it. */
class Killed extends Error {}

function gatedStore({ process, around, die, self }: Parts, wakes: Replica['wakes']): Store {
  const { scheduler, fates, random } = around
  const call = async <T>(
    label: string,
    kind: Parameters<Fates['store']>[0],
    act: (fate: Fate) => Promise<T>,
  ): Promise<T> => {
    await scheduler.gate(process, label)
    const fate = fates.store(kind)
    if (fate !== 'well' && fate !== 'late answer') around.onTrouble(`${process.name}: ${fate} ${label}`)
    if (fate === 'crash before') return die()
    if (fate === 'store fails') throw new StoreFailed()
    const outcome = await settle(scheduler.working(() => act(fate)))
    if (fate === 'crash inside' || fate === 'crash after') return die()
    if (fate === 'late answer') await scheduler.gate(process, `${label} answer`)
    if (!process.alive) return never()
    if (outcome.status === 'rejected') throw outcome.reason
    return outcome.value
  }
  const reads = gatedReads(() => around.store().reads, call)
  return {
    reads,
    transaction: (work) =>
      call('transaction', 'transaction', async (fate) => {
        const facts = { wished: new Set<PointId>(), records: [] as Facts['records'][number][] }
        const last = fate === 'crash inside' ? random.int(4) : Number.POSITIVE_INFINITY
        const value = await around.store().transaction((tx) => work(watchedTx(tx, facts, last)))
        around.onCommit(self(), facts)
        return value
      }),
    claimDue: (lease, limit, prefixes) =>
      call('claimDue', 'claim', () => around.store().claimDue(lease, limit, prefixes)),
    dueNow: (prefixes, now) => call('dueNow', 'claim', () => around.store().dueNow(prefixes, now)),
    onWake(callback) {
      wakes.add(callback)
      return () => wakes.delete(callback)
    },
    close: async () => {},
  }
}

async function settle<T>(promise: Promise<T>): Promise<PromiseSettledResult<T>> {
  const [outcome] = await Promise.allSettled([promise])
  return outcome
}

type ReadCall = <T>(label: string, kind: 'read', act: () => Promise<T>) => Promise<T>

function gatedReads(reads: () => Reads, call: ReadCall): Reads {
  return new Proxy({} as Reads, {
    // Every member of Reads is a function that returns a promise.
    get:
      (_, name) =>
      (...args: unknown[]) => {
        const method = Reflect.get(reads(), name) as (...given: unknown[]) => Promise<unknown>
        return call(`reads.${String(name)}`, 'read', () => method.apply(reads(), args))
      },
  })
}

/** Notes what the transaction does; ends the process at its n-th statement. */
function watchedTx(tx: Tx, facts: { wished: Set<PointId>; records: Facts['records'][number][] }, last: number): Tx {
  let statements = 0
  return new Proxy(tx, {
    get(target, name) {
      const method = Reflect.get(target, name) as (...given: unknown[]) => Promise<unknown> // as every member of Tx
      return async (...args: unknown[]) => {
        if (statements++ >= last) throw new Killed('killed inside a transaction')
        if (name === 'wish') for (const point of (args[0] as Parameters<Tx['wish']>[0]).points) facts.wished.add(point)
        if (name === 'recordPass') facts.records.push(args[0] as Parameters<Tx['recordPass']>[0])
        return method.apply(target, args)
      }
    },
  })
}

function gatedDriver<O, P extends Plan>(
  { process, around, die, self }: Parts,
  driver: Driver<O, P>,
  healers: Replica['healers'],
): Driver {
  const { scheduler, fates, random } = around
  const watched: Driver<O, P> = {
    ...driver,
    observe: async (point, scope, signal) => {
      const seen = await driver.observe(point, scope, signal)
      around.onObserve(self(), point)
      return seen
    },
    apply: (point, plan, signal) => around.onEffect(self(), point, () => driver.apply(point, plan, signal)),
  }
  const faulty = withFaults(watched, {
    next({ operation, point }) {
      const fault = fates.fault(operation)
      if (fault !== undefined) around.onTrouble(`${process.name}: ${fault.kind} ${operation} ${point.slice(-8)}`)
      return fault
    },
    sleep: (millis, signal) => sleep(scheduler, millis, signal),
  })
  const call = async <T>(operation: 'observe' | 'apply', point: PointId, act: () => Promise<T>): Promise<T> => {
    const label = `${operation} ${point.slice(-8)}`
    await scheduler.gate(process, label)
    const fate = fates.driver(operation)
    if (fate.startsWith('crash')) around.onTrouble(`${process.name}: ${fate} ${label}`)
    if (fate === 'crash before') {
      // Many calls make up what is done to a VPC: none is sent before the one before it was answered.
      if (!driver.closesByItself && driver.kind !== 'aws' && random.chance(0.5)) around.onTheWire(label, act)
      return die()
    }
    const acting = settle(act())
    if (fate === 'crash after' || fate === 'crash inside') {
      // What takes long is cut off; what happens at once has happened.
      await Promise.resolve()
      return die()
    }
    const outcome = await acting
    if (fate === 'late answer') await scheduler.gate(process, `${label} answer`)
    if (!process.alive) return never()
    if (outcome.status === 'rejected') throw outcome.reason
    return outcome.value
  }
  const gated: Driver<O, P> = {
    ...faulty,
    observe: (point, scope, signal) => call('observe', point, () => faulty.observe(point, scope, signal)),
    apply: (point, plan, signal) => call('apply', point, () => faulty.apply(point, plan, signal)),
    watch(onChange) {
      healers.add(onChange)
      return () => healers.delete(onChange)
    },
  }
  return gated
}
