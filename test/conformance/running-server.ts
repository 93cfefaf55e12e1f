/**
 * The real server over the real use cases, the real SQLite store and simulated network security groups, listening on a
 * port of its own. Time stands still until a test moves it.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { Registry } from 'prom-client'
import { Access } from '../../src/app/identity/access.ts'
import type { App } from '../../src/app/app.ts'
import { leaseFor } from '../../src/app/convergence/lease.ts'
import type { CloudsDeps } from '../../src/app/clouds/clouds.ts'
import { liveInventory } from '../../src/app/machines/live-inventory.ts'
import { Passes } from '../../src/app/convergence/passes.ts'
import { Postures } from '../../src/app/machines/postures.ts'
import type { CallerPlace } from '../../src/app/ports/caller.ts'
import type { Driver } from '../../src/app/ports/driver.ts'
import type { PointId } from '../../src/app/ports/inventory.ts'
import type { Store } from '../../src/app/ports/store.ts'
import { ok, refusal, refused, type Refusal } from '../../src/domain/refusal.ts'
import { parseSecurityRule } from '../../src/domain/security-groups/security-rule.ts'
import { fleetExposures } from '../../src/drivers/memory/fleet-exposures.ts'
import { fleetInventory } from '../../src/drivers/memory/fleet-inventory.ts'
import { parseFleet, type Fleet } from '../../src/drivers/memory/fleet.ts'
import { memoryDriver, type GroupPlan, type ObservedGroup } from '../../src/drivers/memory/memory-driver.ts'
import { findSecurityGroup, listSecurityGroups } from '../../src/drivers/memory/security-group-wire.ts'
import { POINT_PREFIX, pointOfGroup, SecurityGroups } from '../../src/drivers/memory/security-groups.ts'
import { withFaults } from '../support/with-faults.ts'
import { createServer } from '../../src/server/create-server.ts'
import type { ServerDeps } from '../../src/server/deps.ts'
import { openSqliteStore } from '../../src/store/open-sqlite.ts'
import { verifyTrail } from '../../src/store/verify-audit.ts'
import { testClouds } from '../support/clouds.ts'
import { NO_HOSTS } from '../support/hosts.ts'
import type { Reply as PlainReply } from '../support/reply.ts'

export const SUBSCRIPTION = '20ff7fc3-e762-44dd-bd96-b71116dcdc23'
export const OTHER_SUBSCRIPTION = '31ff7fc3-e762-44dd-bd96-b71116dcdc24'
const TENANT = '42ff7fc3-e762-44dd-bd96-b71116dcdc25'
export const TOKEN = 'test-token'
export const START = Date.parse('2026-03-01T12:00:00.123Z')
const OWNER = 'replica-1'

export interface Reply extends PlainReply {
  readonly headers: Headers
  readonly text: string
}

export interface RunningServer {
  readonly url: string
  readonly app: App
  readonly driver: TestDriver
  readonly logged: { readonly level: string; readonly fields: object; readonly message: string }[]
  /** `GET /path` of every route that the router has. */
  readonly routes: readonly string[]
  call(method: string, path: string, init?: CallInit): Promise<Reply>
  /** Somebody else adds a rule to a security group of a machine. */
  addRule(group: string, rule: object): void
  /** Moves the clock and runs every pass that is then due. */
  pass(millis: number): Promise<void>
  stop(): Promise<void>
}

interface TestDriver extends GroupDriver {
  /** From now on nothing is applied until the returned function is called. */
  holdUp(): () => void
  letGo(): void
  /** The ports that the security group lets somebody in to, one for each rule. */
  holesAt(point: PointId): readonly { readonly port: number }[]
}

type GroupDriver = Driver<ObservedGroup, GroupPlan>

export interface CallInit {
  readonly body?: unknown
  readonly raw?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly token?: string | undefined
}

interface Differently extends Partial<ServerDeps> {
  readonly settings?: Partial<App['settings']>
  /** Instead of a SQLite store of its own; closed with the server. */
  readonly store?: Store
  /** More machines, without a security group. */
  readonly bare?: readonly string[]
  /** Clouds that can be reached. */
  readonly clouds?: Pick<CloudsDeps, 'loadSide'>
}

export async function startServer({
  settings,
  bare,
  store: given,
  clouds: reachable,
  ...deps
}: Differently = {}): Promise<RunningServer> {
  const folder = await mkdtemp(join(tmpdir(), `sallyport-conformance-${process.pid}-`))
  const store = given ?? (await openSqliteStore(folder))
  const logged: RunningServer['logged'] = []
  let now = START
  const clock = { now: () => now }
  const fleet = fleetOf(bare ?? [])
  const groups = new SecurityGroups(fleet.groups)
  const driver = testDriver(memoryDriver(fleet, groups), groups)
  const driverOf = () => driver
  const log = loggerInto(logged)
  const clouds = testClouds({ store, clock, log, ...reachable })
  const inventory = liveInventory({ ...fleetInventory(fleet), exposuresOf: fleetExposures(fleet, groups) }, clouds)
  const passes = new Passes({ store, inventory, clock, driverOf, owner: OWNER, log })
  const access = new Access({ store, clock })
  const postures = new Postures({ store, inventory, access, clock })
  passes.onRecorded(({ id }) => postures.noticed(id))
  const app: App = {
    store,
    inventory,
    driverOf,
    clock,
    access,
    uuid: () => crypto.randomUUID(),
    passes,
    postures,
    clouds,
    owner: OWNER,
    hosts: NO_HOSTS,
    installation: { subscriptionId: SUBSCRIPTION, resourceGroup: 'default', location: 'local' },
    settings: { ipv6: 'allowed', answerWithin: 300, ...settings },
    log,
  }
  const server = createServer({
    app,
    version: '0.0.0-test',
    tenant: TENANT,
    authenticate: async (token) =>
      token === TOKEN
        ? ok({ name: 'ada@example.org', principals: [], isBreakGlass: true })
        : refused(refusal('AuthenticationFailed', 'Authentication failed.')),
    doctor: async () => [{ name: 'kernel', status: 'ok', text: 'fine' }],
    unready: async () => undefined,
    verifyTrail: () => verifyTrail(store.reads, { isSigned: () => undefined, outside: async function* () {} }),
    metrics: new Registry(),
    nsgs: {
      find: (key) => findSecurityGroup(groups, key),
      list: (within) => listSecurityGroups(groups, within),
    },
    ...deps,
  })
  await server.listen({ host: '127.0.0.1', port: 0 })
  const { port } = server.server.address() as AddressInfo // it listens on TCP
  const url = `${deps.tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`
  return {
    url,
    app,
    driver,
    logged,
    routes: routesOf(server),
    call: (method, path, init = {}) => callServer(url, method, path, init),
    addRule: (group, rule) => {
      const found = fleet.groups.find(({ key }) => key.endsWith(`/${group}`))
      const parsed = parseSecurityRule(rule, group)
      if (found === undefined || !parsed.ok) throw new Error(`no such group or rule: ${group}`)
      groups.edit(pointOfGroup(found.key), (rules) => [...rules, parsed.value])
    },
    pass: async (millis) => {
      now += millis
      const rows = await store.claimDue(leaseFor(OWNER, now), 1_000, [POINT_PREFIX])
      await Promise.all(rows.map((row) => passes.run(row)))
    },
    stop: async () => {
      driver.letGo()
      await server.close()
      await passes.stop()
      await store.close()
      await rm(folder, { recursive: true })
    },
  }
}

/** The router prints a tree: two characters a level, then the piece of path and its methods. */
function routesOf(server: FastifyInstance): string[] {
  const pieces: string[] = []
  return server
    .printRoutes({ commonPrefix: false })
    .split('\n')
    .flatMap((line) => {
      const [, indent = '', piece = '', methods = ''] = /^([│├└─ ]*)(\S*)(?: \(([A-Z, ]+)\))?$/.exec(line) ?? []
      pieces.splice(indent.length / 4 - 1, Infinity, piece)
      return methods === '' ? [] : methods.split(', ').map((method) => `${method} ${pieces.join('')}`)
    })
}

async function callServer(url: string, method: string, path: string, init: CallInit): Promise<Reply> {
  const token = 'token' in init ? init.token : TOKEN
  const sent = init.raw ?? (init.body === undefined ? undefined : JSON.stringify(init.body))
  const response = await fetch(`${url}${path}`, {
    method,
    redirect: 'manual',
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(sent !== undefined && { 'content-type': 'application/json' }),
      ...init.headers,
    },
    ...(sent !== undefined && { body: sent }),
  })
  const text = await wholeText(response)
  const isJson = response.headers.get('content-type')?.startsWith('application/json') === true
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: isJson && text !== '' ? JSON.parse(text) : undefined,
  }
}

/** A stream of events has no end that a test could wait for. */
async function wholeText(response: Response): Promise<string> {
  if (response.headers.get('content-type')?.startsWith('text/event-stream') !== true) return response.text()
  await response.body?.cancel()
  return ''
}

function loggerInto(logged: RunningServer['logged']): App['log'] {
  const at = (level: string) => (fields: object, message: string) => void logged.push({ level, fields, message })
  return { error: at('error'), warn: at('warn'), info: at('info') }
}

export function machineId(name: string, group = 'myService1', subscription = SUBSCRIPTION): string {
  return `/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.Compute/virtualMachines/${name}`
}

/** Each machine has a security group of its own, but for the bare ones, which have none. */
function fleetOf(bare: readonly string[]): Fleet {
  const machines = [
    machineId('web1'),
    machineId('web2'),
    machineId('db1', 'mainWS'),
    machineId('far1', 'elsewhere', OTHER_SUBSCRIPTION),
    ...bare,
  ]
  const parsed = parseFleet(
    machines.map((id, index) => {
      const name = id.split('/').at(-1)
      const nsg = bare.includes(id) ? {} : { nsg: { name: `${name}-nsg`, securityRules: [] } }
      return { id, location: 'westeurope', os: 'Linux', nics: [{ privateIp: `10.0.0.${index + 4}`, ...nsg }] }
    }),
  )
  if (!parsed.ok) throw new Error(parsed.refusals.map(({ message }) => message).join('; '))
  return parsed.value
}

/** A firewall that takes its time when told to, and that carries the shell of whoever says so on port 22. */
function testDriver(real: GroupDriver, groups: SecurityGroups): TestDriver {
  let held: PromiseWithResolvers<void> | undefined
  const letGo = (): void => {
    held?.resolve()
    held = undefined
  }
  const slow = withFaults(real, {
    next: ({ operation }) => (held !== undefined && operation === 'apply' ? { kind: 'slow', millis: 1 } : undefined),
    sleep: async () => held?.promise,
  })
  return {
    ...slow,
    preflight: async (_, { ports }, { shell }) =>
      shell !== undefined && ports.some(({ number }) => number === 22) ? [wouldCut(shell)] : [],
    holdUp: () => {
      held = Promise.withResolvers()
      return letGo
    },
    letGo,
    holesAt: (point) =>
      (groups.get(point)?.rules ?? [])
        .filter(({ access }) => access === 'Allow')
        .map(({ destinationPorts: [range] }) => ({ port: range?.from ?? -1 })),
  }
}

/** Names the far end, as the driver for Linux hosts does: only so can a test see that it came all the way here. */
function wouldCut({ address, port }: NonNullable<CallerPlace['shell']>): Refusal {
  return refusal(
    'WouldCutYourOwnConnection',
    `port 22 carries your own live connection from ${address}, port ${port}; force overrides`,
  )
}
