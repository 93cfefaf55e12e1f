/**
 * The driver for exactly one enforcement point: the Linux host that this process runs on (its network namespace).
 * Holes are kernel timeouts: they close with every process of ours dead.
 *
 * It must never write anything but tables `sallyport` and `sallyport_base`, and never trust its memory over the kernel.
 */
import type { Clock, Driver, PointId, Scope } from '../../app/ports.ts'
import type { Shield } from '../../domain/access/desired.ts'
import type { OnExpiry } from '../../domain/access/flow.ts'
import type { Gateway } from '../../domain/hosts/gateway.ts'
import type { Refusal } from '../../domain/refusal.ts'
import type { ResourceKey } from '../../domain/resource-id.ts'
import type { Millis } from '../../domain/time.ts'
import { watchClock } from './kernel/clock-watch.ts'
import { createCommitter, type CommitterOptions } from './committer.ts'
import type { Conntrack } from './flows/conntrack.ts'
import type { NftEngine } from './kernel/engine.ts'
import { findings, type Finding, type FindingsInput } from './foreign/findings.ts'
import { readBeside } from './foreign/beside.ts'
import { readForeignRuleset } from './foreign/foreign-reader.ts'
import { createFlows } from './flows/flows.ts'
import { createForeignWatch, type ForeignWatch } from './foreign/foreign-watch.ts'
import { readGatewayFacts } from './gateway/gateway-facts.ts'
import type { HostReading } from './foreign/host-exposures.ts'
import { formOf, judge, type NftablesPlan } from './judge.ts'
import { createKernelState } from './kernel/kernel-state.ts'
import { createKernelView, type KernelView } from './kernel-view.ts'
import { BASE_TABLE, TABLE } from './nft-text.ts'
import { readListeners } from './kernel/listeners.ts'
import type { Observed } from './observed.ts'
import type { GatewayForm } from './operation.ts'
import { createOneAtATime } from './kernel/one-at-a-time.ts'
import { cutConnections } from './foreign/own-connection.ts'
import { ownAddresses } from './kernel/own-addresses.ts'
import { createOwnGenerations, type OwnGenerations } from './kernel/own-generations.ts'
import { probeSupport } from './kernel/probe-support.ts'
import type { KernelReader } from './kernel/reader.ts'
import type { RulesetChange, RulesetEvent, RulesetEvents } from './kernel/ruleset-events.ts'
import { readSessions } from './kernel/sessions.ts'
import { createSlotElements } from './slot-elements.ts'
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
  const { point, machine, clock, engine, reader } = options
  const queue = createOneAtATime()
  const generations = createOwnGenerations(engine)
  const uptime = (): Millis => performance.now()
  const hold = createHoldTable({ ownTable: options.ownTable, engine, reader, generations })
  const foreign = createForeignWatch({ mirror: () => view.known() })
  const gateway = options.gateway ?? (() => undefined)
  const form = (): GatewayForm => formOf(gateway())
  const state = createKernelState({ engine, reader, clock, uptime, form, foreign: (known) => foreign.scan(known) })
  const { conntrack } = options
  const flows = conntrack === undefined ? undefined : createFlows({ machine, gateway, conntrack, clock })
  const view = createKernelView({
    reader,
    generations,
    clock,
    uptime,
    form,
    slotElements: createSlotElements(gateway),
    read: (previous) => state.read(previous),
    adrift: (scope, mirror) => flows?.adrift(scope, mirror) ?? Promise.resolve([]),
  })
  const cut: CommitterOptions['cut'] = (cutting) => flows?.cut(cutting) ?? Promise.resolve()
  const commit = createCommitter({ engine, reader, generations, view, hold, clock, uptime, cut })
  const stops = new Set<() => void>()
  let untold = NO_PORTS

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
      if (input.isProposal !== true) {
        flows?.expect(portsEnding(input.desired.shields, ['cut']))
        untold = flows === undefined ? portsEnding(input.desired.shields, ['cut', 'warn']) : NO_PORTS
      }
      return judge({ machine, tolerance: TOLERANCE, resolution: reader.resolution, gateway: gateway() }, input)
    },
    apply: (_point, plan, signal) => queue.run(() => commit(plan.operations, signal)),
    // A connection to a machine behind passes this host, and none of its own ports.
    preflight: async (_point, wanted, caller) =>
      wanted.machine === machine
        ? cutConnections({
            ports: wanted.ports,
            caller,
            sessions: await readSessions(),
            managed: view.known()?.managed ?? new Set(),
          })
        : [],
    ...(flows !== undefined && {
      flowsAt: () => queue.run(async () => flows.connected(await view.current())),
    }),
    watch: (onChange) => {
      const tell = (by: string | undefined): void => onChange(by === undefined ? { point } : { point, by })
      const onEvent = createEventJudge({ generations, view, foreign, tell })
      const parts = [
        options.events((event) => void queue.run(() => onEvent(event))),
        watchClock(
          () => clock.now() - uptime(),
          (moved) => tell(`the clock, which moved by ${moved} ms`),
        ),
        foreign.onDifference(tell),
      ]
      const stop = (): void => {
        for (const part of parts) part()
        stops.delete(stop)
      }
      stops.add(stop)
      return stop
    },
    doctor: async () => {
      const { managed, behind } = await queue.run(() => view.current())
      return findings({
        listing: await readForeignRuleset(),
        beside: await readBeside(),
        managed: [...managed],
        behind: [...behind],
        gateway: await gatewayFindings(gateway()),
        untold: [...untold],
      })
    },
    posture: async () => {
      const { structure, managed, behind } = await queue.run(() => view.current())
      return {
        listing: await readForeignRuleset(),
        beside: await readBeside(),
        listeners: await readListeners(),
        managed: structure.state === 'exact' ? managed : new Set(),
        behind: structure.state === 'exact' ? behind : new Set(),
        addresses: ownAddresses(),
      }
    },
    probe: () => probeSupport(engine, form()),
    traitsOf: () => (gateway() === undefined ? {} : { translates: true }),
    close: () => {
      for (const stop of stops) stop()
      foreign.stop()
      return queue.run(async () => {
        reader.close()
        conntrack?.close()
        await engine.close()
      })
    },
  }
}

async function gatewayFindings(gateway: Gateway | undefined): Promise<FindingsInput['gateway']> {
  if (gateway === undefined) return undefined
  const addresses = [...gateway.machines.values()].flatMap((machine) => machine.addresses)
  return { facts: await readGatewayFacts(), families: new Set(addresses.map(({ family }) => family)) }
}

const NO_PORTS: ReadonlySet<number> = new Set()

/** By number alone: it only says where to look. */
function portsEnding(shields: readonly Shield[], how: readonly OnExpiry[]): ReadonlySet<number> {
  const ports = shields.flatMap((shield) => shield.ports.filter(({ onExpiry = 'keep' }) => how.includes(onExpiry)))
  return new Set(ports.map(({ number }) => number))
}

interface EventJudgeOptions {
  readonly generations: Pick<OwnGenerations, 'isOwn' | 'noteHarmless'>
  readonly view: Pick<KernelView, 'distrust'>
  readonly foreign: Pick<ForeignWatch, 'soon'>
  readonly tell: (by: string | undefined) => void
}

/** Runs between the driver's own acts, so that it knows which transactions were ours. */
function createEventJudge({ generations, view, foreign, tell }: EventJudgeOptions): (event: RulesetEvent) => void {
  return (event) => {
    if (event === 'lost') {
      view.distrust()
      tell(undefined)
    } else if (generations.isOwn(event)) return
    else if (touchesUs(event)) tell(nameOf(event))
    else {
      generations.noteHarmless(event.generation)
      foreign.soon(nameOf(event))
    }
  }
}

function touchesUs({ tables }: RulesetChange): boolean {
  return tables.size === 0 || tables.has(`inet ${TABLE}`) || tables.has(`inet ${BASE_TABLE}`)
}

function nameOf({ process, name }: RulesetChange): string {
  return `process ${process} (${name})`
}
