/**
 * What is found about each machine, the same for everybody: judged once, and again where something happened. Who asks
 * waits until everything that is on record by then was looked at, and so never sees what was before their own change; it
 * costs what happened since, not how many machines there are.
 *
 * What others change without a word to us, a rule in a cloud or on a host, is found by judging all again now and then:
 * of many machines behind the back of whoever asks, and never longer ago than {@link OLDEST}.
 */
import { isDeepStrictEqual } from 'node:util'
import type { App } from '../app.ts'
import type { Inventory, Machine, PointId } from '../ports/inventory.ts'
import type { PlanTier } from '../ports/role-record.ts'
import type { StoredPolicy } from '../ports/rows.ts'
import type { Store } from '../ports/store.ts'
import { readMachine } from '../../domain/roles/required-actions.ts'
import { partsOf, type ResourceKey } from '../../domain/resource-id.ts'
import { scopeKeyOf, subscriptionOf } from '../../domain/roles/scope.ts'
import { MINUTE, SECOND, type Instant, type Millis } from '../../domain/time.ts'
import { GuardedMachines } from './guarded-machines.ts'
import { inTurns, nextTurn } from '../in-turns.ts'
import { guardedBy, judgeMachine, judgeVanished, type MachinePosture } from './judge-machine.ts'
import { MachineOrders } from './machine-orders.ts'
import type { Kind, Place, PostureRow } from './posture-row.ts'
import { addTo } from './tally-kinds.ts'

/** All machines; where some came or went, the orders are others. What is found about each is always as last judged. */
export interface Judged {
  readonly orders: MachineOrders
  readonly places: readonly Place[]
  find(key: ResourceKey): PostureRow | undefined
  /** Those of which a policy wants to be told who stays connected when access has ended. */
  watched(): ReadonlySet<ResourceKey>
}

export interface PosturesDeps extends Pick<App, 'access' | 'clock'> {
  readonly inventory: Inventory
  readonly store: { readonly reads: Pick<Store['reads'], 'audit' | 'auditHead' | 'policies' | 'policy'> }
  /** How the judging of all rests; real time unless a test owns it. */
  readonly rest?: (millis: Millis) => Promise<unknown>
}

/** So many are judged again whenever somebody asks: it takes no longer than finding out whether they must be. */
const FEW = 1_000
const AGAIN_AFTER: Millis = 30 * SECOND
const OLDEST: Millis = 60 * SECOND
/** So long after somebody asked, whoever asks next finds all judged already. */
const KEPT_FRESH: Millis = 10 * MINUTE
/** After more than that, everything is read anew. */
const MOST_EVENTS = 1_000
const POLICIES_AT_ONCE = 500
/** Machines judged, and machines looked over, before others get their turn. */
const A_TURN = 50
const A_LOOK = 2_000
/** While nobody waits for it, all are judged again in so long, resting so long after each turn. */
const AT_LEISURE: Millis = 20 * SECOND
const A_REST: Millis = 8

/** The same object for a machine as long as it is there; what may change of it is what was judged last. */
type Row = { -readonly [K in keyof PostureRow]: PostureRow[K] } & { readonly place: OwnPlace }
type OwnPlace = Place & { readonly tally: Map<Kind, number> }

export class Postures {
  readonly #deps: PosturesDeps
  readonly #rest: (millis: Millis) => Promise<unknown>
  readonly #rows = new Map<ResourceKey, Row>()
  readonly #places = new Map<string, OwnPlace>()
  readonly #kinds = new Map<string, Kind>()
  readonly #guarded = new GuardedMachines()
  /** To be judged before anybody is answered. */
  readonly #touched = new Set<ResourceKey>()
  #known = new Map<ResourceKey, Machine>()
  #list: readonly Machine[] = []
  #plans: ReadonlyMap<string, PlanTier> = new Map()
  #seq: number | undefined
  #orders = new MachineOrders([])
  /** Not yet in the orders. */
  #came = new Set<Row>()
  /** Still in the orders. */
  #went = new Set<Row>()
  #askedAt: Instant = Number.NEGATIVE_INFINITY
  #judgedAt: Instant | undefined
  /** Something may have changed that no event tells of. */
  #isDoubtful = false
  #judging: Promise<void> | undefined
  /** Somebody waits until all are judged. */
  #isAwaited = false
  #running: Promise<void> = Promise.resolve()
  #next: Promise<void> | undefined

  constructor(deps: PosturesDeps) {
    this.#deps = deps
    this.#rest = deps.rest ?? rest
  }

  async all(): Promise<Judged> {
    await this.#asked()
    return {
      orders: this.#orders,
      places: [...this.#places.values()],
      find: (key) => this.#rows.get(key),
      watched: () => this.#guarded.watched(),
    }
  }

  /** Those of the machines that there are. */
  async of(machines: Iterable<ResourceKey>): Promise<readonly PostureRow[]> {
    await this.#asked()
    return [...machines].flatMap((key) => this.#rows.get(key) ?? [])
  }

  /** Something was done at the point, by this replica: who gets in there may be somebody else. */
  noticed(point: PointId): void {
    for (const { key } of this.#deps.inventory.behind(point)) if (this.#rows.has(key)) this.#touched.add(key)
  }

  /**
   * To be called every few seconds. A page that is open asks when something happens, which may be minutes apart: what was
   * judged longer ago than {@link OLDEST} would have to be waited for.
   */
  async keepFresh(): Promise<void> {
    const age = this.#deps.clock.now() - this.#askedAt
    if (this.#rows.size > FEW && age < KEPT_FRESH) await this.#upToDate()
  }

  #asked(): Promise<void> {
    this.#askedAt = this.#deps.clock.now()
    return this.#upToDate()
  }

  /** Resolves when a look that began after this call is over; whoever asks meanwhile shares the next one. */
  #upToDate(): Promise<void> {
    this.#next ??= this.#running.then(() => {
      this.#next = undefined
      const look = this.#look()
      this.#running = look.catch(() => {}) // told to who waits for it; the next one begins where it stopped
      return look
    })
    return this.#next
  }

  async #look(): Promise<void> {
    await this.#readTrail()
    await this.#readPlans()
    const isReadAnew = await this.#readMachines()
    await this.#judgeTouched()
    await this.#judgeAllNowAndThen(isReadAnew)
    await this.#putInOrder()
  }

  /** What happened since the last look: every transition has an event. */
  async #readTrail(): Promise<void> {
    const { reads } = this.#deps.store
    const { seq } = await reads.auditHead()
    const before = this.#seq
    if (before === undefined || seq > before + MOST_EVENTS) {
      await this.#readPolicies()
      for (const key of this.#rows.keys()) this.#touched.add(key)
    } else if (seq > before) {
      const events = await reads.audit({}, { after: before, limit: seq - before })
      const policies = new Set(
        events.filter(({ action }) => action.startsWith('policy.')).map(({ target }) => keyOf(target)),
      )
      for (const key of policies) this.#take(key, await reads.policy(key))
      for (const { target } of events) this.#touch(target)
    }
    this.#seq = seq
  }

  #touch(target: string): void {
    const key = keyOf(target)
    if (this.#rows.has(key)) this.#touched.add(key)
    else this.noticed(target as PointId) // what is none has nothing behind it
  }

  #take(key: ResourceKey, policy: StoredPolicy | undefined): void {
    const changed = this.#guarded.put(key, policy === undefined ? undefined : guardedBy(policy))
    for (const machine of changed) this.#touched.add(machine)
  }

  async #readPolicies(): Promise<void> {
    const gone = new Set(this.#guarded.policies())
    for (let after: ResourceKey | undefined; ;) {
      const page = { limit: POLICIES_AT_ONCE, ...(after !== undefined && { after }) }
      const policies = await this.#deps.store.reads.policies({}, page)
      for (const policy of policies) {
        gone.delete(policy.key)
        this.#take(policy.key, policy)
      }
      after = policies.at(-1)?.key
      if (policies.length < POLICIES_AT_ONCE) break
    }
    for (const key of gone) this.#take(key, undefined)
  }

  async #readPlans(): Promise<void> {
    const { plans } = await this.#deps.access.now()
    const before = this.#plans
    const changed = [...new Set([...before.keys(), ...plans.keys()])].filter((at) => before.get(at) !== plans.get(at))
    if (changed.length === 0) return
    this.#plans = new Map(plans)
    const places = new Set(changed)
    for (const key of this.#rows.keys()) if (places.has(subscriptionOf(scopeKeyOf(key)) ?? '')) this.#touched.add(key)
  }

  /** Returns whether some were read anew that look as before: who gets in there may be somebody else all the same. */
  async #readMachines(): Promise<boolean> {
    const list = this.#deps.inventory.list()
    if (list === this.#list) return false
    const before = this.#known
    const known = new Map<ResourceKey, Machine>()
    let isReadAnew = false
    await inTurns(list, A_LOOK, (machine) => {
      const was = before.get(machine.key)
      known.set(machine.key, machine)
      before.delete(machine.key)
      if (was === machine) return
      if (was === undefined || !looksAlike(was, machine)) this.#touched.add(machine.key)
      else isReadAnew = true
    })
    for (const gone of before.keys()) this.#touched.add(gone)
    this.#known = known
    this.#list = list
    return isReadAnew
  }

  async #judgeTouched(): Promise<void> {
    const touched = [...this.#touched]
    this.#touched.clear()
    const isFirst = this.#judgedAt === undefined
    this.#judgedAt ??= this.#deps.clock.now()
    try {
      await inTurns(touched, A_TURN, (key) => this.#judge(key))
    } catch (cause) {
      for (const key of touched) this.#touched.add(key)
      if (isFirst) this.#judgedAt = undefined
      throw cause
    }
  }

  async #judgeAllNowAndThen(isReadAnew: boolean): Promise<void> {
    if (this.#rows.size <= FEW) return this.#judgeAll()
    const now = this.#deps.clock.now()
    const age = now - (this.#judgedAt ?? now)
    if (isReadAnew || (age >= AGAIN_AFTER && this.#judging === undefined)) this.#isDoubtful = true
    if (this.#isDoubtful) this.#judging ??= this.#judgeWhileDoubtful().finally(() => (this.#judging = undefined))
    if (age >= OLDEST) await this.#hurry()
    else this.#judging?.catch(() => (this.#isDoubtful = true)) // the next look tries again, and waits for it in the end
  }

  async #hurry(): Promise<void> {
    this.#isAwaited = true
    try {
      await this.#judging
    } finally {
      this.#isAwaited = false
    }
  }

  async #judgeWhileDoubtful(): Promise<void> {
    while (this.#isDoubtful) {
      this.#isDoubtful = false
      await this.#judgeAll()
    }
  }

  async #judgeAll(): Promise<void> {
    const began = this.#deps.clock.now()
    const keys = [...this.#rows.keys()]
    const parts = keys.length / A_TURN
    const rest = Math.min(A_REST, AT_LEISURE / parts)
    const isHurried = (): boolean => this.#isAwaited || keys.length <= FEW
    await inTurns(
      keys,
      A_TURN,
      (key) => this.#judge(key),
      () => (isHurried() ? nextTurn() : this.#rest(rest)),
    )
    this.#judgedAt = began
  }

  #judge(key: ResourceKey): void {
    const found = this.#find(key)
    const row = this.#rows.get(key)
    if (found !== undefined && row?.name === found.name && row.location === found.location) {
      this.#recount(row, this.#kindOf(found))
      // Where nothing changed the old one is kept: the new one is gone before the collector has to carry it further.
      if (!isDeepStrictEqual(row.posture, found.posture)) row.posture = found.posture
      return
    }
    if (row !== undefined) this.#takeOut(row)
    if (found !== undefined) this.#putIn(this.#rowOf(found))
  }

  #recount(row: Row, kind: Kind): void {
    if (row.kind === kind) return
    addTo(row.place.tally, row.kind, -1)
    addTo(row.place.tally, kind, 1)
    row.kind = kind
  }

  #putIn(row: Row): void {
    this.#rows.set(row.key, row)
    this.#came.add(row)
    addTo(row.place.tally, row.kind, 1)
  }

  #takeOut(row: Row): void {
    this.#rows.delete(row.key)
    if (!this.#came.delete(row)) this.#went.add(row)
    addTo(row.place.tally, row.kind, -1)
  }

  async #putInOrder(): Promise<void> {
    const [came, went] = [this.#came, this.#went]
    if (came.size + went.size === 0) return
    this.#came = new Set()
    this.#went = new Set()
    this.#orders = await this.#orders.with(came, went)
  }

  #find(key: ResourceKey): MachinePosture | undefined {
    const machine = this.#deps.inventory.find(key)
    const guarded = this.#guarded.of(key)
    if (machine !== undefined) return judgeMachine(this.#deps, machine, { guarded, plans: this.#plans })
    return guarded === undefined ? undefined : judgeVanished(guarded.id)
  }

  #rowOf(found: MachinePosture): Row {
    const nameKey = found.name.toLowerCase()
    const lastKey = found.key.slice(found.key.lastIndexOf('/') + 1)
    return {
      ...found,
      nameKey,
      groupKey: partsOf(found.id).resourceGroup.toLowerCase(),
      words: nameKey === lastKey ? nameKey : `${nameKey}\n${lastKey}`,
      place: this.#placeOf(found),
      kind: this.#kindOf(found),
    }
  }

  #placeOf({ id, key }: MachinePosture): OwnPlace {
    const scope = key.slice(0, key.lastIndexOf('/'))
    const place = this.#places.get(scope) ?? { scope, need: readMachine(id), tally: new Map<Kind, number>() }
    this.#places.set(scope, place)
    return place
  }

  #kindOf({ os, posture: { category, severity, health, why } }: MachinePosture): Kind {
    const name = `${category} ${severity} ${health} ${why} ${os}`
    const kind = this.#kinds.get(name) ?? { category, severity, health, why, os }
    this.#kinds.set(name, kind)
    return kind
  }
}

/** Nothing waits for it when the server stops. */
function rest(millis: Millis): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, millis).unref())
}

function keyOf(target: string): ResourceKey {
  return target.toLowerCase() as ResourceKey // what is no resource's id is no machine's and no policy's
}

/** Alike in what a machine says of itself; who gets in there, its point says. */
function looksAlike(a: Machine, b: Machine): boolean {
  return (
    a.name === b.name &&
    a.location === b.location &&
    a.os === b.os &&
    a.power === b.power &&
    a.vmId === b.vmId &&
    a.unreachableSince === b.unreachableSince &&
    a.unsupported?.message === b.unsupported?.message
  )
}
