/**
 * The driver for exactly one enforcement point: the Linux host that this process runs on (its network namespace).
 * Holes are kernel timeouts: they close with every process of ours dead.
 *
 * It must never write anything but tables `sallyport` and `sallyport_base`, and never trust its memory over the kernel.
 */
import type { Clock } from '../../app/ports/clock.ts'
import type { Driver, Scope } from '../../app/ports/driver.ts'
import type { PointId } from '../../app/ports/inventory.ts'
import type { Gateway } from '../../domain/hosts/gateway.ts'
import type { Refusal } from '../../domain/refusal.ts'
import type { ResourceKey } from '../../domain/resource-id.ts'
import type { Millis } from '../../domain/time.ts'
import { createChangeWatch } from './change-watch.ts'
import { createCommitter } from './committer.ts'
import type { Conntrack } from './flows/conntrack.ts'
import type { NftEngine } from './kernel/engine.ts'
import type { Finding } from './foreign/findings.ts'
import { createFlows } from './flows/flows.ts'
import { createUnseenFlows } from './flows/unseen-flows.ts'
import { createForeignWatch } from './foreign/foreign-watch.ts'
import { readGatewayFacts } from './gateway/gateway-facts.ts'
import type { HostReading } from './foreign/host-exposures.ts'
import { formOf, judge, type NftablesPlan } from './judge.ts'
import { createKernelState } from './kernel/kernel-state.ts'
import { createKernelView } from './kernel-view.ts'
import type { Mirror } from './mirror.ts'
import type { Observed } from './observed.ts'
import type { GatewayForm } from './operation.ts'
import { createOneAtATime } from './kernel/one-at-a-time.ts'
import { cutConnections } from './foreign/own-connection.ts'
import { createOwnGenerations } from './kernel/own-generations.ts'
import { probeSupport } from './kernel/probe-support.ts'
import { readFindings, readHost } from './foreign/read-around.ts'
import type { KernelReader } from './kernel/reader.ts'
import type { RulesetEvents } from './kernel/ruleset-events.ts'
import { readSessions } from './kernel/sessions.ts'
import { createSlotElements } from './slot-elements.ts'
import type { TrackedFlow } from './flows/tracked-flow.ts'
import { createHoldTable } from './kernel/table-owner.ts'

export interface NftablesDriverOptions {
  readonly point: PointId
  /** The machine that this host is. */
  readonly machine: ResourceKey
  readonly clock: Clock
  readonly engine: NftEngine
  readonly reader: KernelReader
  readonly events: RulesetEvents
  /** `auto`: hold the table by its owner flag where kernel and engine can. */
  readonly ownTable: 'auto' | 'off'
  /** What is behind this host, where it is a gateway; asked at every look, so that it may change. */
  readonly gateway?: () => Gateway | undefined
  /** Undefined where it cannot be reached: then nobody knows who is connected, and nothing is cut. */
  readonly conntrack: Conntrack | undefined
}

export interface NftablesDriver extends Driver<Observed, NftablesPlan> {
  /** What a person should know about the rest of this host's rules. */
  doctor(): Promise<readonly Finding[]>
  /** What tells who gets in at this host's own ports by the rules of others (host-exposures.ts). */
  posture(): Promise<HostReading>
  /** Why this host cannot be protected; empty when it can. */
  probe(): Promise<readonly Refusal[]>
  /** Lets go of sockets and threads once what is under way is done. The table stays as it is. */
  close(): Promise<void>
}

/** How far an element's end may be from the wanted one before a pass sets it anew: a clock jumped, a machine was paused. */
const TOLERANCE: Millis = 50
/** The kernel tells of every change; this finds what could not be told. */
const HEARTBEAT: Millis = 60_000

export function createNftablesDriver(options: NftablesDriverOptions): NftablesDriver {
  const { point, machine, clock, engine, reader, events, conntrack } = options
  const queue = createOneAtATime()
  const generations = createOwnGenerations(engine)
  const uptime = (): Millis => performance.now()
  const hold = createHoldTable({ ownTable: options.ownTable, engine, reader, generations })
  const foreign = createForeignWatch({ mirror: () => view.known() })
  const gateway = options.gateway ?? (() => undefined)
  const form = (): GatewayForm => formOf(gateway())
  const state = createKernelState({ engine, reader, clock, uptime, form, foreign: (known) => foreign.scan(known) })
  const flows = conntrack === undefined ? createUnseenFlows() : createFlows({ machine, gateway, conntrack, clock })
  const { connected } = flows
  const view = createKernelView({
    reader,
    generations,
    clock,
    uptime,
    form,
    slotElements: createSlotElements(gateway),
    read: (previous) => state.read(previous),
    adrift: (scope, mirror) => flows.adrift(scope, mirror),
  })
  const cut = (cutting: readonly TrackedFlow[]): Promise<void> => flows.cut(cutting)
  const commit = createCommitter({ engine, reader, generations, view, hold, clock, uptime, cut })
  const changes = createChangeWatch({ point, clock, uptime, queue, events, generations, view, foreign })
  const current = (): Promise<Mirror> => queue.run(() => view.current())

  const observe = async (scope: Scope): Promise<Observed> => {
    if (scope === 'all') await hold(false)
    const seen = await view.observe(scope)
    return gateway() === undefined ? seen : { ...seen, gateway: await readGatewayFacts() }
  }

  return {
    kind: 'nftables',
    closesByItself: true,
    heartbeat: HEARTBEAT,
    observe: (_point, scope) => queue.run(() => observe(scope)),
    plan: (input) => {
      if (input.isProposal !== true) flows.expect(input.desired.shields)
      return judge({ machine, tolerance: TOLERANCE, resolution: reader.resolution, gateway: gateway() }, input)
    },
    apply: (_point, plan, signal) => queue.run(() => commit(plan.operations, signal)),
    // A connection to a machine behind passes this host, and none of its own ports.
    preflight: async (_point, wanted, caller) =>
      wanted.machine === machine
        ? cutConnections({
            ...wanted,
            caller,
            sessions: await readSessions(),
            managed: view.known()?.managed ?? new Set(),
          })
        : [],
    ...(connected !== undefined && { flowsAt: () => queue.run(async () => connected(await view.current())) }),
    watch: (onChange) => changes.watch(onChange),
    doctor: async () => readFindings(await current(), { gateway, untold: () => flows.untold() }),
    posture: async () => readHost(await current()),
    probe: () => probeSupport(engine, form()),
    traitsOf: () => (gateway() === undefined ? {} : { translates: true }),
    close: () => {
      changes.stop()
      return queue.run(async () => {
        reader.close()
        conntrack?.close()
        await engine.close()
      })
    },
  }
}
