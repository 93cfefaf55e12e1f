/**
 * One life of an installation, from a seed: people ask and close, policies change, strangers meddle, processes die and
 * pause, time jumps, drivers and the store fail. Then the trouble ends, everything must settle, all is disabled, and
 * the ground must be exactly as it was before.
 */
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { closeAccess } from '../../src/app/requests/close-access.ts'
import { extendAccess } from '../../src/app/requests/extend-access.ts'
import { configurePolicy } from '../../src/app/policies/configure-policy.ts'
import { policyId } from '../../src/app/policies/judge-policy.ts'
import type { PointId } from '../../src/app/ports/inventory.ts'
import type { StoredPolicy } from '../../src/app/ports/rows.ts'
import type { Store } from '../../src/app/ports/store.ts'
import { removePolicy } from '../../src/app/policies/remove-policy.ts'
import { requestAccess } from '../../src/app/requests/request-access.ts'
import { shieldsOf } from '../../src/app/convergence/shields.ts'
import { desired } from '../../src/domain/access/desired.ts'
import { isWanted, type RequestId } from '../../src/domain/access/grant.ts'
import { resourceKey, type ResourceId } from '../../src/domain/resource-id.ts'
import { MINUTE, SECOND, type Millis } from '../../src/domain/time.ts'
import { hostDriver } from '../support/host-driver.ts'
import { openSqliteStore } from '../../src/store/open-sqlite.ts'
import { verifyAudit } from '../../src/store/verify-audit.ts'
import { NOON, policyMachines, SUBSCRIPTION, valueOf } from '../support/builders.ts'
import type { Lifetime } from './azure-cloud.ts'
import { buildCloud, disturb, HOST_POINT, pointsOf, type Cloud, type Where } from './cloud.ts'
import { chooseFates, type Fates } from './fates.ts'
import { Invariants, Violation } from './invariants.ts'
import { Ledger } from './ledger.ts'
import { Random } from './random.ts'
import { makeReplica, StoreFailed, type Facts, type Replica, type Surroundings } from './replica.ts'
import { Scheduler, type Process } from './scheduler.ts'
import type { VpcCloud } from './vpc-cloud.ts'

export interface Outcome {
  readonly seed: number
  /** What happened, one line each; equal for equal seeds. */
  readonly trace: readonly string[]
  readonly failure?: string
  /** Grants that were open at some time: a simulation in which nothing opens proves nothing. */
  readonly opened: number
}

export interface Ground {
  /** A folder with an empty store in it, copied for every life. */
  readonly template: string
  /** Where the copies live: memory, where there is some. */
  readonly parent: string
  /** Where the security groups are; in memory when nothing is said. */
  readonly where?: Where
}

const CALLER = { name: 'ada@example.org', address: '203.0.113.7', principals: [], isBreakGlass: true }
const CHOICES = 320
const POLICIES = ['default', 'second'] as const
/** Longer than a security group's heartbeat, which finds what nobody told us of. */
const QUIET: Millis = 11 * MINUTE

export async function runSeed(seed: number, ground: Ground): Promise<Outcome> {
  const life = new Life(seed, ground)
  const undo = life.scheduler.takeOverTimers()
  try {
    await life.live()
    return { seed, trace: life.trace, opened: life.opened }
  } catch (cause) {
    const failure = cause instanceof Violation ? cause.message : inspect(cause)
    return { seed, trace: life.trace, failure, opened: life.opened }
  } finally {
    undo()
    await life.end()
  }
}

class Life {
  readonly trace: string[] = []
  readonly scheduler: Scheduler
  readonly #random: Random
  readonly #fates: Fates
  readonly #cloud: Cloud
  readonly #ground: Ground
  readonly #world: Process = { name: 'world', alive: true, paused: false }
  readonly #acknowledged = new Set<string>()
  readonly #replicas: Replica[] = []
  readonly #wakes: { replica: Replica; point: PointId }[] = []
  readonly #versions = new Map<PointId, number>()
  readonly #seen = new Map<string, number>()
  readonly #folders: string[] = []
  #store: Store | undefined
  #ledger: Ledger | undefined
  #invariants: Invariants | undefined
  #violation: Error | undefined
  #born = 0
  /** A supervisor that starts the process again at once. */
  #restartSoon = false

  constructor(seed: number, ground: Ground) {
    this.#random = new Random(seed)
    this.#ground = ground
    this.scheduler = new Scheduler(NOON, this.#world)
    this.#fates = chooseFates(this.#random)
    this.#cloud = buildCloud(this.#random, () => this.scheduler.now, ground.where ?? 'memory')
    if (this.#cloud.vpc !== undefined) this.#watchVpc(this.#cloud.vpc)
  }

  #watchVpc(vpc: VpcCloud): void {
    vpc.watch(() => this.#guard(() => this.#checks.neighbourKept(vpc)))
    const onMishap = (what: string): void => {
      this.#note(what)
      this.#trouble()
    }
    vpc.trouble(() => this.#fates.trouble, onMishap)
  }

  async live(): Promise<void> {
    await this.#openStore(this.#ground.template)
    this.#invariants = new Invariants(this.#cloud, this.#theLedger)
    const trouble = this.#fates
    const replicas = this.#random.chance(0.4) ? 2 : 1
    trouble.trouble = this.#random.chance(0.5)
    for (let index = 0; index < replicas; index += 1) await this.#startReplica(index)
    await this.#configure()
    if (!trouble.trouble) await this.#calm(SECOND)
    trouble.trouble = true
    for (let choice = 0; choice < CHOICES; choice += 1) await this.#step()
    await this.#settle()
    await this.#disableAll()
  }

  get opened(): number {
    return this.#invariants?.grants.filter(({ openedAt }) => openedAt !== undefined).length ?? 0
  }

  async end(): Promise<void> {
    for (const replica of this.#replicas) this.scheduler.kill(replica)
    this.#ledger?.close()
    await this.#store?.close()
    for (const folder of this.#folders) rmSync(folder, { recursive: true, force: true })
  }

  // ── Choosing what happens ──────────────────────────────────────────────────────────────────────────────────────

  async #step(): Promise<void> {
    if (this.#restartSoon) await this.#restartAll()
    for (const replica of this.#replicas) if (replica.paused && this.#random.chance(0.06)) await this.#pause(replica)
    const waiting = this.scheduler.waiting()
    const roll = this.#random.next()
    if (roll < (waiting.length > 0 ? 0.2 : 0.6)) await this.#act()
    else if (roll < 0.93 && waiting.length > 0) await this.#open()
    else await this.#passTime(waiting.length > 0 ? this.#random.int(2_000) : undefined)
    this.#afterStep()
  }

  #afterStep(): void {
    if (this.#violation !== undefined) throw this.#violation
    if (!this.#replicas.some(({ alive, paused }) => alive && !paused)) this.#checks.disturbed(this.scheduler.now)
    this.#checks.standing(this.scheduler.now)
  }

  async #open(): Promise<void> {
    const gate = this.#random.pick(this.scheduler.waiting())
    this.#note(`${gate.process.name} ${gate.label}`)
    await this.scheduler.open(gate)
    await this.#deliverWakes()
  }

  async #passTime(millis: Millis | undefined): Promise<void> {
    const next = this.scheduler.nextTimer() ?? this.scheduler.now + MINUTE
    const to = millis === undefined ? Math.min(next, this.scheduler.now + MINUTE) : this.scheduler.now + millis
    this.#note(`time passes, ${to - this.scheduler.now} ms`)
    await this.scheduler.advance(to)
  }

  async #act(): Promise<void> {
    const act = this.#random.pick(ACTS)
    switch (act) {
      case 'request':
        return this.#request()
      case 'close':
        return this.#close()
      case 'extend':
        return this.#extend()
      case 'configure':
        return this.#configure()
      case 'remove':
        return this.#remove(this.#random.pick(POLICIES))
      case 'disturb':
        return this.#disturb()
      case 'crash':
        return this.#crash()
      case 'pause':
        return this.#pause(this.#random.pick(this.#replicas))
      case 'restart':
        return this.#restartAll()
      case 'jump':
        return this.#jump()
    }
  }

  // ── People ─────────────────────────────────────────────────────────────────────────────────────────────────────

  async #request(): Promise<void> {
    const policy = this.#somePolicy()
    const machines = [...new Set([this.#random.pick(policy.machines), this.#random.pick(policy.machines)])]
    const number = this.#random.pick([22, 22, 22, 3389])
    const duration = this.#random.pick(['PT1S', 'PT5S', 'PT30S', 'PT1M', 'PT5M', 'PT1H'])
    const sources = this.#random.pick([['203.0.113.7'], ['203.0.113.7'], ['203.0.113.0/24', '192.0.2.1'], ['*']])
    const port = { number, duration, allowedSourceAddressPrefixes: sources }
    const body = { virtualMachines: machines.map((id) => ({ id, ports: [port] })) }
    const id = idOf(policy.name)
    await this.#call(
      `request ${number} of ${machines.length} for ${duration} to ${sources.join()}`,
      async ({ app }) => {
        const asked = await requestAccess(app, { policy: resourceKey(id), policyId: id, body, caller: CALLER })
        if (asked.ok) this.#acknowledged.add(asked.value.id)
        return asked.ok ? asked.value.id : `refused: ${asked.refusals.map(({ code }) => code).join()}`
      },
    )
  }

  /** One that is there, most often; a request outside of every policy is refused and proves little. */
  #somePolicy(): { name: string; machines: readonly string[] } {
    const policies = this.#theLedger.policies().filter(({ machines }) => machines.length > 0)
    if (policies.length === 0 || this.#random.chance(0.1))
      return { name: this.#random.pick(POLICIES), machines: this.#cloud.machines }
    const { name, machines } = this.#random.pick(policies)
    return { name, machines: machines.map(({ id }) => id) }
  }

  async #close(): Promise<void> {
    const requests = [...new Set(this.#checks.grants.map(({ request }) => request))]
    if (requests.length === 0) return
    const request: RequestId = this.#random.pick(requests)
    await this.#call(`close ${request}`, async ({ app }) => (await closeAccess(app, { request, caller: CALLER })).ok)
  }

  /** Also of what is over by then, and to an end that is none: the answer may be a refusal, never a wrong end. */
  async #extend(): Promise<void> {
    const requests = [...new Set(this.#checks.grants.map(({ request }) => request))]
    if (requests.length === 0) return
    const request: RequestId = this.#random.pick(this.#random.chance(0.5) ? requests.slice(-3) : requests)
    const asked = { duration: this.#random.pick(['PT5S', 'PT1M', 'PT5M', 'PT1H', 'PT2H']) }
    await this.#call(`extend ${request} by ${asked.duration}`, async ({ app }) => {
      const extended = await extendAccess(app, { request, asked, caller: CALLER })
      if (!extended.ok) return `refused: ${extended.refusals.map(({ code }) => code).join()}`
      for (const { grant, until } of extended.value.grants) this.#checks.promised(grant, until)
      return 'extended'
    })
  }

  async #configure(): Promise<void> {
    const name = this.#random.pick(POLICIES)
    const machines = this.#cloud.machines.filter(() => this.#random.chance(0.8))
    const ports = [
      { port: 22, protocol: this.#random.pick(['TCP', '*'] as const), max: 'PT1H' },
      ...(this.#random.chance(0.5) ? [{ port: 3389, max: 'PT1H' }] : []),
    ]
    const address = addressOf(name)
    await this.#call(`configure ${name} for ${machines.length} machines, ${ports.length} ports`, async ({ app }) => {
      const input = {
        address,
        kind: 'Basic',
        machines: policyMachines({ machines, ports }),
        caller: CALLER,
        force: false,
      }
      return (await configurePolicy(app, input)).ok
    })
  }

  async #remove(name: (typeof POLICIES)[number]): Promise<void> {
    const policy = resourceKey(idOf(name))
    await this.#call(`remove ${name}`, ({ app }) => removePolicy(app, { policy, caller: CALLER }))
  }

  /** A call that nobody answers any more is forgotten; one that is refused or fails was heard. */
  async #call(what: string, call: (replica: Replica) => Promise<unknown>): Promise<void> {
    const living = this.#replicas.filter(({ alive, paused }) => alive && !paused)
    if (living.length === 0) return
    const replica = this.#random.pick(living)
    this.#note(`somebody → ${replica.name}: ${what}`)
    await this.scheduler.run(replica, () => {
      call(replica).then(
        (answer) => this.#note(`${replica.name} → somebody: ${String(answer)}`),
        (cause: unknown) => {
          if (!(cause instanceof StoreFailed)) this.#violation ??= new Error(`a call failed: ${what}`, { cause })
          this.#note(`${replica.name} → somebody: ${cause instanceof Error ? cause.message : 'error'}`)
        },
      )
    })
  }

  // ── Trouble ────────────────────────────────────────────────────────────────────────────────────────────────────

  async #disturb(): Promise<void> {
    const { point, what } = disturb(this.#cloud, this.#random)
    const told = this.#random.chance(0.5)
    this.#note(`a stranger: ${what} at ${point.slice(-8)}${told ? '' : ', unseen'}`)
    this.#touch(point)
    this.#checks.disturbed(this.scheduler.now + (told ? 0 : QUIET))
    if (!told) return
    for (const replica of this.#replicas) {
      if (!replica.alive || replica.paused) continue
      await this.scheduler.run(replica, () => {
        for (const heal of replica.healers) heal({ point, by: 'a stranger' })
      })
    }
  }

  async #crash(): Promise<void> {
    const living = this.#replicas.filter(({ alive }) => alive)
    if (living.length === 0) return
    const victim = this.#random.pick(living)
    this.#note(`${victim.name} is killed`)
    this.scheduler.kill(victim)
    this.#trouble()
  }

  /** A stopped process, a long collection, a suspended machine: it goes on later as if nothing had been. */
  async #pause(replica: Replica): Promise<void> {
    replica.paused = !replica.paused
    this.#note(`${replica.name} ${replica.paused ? 'is paused' : 'goes on'}`)
    this.#trouble()
    await this.scheduler.advance(this.scheduler.now)
  }

  async #jump(): Promise<void> {
    const millis = this.#random.pick([10 * SECOND, 2 * MINUTE, 30 * MINUTE])
    this.#note(`the clock jumps ${millis} ms`)
    await this.scheduler.advance(this.scheduler.now + millis)
    this.#trouble()
  }

  async #restartAll(): Promise<void> {
    this.#restartSoon = false
    const dead = [...this.#replicas.entries()].filter(([, { alive }]) => !alive)
    if (dead.length === 0) return
    if (dead.length === this.#replicas.length && this.#random.chance(0.5)) await this.#reopen()
    for (const [index] of dead) await this.#startReplica(index)
    this.#trouble()
  }

  /** What is on disk is all that a killed process leaves. */
  async #reopen(): Promise<void> {
    this.#note('the store is opened again from what is on disk')
    const before = this.#store
    const left = this.#folders.at(-1) ?? ''
    this.#ledger?.close()
    await this.#openStore(left)
    await before?.close()
    this.#checks.reopened(this.#theLedger, this.#acknowledged)
  }

  #trouble(): void {
    this.#checks.disturbed(this.scheduler.now)
  }

  // ── The end ────────────────────────────────────────────────────────────────────────────────────────────────────

  /** No trouble any more, everybody alive: runs until this much time has passed and nobody waits. */
  async #calm(millis: Millis): Promise<void> {
    this.#fates.trouble = false
    for (const replica of this.#replicas) replica.paused = false
    await this.scheduler.advance(this.scheduler.now)
    await this.#restartAll()
    const until = this.scheduler.now + millis
    for (let step = 0; this.scheduler.now < until || this.scheduler.waiting().length > 0; step += 1) {
      if (step > 20_000) throw new Violation(2, 'it never comes to rest')
      if (this.scheduler.waiting().length > 0) await this.#open()
      else await this.#passTime(undefined)
      this.#afterStep()
    }
  }

  async #settle(): Promise<void> {
    this.#note('calm')
    await this.#calm(QUIET)
    this.#checks.settled(this.scheduler.now)
    for (const point of pointsOf(this.#cloud)) await this.#converged(point)
  }

  /** Invariant 2: planning once more, from what is committed and what is there, finds nothing to do. */
  async #converged(point: PointId): Promise<void> {
    const now = this.scheduler.now
    // Only these members are looked at.
    const shields = shieldsOf(this.#theLedger.policies() as StoredPolicy[], this.#cloud.inventory, point)
    const openings = this.#checks.grants.filter(
      (grant) => isWanted(grant, now) && this.#cloud.inventory.find(resourceKey(grant.machine))?.points.includes(point),
    )
    const journal = this.#theLedger
      .journal()
      .filter((row) => row.point_id === point)
      .map((row) => ({ key: row.entry_key, value: row.value }))
    const input = { desired: desired(shields, openings, now), scope: 'all', journal, now } as const
    const signal = new AbortController().signal
    const life: Lifetime = { working: (work) => this.scheduler.working(work), sleep: () => Promise.resolve() }
    const { vpc, hosts: there } = this.#cloud
    const hosts = hostDriver(there)
    const others = point === vpc?.point ? vpc.driverIn(life) : this.#cloud.groupDriver(life)
    const plan =
      point === HOST_POINT
        ? hosts.plan({ ...input, observed: await hosts.observe(point, 'all', signal) })
        : others.plan({ ...input, observed: await others.observe(point, 'all', signal) })
    if (plan.steps.length > 0)
      throw new Violation(2, `${point} still needs: ${plan.steps.map(({ text }) => text).join('; ')}`)
  }

  async #disableAll(): Promise<void> {
    for (const name of POLICIES) await this.#remove(name)
    await this.#calm(QUIET)
    this.#checks.settled(this.scheduler.now)
    this.#checks.asBefore(this.scheduler.now)
    const verdict = await verifyAudit(this.#theStore.reads)
    if (!verdict.intact) throw new Violation(7, verdict.problem)
  }

  // ── Processes and the store ────────────────────────────────────────────────────────────────────────────────────

  async #startReplica(index: number): Promise<void> {
    this.#born += 1
    const name = `${'ab'[index] ?? 'c'}${this.#born}`
    const replica = makeReplica(name, await this.#theStore.reads.latestInstant(), this.#surroundings())
    this.#replicas[index] = replica
    this.#note(`${name} starts`)
    await this.scheduler.run(replica, () => {
      replica.start().catch((cause: unknown) => this.#startFailed(replica, cause))
    })
  }

  /** A server that cannot start exits; somebody starts it again. */
  #startFailed(replica: Replica, cause: unknown): void {
    this.#note(`${replica.name} cannot start: ${cause instanceof Error ? cause.message : 'error'}`)
    this.scheduler.kill(replica)
  }

  #surroundings(): Surroundings {
    return {
      scheduler: this.scheduler,
      random: this.#random,
      fates: this.#fates,
      cloud: this.#cloud,
      store: () => this.#theStore,
      onCrash: () => {
        this.#restartSoon = this.#random.chance(0.5)
        this.#trouble()
      },
      onTrouble: (what) => {
        this.#note(what)
        this.#trouble()
      },
      onTheWire: (label, arrive) => this.#sendLate(label, arrive),
      onCommit: (replica, facts) => this.#guard(() => this.#committed(replica, facts)),
      onObserve: (replica, point) => void this.#seen.set(`${replica.name} ${point}`, this.#versions.get(point) ?? 0),
      onEffect: (_, point, effect) => this.#effect(point, effect),
    }
  }

  #sendLate(label: string, arrive: () => Promise<unknown>): void {
    const owner = this.scheduler.current
    this.scheduler.current = this.#world
    this.scheduler.after(this.#random.pick([10, 500, 3_000]), () => {
      this.#note(`arrives late: ${label}`)
      this.#trouble()
      arrive().catch(() => {})
    })
    this.scheduler.current = owner
  }

  #committed(replica: Replica, { wished, records }: Facts): void {
    for (const transition of this.#checks.committed()) this.#note(transition)
    for (const { point, sightings } of records) {
      const untouched = this.#seen.get(`${replica.name} ${point}`) === (this.#versions.get(point) ?? 0)
      if (untouched) this.#checks.recorded(point, sightings, this.scheduler.now)
    }
    for (const other of this.#replicas) {
      if (other === replica || !other.alive) continue
      for (const point of wished) if (this.#random.chance(0.8)) this.#wakes.push({ replica: other, point })
    }
  }

  async #deliverWakes(): Promise<void> {
    for (const { replica, point } of this.#wakes.splice(0)) {
      if (!replica.alive || replica.paused) continue
      await this.scheduler.run(replica, () => {
        for (const wake of replica.wakes) wake(point)
      })
    }
  }

  async #effect(point: PointId, effect: () => Promise<void>): Promise<void> {
    const { groups, hosts, vpc } = this.#cloud
    const before = { rules: groups.get(point)?.rules ?? [], host: hosts.look(HOST_POINT), vpc: vpc?.opened() ?? [] }
    try {
      await effect()
    } finally {
      this.#touch(point)
      this.#guard(() => {
        if (point === HOST_POINT) this.#checks.hostChanged(before.host, hosts.look(HOST_POINT), this.scheduler.now)
        else if (point === vpc?.point) this.#checks.vpcChanged(vpc, before.vpc, this.scheduler.now)
        else this.#checks.groupChanged(point, before.rules, groups.get(point)?.rules ?? [], this.scheduler.now)
      })
    }
  }

  #touch(point: PointId): void {
    this.#versions.set(point, (this.#versions.get(point) ?? 0) + 1)
  }

  /** The program under test must not catch what the simulation found. */
  #guard(check: () => void): void {
    try {
      check()
    } catch (cause) {
      this.#violation ??= cause instanceof Error ? cause : new Error(String(cause))
    }
  }

  async #openStore(from: string): Promise<void> {
    const folder = mkdtempSync(join(this.#ground.parent, 'life-'))
    this.#folders.push(folder)
    cpSync(from, folder, { recursive: true, filter: (path) => !/\/(lock(\.json)?|.*-shm)$/.test(path) })
    this.#store = await openSqliteStore(folder)
    this.#ledger = new Ledger(folder)
  }

  get #theStore(): Store {
    if (this.#store === undefined) throw new Error('the store is not open')
    return this.#store
  }

  get #theLedger(): Ledger {
    if (this.#ledger === undefined) throw new Error('the store is not open')
    return this.#ledger
  }

  get #checks(): Invariants {
    if (this.#invariants === undefined) throw new Error('life has not begun')
    return this.#invariants
  }

  #note(text: string): void {
    this.trace.push(`${String(this.scheduler.now - NOON).padStart(8)} ${text}`)
  }
}

function addressOf(name: string): Parameters<typeof policyId>[0] {
  return { subscriptionId: SUBSCRIPTION, resourceGroup: 'default', location: 'here', name }
}

function idOf(name: string): ResourceId {
  return valueOf(policyId(addressOf(name)))
}

/** As often as they stand here. */
const ACTS = [
  ...Array<'request'>(14).fill('request'),
  ...Array<'close'>(4).fill('close'),
  ...Array<'extend'>(4).fill('extend'),
  ...Array<'configure'>(3).fill('configure'),
  'remove',
  ...Array<'disturb'>(5).fill('disturb'),
  'crash',
  'pause',
  'pause',
  'restart',
  'restart',
  'restart',
  'jump',
] as const
