/** Runs inside a namespace: the real driver over that namespace's kernel, and passes as the product runs them. */
import type { CallerPlace } from '../../src/app/ports/caller.ts'
import type { ForeignChange, JournalEntry, Scope, Step } from '../../src/app/ports/driver.ts'
import type { PointId } from '../../src/app/ports/inventory.ts'
import type { ProtectedPort, Shield } from '../../src/domain/access/desired.ts'
import type { Flow } from '../../src/domain/access/flow.ts'
import { parseGateway, type Gateway, type GatewaySettings } from '../../src/domain/hosts/gateway.ts'
import { holesFrom, type HoleKey, type Opening, type Slot } from '../../src/domain/access/hole.ts'
import type { Exposure } from '../../src/domain/posture.ts'
import type { Refusal } from '../../src/domain/refusal.ts'
import { gatewaySettings as gatewaySettingsShape } from '../../src/contract/gateway.ts'
import { resourceKey } from '../../src/domain/resource-id.ts'
import { createConntrack } from '../../src/drivers/nftables/flows/conntrack.ts'
import { hostExposures } from '../../src/drivers/nftables/foreign/host-exposures.ts'
import { createJsonReader } from '../../src/drivers/nftables/kernel/json-reader.ts'
import { createLibraryEngine } from '../../src/drivers/nftables/kernel/library-engine.ts'
import { monitorEvents } from '../../src/drivers/nftables/kernel/monitor-events.ts'
import { netlinkEvents } from '../../src/drivers/nftables/kernel/netlink-events.ts'
import { createNetlinkReader } from '../../src/drivers/nftables/kernel/netlink-reader.ts'
import { createNftablesDriver } from '../../src/drivers/nftables/nftables-driver.ts'
import type { Finding } from '../../src/drivers/nftables/foreign/findings.ts'
import { createProcessEngine } from '../../src/drivers/nftables/kernel/process-engine.ts'
import { aMachineId, valueOf } from './builders.ts'
import { serveRemote } from './remote.ts'

export type Backend = 'library' | 'process'

export interface PassInput {
  readonly shields: readonly Shield[]
  readonly openings: readonly Opening[]
  readonly scope: Scope
}

export interface PassResult {
  /** The steps of every plan of the pass; the last is always empty. */
  readonly plans: readonly (readonly Step[])[]
  readonly held: ReadonlySet<HoleKey>
  readonly lingering: ReadonlySet<Slot>
  readonly impossible: ReadonlyMap<HoleKey, Refusal>
  readonly millis: number
}

export interface DriverWorker {
  pass(input: PassInput): Promise<PassResult>
  /** What the next pass would do; changes nothing. */
  preview(input: PassInput): Promise<readonly Step[]>
  preflight(ports: readonly ProtectedPort[], caller: CallerPlace): Promise<readonly Refusal[]>
  /** From now on every foreign change is mended by a whole pass at once, as the reconciler does. */
  heal(input: PassInput): void
  changes(): readonly ForeignChange[]
  /** Replaces what the driver remembers, as if it had another past. */
  setJournal(journal: readonly JournalEntry[]): void
  journal(): readonly JournalEntry[]
  /** From now on this host is such a gateway. */
  setGateway(settings: GatewaySettings): void
  /** Moves the driver's clock. */
  moveClock(millis: number): void
  doctor(): Promise<readonly Finding[]>
  probe(): Promise<readonly Refusal[]>
  /** Who gets in at these ports by the rules of others. */
  exposures(ports: readonly ProtectedPort[]): Promise<readonly Exposure[]>
  /** Who is connected by our holes. */
  flows(): Promise<readonly Flow[]>
}

const [backend = 'library', ownTable = 'auto', gatewaySettings] = process.argv.slice(2)
const machine = resourceKey(aMachineId())
const point = `nftables:${machine}` as PointId // this namespace's one point
const signal = new AbortController().signal
const inProcess = backend === 'library'
let gateway = gatewaySettings === undefined ? undefined : gatewayFrom(gatewaySettings)
let moved = 0
const clock = { now: () => Date.now() + moved }
const driver = createNftablesDriver({
  point,
  machine,
  clock,
  engine: inProcess ? createLibraryEngine() : createProcessEngine(),
  reader: inProcess ? createNetlinkReader() : createJsonReader(),
  events: inProcess ? netlinkEvents : monitorEvents(),
  ownTable: ownTable === 'off' ? 'off' : 'auto',
  gateway: () => gateway,
  conntrack: inProcess ? createConntrack() : undefined,
})
let journal: readonly JournalEntry[] = []
let healing: PassInput | undefined
const changes: ForeignChange[] = []
let isHealing = false
let isDue = false
driver.watch((change) => {
  changes.push(change)
  isDue = true
  if (healing !== undefined && !isHealing) void heal(healing)
})

/** One pass at a time, and one more for whatever came meanwhile; what made a pass fail brings a change of its own. */
async function heal(wanted: PassInput): Promise<void> {
  isHealing = true
  while (isDue) {
    isDue = false
    await pass(wanted).catch((error: unknown) => console.error('a pass failed and is repeated:', error))
  }
  isHealing = false
}

/** The settings as JSON, as an agent gets them. */
function gatewayFrom(settings: string): Gateway {
  return valueOf(parseGateway(gatewaySettingsShape.parse(JSON.parse(settings))))
}

const ROUNDS = 4

async function look({ shields, openings, scope }: PassInput): Promise<ReturnType<typeof driver.plan>> {
  const now = clock.now()
  const holes = holesFrom(openings.filter(({ until }) => until > now))
  const observed = await driver.observe(point, scope, signal)
  return driver.plan({ desired: { shields, holes }, observed, scope, journal, now })
}

async function pass(input: PassInput): Promise<PassResult> {
  const start = performance.now()
  const plans: (readonly Step[])[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    const plan = await look(input)
    plans.push(plan.steps)
    journal = plan.journal
    if (plan.steps.length === 0) {
      const { held, lingering, impossible } = plan
      return { plans, held, lingering, impossible, millis: performance.now() - start }
    }
    await driver.apply(point, plan, signal)
  }
  throw new Error(`not converged: ${JSON.stringify(plans)}`)
}

serveRemote<DriverWorker>({
  pass,
  preview: async (input) => (await look(input)).steps,
  preflight: (ports, caller) => driver.preflight(point, { machine, ports }, caller),
  heal: (input) => {
    healing = input
  },
  changes: () => changes,
  setGateway: (settings) => {
    gateway = gatewayFrom(JSON.stringify(settings))
  },
  setJournal: (entries) => {
    journal = entries
  },
  journal: () => journal,
  moveClock: (millis) => {
    moved += millis
  },
  doctor: () => driver.doctor(),
  probe: () => driver.probe(),
  exposures: async (ports) => hostExposures(await driver.posture(), ports),
  flows: () =>
    driver.flowsAt?.(point, signal) ?? Promise.reject(new Error('this backend cannot tell who is connected')),
})
