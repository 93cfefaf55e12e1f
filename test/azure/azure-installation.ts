/** The real use cases over the real SQLite store, on Azure's side of the product: what a test asks for happens in the double. */
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Access } from '../../src/app/identity/access.ts'
import type { App } from '../../src/app/app.ts'
import { configurePolicy } from '../../src/app/policies/configure-policy.ts'
import { leaseFor } from '../../src/app/convergence/lease.ts'
import { Passes } from '../../src/app/convergence/passes.ts'
import { Postures } from '../../src/app/machines/postures.ts'
import { configureConnection } from '../../src/app/clouds/configure-connection.ts'
import { liveInventory } from '../../src/app/machines/live-inventory.ts'
import type { Caller } from '../../src/app/ports/caller.ts'
import type { Inventory, PointId } from '../../src/app/ports/inventory.ts'
import type { StoredRequest } from '../../src/app/ports/rows.ts'
import { removePolicy } from '../../src/app/policies/remove-policy.ts'
import { requestAccess } from '../../src/app/requests/request-access.ts'
import type { PolicyMachineInput } from '../../src/domain/policy/policy.ts'
import { resourceKey, type ResourceId } from '../../src/domain/resource-id.ts'
import type { AccessRequestInput } from '../../src/domain/access/request.ts'
import { MINUTE, type Millis } from '../../src/domain/time.ts'
import { openSqliteStore } from '../../src/store/open-sqlite.ts'
import { SUBSCRIPTION } from '../arm-double/estate.ts'
import { valueOf } from '../support/builders.ts'
import { testClouds } from '../support/clouds.ts'
import { NO_HOSTS } from '../support/hosts.ts'
import type { AzureGround } from './azure-ground.ts'

const CALLER: Caller = { name: 'ada@example.org', address: '203.0.113.7', principals: [], isBreakGlass: true }
const POINTS = ['azure:']

export interface AzureInstallation {
  readonly app: App
  readonly logged: readonly string[]
  protect(machines: readonly PolicyMachineInput[]): Promise<void>
  ask(body: AccessRequestInput): Promise<StoredRequest>
  disable(): Promise<void>
  /** The server ends and begins again over the same store: whatever it only remembered is forgotten. */
  restart(): Promise<void>
  /** Runs every pass that is due, moving the clock to the next one, until none is due for so long. */
  settle(quiet?: Millis): Promise<void>
  stop(): Promise<void>
}

const NOBODY: Inventory = { find: () => undefined, list: () => [], behind: () => [] }

/** Connects to the double, and reads its machines, as an administrator does. */
export async function startAzureInstallation({
  side,
  clock,
  connection: { settings, secret = '' },
}: Pick<AzureGround, 'side' | 'clock' | 'connection'>): Promise<AzureInstallation> {
  const folder = await mkdtemp(join(tmpdir(), `sallyport-azure-${process.pid}-`))
  const store = await openSqliteStore(folder)
  const logged: string[] = []
  const write = (fields: object, message: string): void => void logged.push(`${message}: ${causeOf(fields)}`)
  const log = { error: write, warn: write, info: write }
  const begin = () => serverOver({ store, side, clock, log })
  let server = begin()
  const { key } = valueOf(await configureConnection(server.app, { name: 'azure', settings, secret, caller: CALLER }))
  await server.app.clouds.refresh(key)
  const address = { subscriptionId: SUBSCRIPTION, resourceGroup: 'default', location: 'local', name: 'default' }
  const id =
    `/subscriptions/${SUBSCRIPTION}/resourceGroups/default/providers/Microsoft.Security/locations/local/jitNetworkAccessPolicies/default` as ResourceId // well-formed by sight
  const policy = resourceKey(id)
  return {
    get app() {
      return server.app
    },
    logged,
    protect: async (input) => {
      valueOf(
        await configurePolicy(server.app, { address, kind: 'Basic', machines: input, caller: CALLER, force: false }),
      )
    },
    ask: async (body) => valueOf(await requestAccess(server.app, { policy, policyId: id, body, caller: CALLER })),
    disable: async () => {
      valueOf(await removePolicy(server.app, { policy, policyId: id, caller: CALLER }))
    },
    restart: async () => {
      await server.passes.stop()
      // Without connections it forgets what it read through them.
      await side.connect([])
      server = begin()
      await server.app.clouds.sync()
      await server.app.clouds.refresh(key)
    },
    settle: async (quiet = 5 * MINUTE) => {
      for (let rounds = 0; rounds < 300; rounds += 1) {
        const due = await store.claimDue(leaseFor('test', clock.now()), 64, POINTS)
        await Promise.all(due.map((row) => server.passes.run(row)))
        const next = await store.reads.nextDue('test', POINTS)
        if (next === undefined || next > clock.now() + quiet) return
        if (next > clock.now()) clock.move(next - clock.now())
      }
      throw new Error(`it does not come to rest: ${logged.slice(-5).join('\n')}`)
    },
    stop: async () => {
      await server.passes.stop()
      await store.close()
      await rm(folder, { recursive: true })
    },
  }
}

/** What lives as long as a server's process does. */
function serverOver({ store, side, clock, log }: Pick<App, 'store' | 'clock' | 'log'> & Pick<AzureGround, 'side'>) {
  const clouds = testClouds({ store, clock, log, loadSide: () => Promise.resolve(side) })
  const base = {
    store,
    inventory: liveInventory(NOBODY, clouds),
    driverOf: (point: PointId) => clouds.driverOf(point),
    clock,
    owner: 'test',
    log,
  }
  const passes = new Passes(base)
  const access = new Access({ store, clock })
  const postures = new Postures({ ...base, access })
  passes.onRecorded(({ id }) => postures.noticed(id))
  const app: App = {
    ...base,
    access,
    uuid: randomUUID,
    clouds,
    passes: { settle: (rows, within) => passes.settle(rows, within) },
    postures,
    hosts: NO_HOSTS,
    installation: { subscriptionId: SUBSCRIPTION, resourceGroup: 'default', location: 'local' },
    settings: { ipv6: 'allowed', answerWithin: 60_000 },
  }
  return { app, passes }
}

function causeOf(fields: object): string {
  return 'cause' in fields && fields.cause instanceof Error ? fields.cause.message : ''
}
