/**
 * A whole installation for tests: the real use cases over the real SQLite store and the memory drivers. Time stands
 * still until a test moves it; faults come from the adapter around the driver.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomUUID } from 'node:crypto'
import { Access } from '../../src/app/identity/access.ts'
import type { App } from '../../src/app/app.ts'
import { leaseFor } from '../../src/app/convergence/lease.ts'
import { Passes } from '../../src/app/convergence/passes.ts'
import { Postures } from '../../src/app/machines/postures.ts'
import type { Caller } from '../../src/app/ports/caller.ts'
import type { PointTraits } from '../../src/app/ports/driver.ts'
import type { PointId } from '../../src/app/ports/inventory.ts'
import type { Store } from '../../src/app/ports/store.ts'
import type { StoredAuditEvent } from '../../src/domain/audit/audit.ts'
import { resourceKey } from '../../src/domain/resource-id.ts'
import type { RoleAssignment } from '../../src/domain/roles/role-assignment.ts'
import { parseScope } from '../../src/domain/roles/scope.ts'
import type { Instant, Millis } from '../../src/domain/time.ts'
import { parseFleet } from '../../src/drivers/memory/fleet.ts'
import { fleetInventory } from '../../src/drivers/memory/fleet-inventory.ts'
import { memoryDriver } from '../../src/drivers/memory/memory-driver.ts'
import { POINT_PREFIX, SecurityGroups } from '../../src/drivers/memory/security-groups.ts'
import { withFaults, type Fault } from './with-faults.ts'
import { openSqliteStore } from '../../src/store/open-sqlite.ts'
import { aMachineId, NOON, SUBSCRIPTION, valueOf } from './builders.ts'
import type { Timer } from '../../src/app/convergence/reconciler.ts'
import { testClouds } from './clouds.ts'
import { NO_HOSTS } from './hosts.ts'

export const ALICE: Caller = {
  name: 'alice@example.org',
  address: '203.0.113.7',
  principals: [],
  isBreakGlass: true,
}

export interface TestInstallation {
  readonly app: App
  readonly groups: SecurityGroups
  /** Every fault that the next calls of the driver meet, in order; `undefined` goes well. */
  readonly faults: (Fault | undefined)[]
  readonly logged: string[]
  now(): Instant
  /** Moves the clock and runs, again and again, every pass that is due by then. */
  pass(millis: Millis): Promise<void>
  /** Moves the clock, and runs nothing. */
  tick(millis: Millis): void
  audit(): Promise<StoredAuditEvent[]>
  /** The process dies and another one starts on the same store: nothing in memory is left. */
  restart(): void
  stop(): Promise<void>
}

/** Somebody who holds these roles, and no others. */
export async function callerWith(
  { store, access }: Pick<App, 'store' | 'access'>,
  held: readonly { readonly scope: string; readonly role: string }[],
): Promise<Caller> {
  const principalId = randomUUID()
  for (const { scope, role } of held) {
    const to = { scope: valueOf(parseScope(scope)), role, principalId, principalType: 'User' as const }
    const assignment: RoleAssignment = { ...to, name: randomUUID(), createdAt: NOON, createdBy: '' }
    const version = await store.transaction(async (tx) => {
      const version = await tx.roles.change()
      await tx.roles.insertAssignment(assignment)
      return version
    })
    access.changed(version, { kind: 'assigned', assignment })
  }
  return { name: 'bob', address: '', principals: [principalId], isBreakGlass: false }
}

/** The key of a network security group of the test fleet. */
export function groupPoint(name: string): PointId {
  const id = aMachineId(name, { type: 'Microsoft.Network/networkSecurityGroups' })
  return `${POINT_PREFIX}${resourceKey(id)}` as PointId // as the driver names it
}

type Ground = Pick<App, 'inventory' | 'driverOf'> & Partial<Pick<App, 'hosts' | 'agents'>>

/** `web1` and `web2` behind `nsg1`; `db1` with one NIC behind `nsg1` and one behind `nsg2`. */
export interface Particular {
  /** What is particular about points. */
  readonly traitsOf?: (point: PointId) => PointTraits
  /** What renews leases. */
  readonly timer?: Timer
  /** What a slow fault waits for; for ever unless given. */
  readonly slowness?: () => Promise<void>
  /** Other machines and another driver than those of the test fleet. */
  readonly ground?: (base: Pick<App, 'store' | 'clock' | 'log'>) => Ground
}

export async function startInstallation({
  traitsOf = () => ({}),
  timer,
  slowness,
  ground,
}: Particular = {}): Promise<TestInstallation> {
  const folder = await mkdtemp(join(tmpdir(), `sallyport-app-${process.pid}-`))
  const store = await openSqliteStore(folder)
  let now = NOON
  const clock = { now: () => now }
  const fleet = valueOf(parseFleet(FLEET))
  const groups = new SecurityGroups(fleet.groups)
  const faults: (Fault | undefined)[] = []
  const schedule = {
    next: () => faults.shift(),
    sleep: (_millis: Millis, signal: AbortSignal) =>
      Promise.race([untilAborted(signal), ...(slowness === undefined ? [] : [slowness()])]),
  }
  const driver = { ...withFaults(memoryDriver(fleet, groups), schedule), traitsOf }
  const logged: string[] = []
  const write = (_fields: object, message: string): void => void logged.push(message)
  const log = { error: write, warn: write, info: write }
  const own: Ground = { inventory: fleetInventory(fleet), driverOf: () => driver }
  const base = { store, ...(ground?.({ store, clock, log }) ?? own), clock, owner: 'test', log }
  const ofPasses = timer === undefined ? base : { ...base, timer }
  let passes = new Passes(ofPasses)
  const access = new Access({ store, clock })
  const ofPostures = { ...base, access, rest: () => new Promise(setImmediate) }
  let postures = new Postures(ofPostures)
  passes.onRecorded(({ id }) => postures.noticed(id))
  const app: App = {
    ...base,
    access,
    uuid: randomUUID,
    clouds: testClouds(base),
    passes: { settle: (rows, within) => passes.settle(rows, within) },
    postures: { all: () => postures.all(), of: (machines) => postures.of(machines) },
    hosts: base.hosts ?? NO_HOSTS,
    installation: { subscriptionId: SUBSCRIPTION, resourceGroup: 'default', location: 'local' },
    settings: { ipv6: 'allowed', answerWithin: 200 },
  }
  return {
    app,
    groups,
    faults,
    logged,
    now: () => now,
    pass: async (millis) => {
      now += millis
      await runDue(store, passes, now)
    },
    tick: (millis) => {
      now += millis
    },
    audit: () => store.reads.audit({}, { limit: 1_000 }),
    restart: () => {
      passes = new Passes(ofPasses)
      postures = new Postures(ofPostures)
      passes.onRecorded(({ id }) => postures.noticed(id))
    },
    stop: async () => {
      await passes.stop()
      await store.close()
      await rm(folder, { recursive: true })
    },
  }
}

async function runDue(store: Store, passes: Passes, now: Instant): Promise<void> {
  for (;;) {
    const due = await store.claimDue(leaseFor('test', now), 100, [POINT_PREFIX, 'host:'])
    if (due.length === 0) return
    await Promise.all(due.map((row) => passes.run(row)))
  }
}

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) =>
    signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true }),
  )
}

const nsg = (name: string): object => ({ name, securityRules: [] })

const FLEET = [
  { id: aMachineId('web1'), location: 'local', os: 'Linux', nics: [{ privateIp: '10.0.0.4', nsg: nsg('nsg1') }] },
  { id: aMachineId('web2'), location: 'local', os: 'Linux', nics: [{ privateIp: '10.0.0.5', nsg: nsg('nsg1') }] },
  {
    id: aMachineId('db1'),
    location: 'local',
    os: 'Windows',
    nics: [
      { privateIp: '10.0.0.6', nsg: nsg('nsg1') },
      { privateIp: '10.0.1.6', nsg: nsg('nsg2') },
    ],
  },
]
