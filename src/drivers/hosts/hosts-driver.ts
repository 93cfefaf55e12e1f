/**
 * Enforcement on Linux hosts that run the agent: a host is handed a whole document, and what its agent says that the kernel
 * carries is the only proof there is. Holes carry their ends, so the kernel closes them with nobody connected.
 *
 * It must never conclude anything about a host that does not answer, nor from a report while another document may still
 * be on its way to that host.
 */
import { createHash, randomUUID } from 'node:crypto'
import type { HostDocument, HostReport, Question, WireHole } from '../../contract/agent.ts'
import type { Clock } from '../../app/ports/clock.ts'
import type { CallerPlace } from '../../app/ports/caller.ts'
import type { Driver, PointTraits, PortsOfMachine, SaidStep, Scope, Step } from '../../app/ports/driver.ts'
import type { AgentLinks, AgentLook } from '../../app/ports/hosts.ts'
import type { PointId } from '../../app/ports/inventory.ts'
import type { ProtectedPort } from '../../domain/access/desired.ts'
import { stepFrom, tellStep, type ToldStep } from '../../domain/access/step.ts'
import type { DriftMode } from '../../domain/clouds/connection.ts'
import type { GatewaySettings } from '../../domain/hosts/gateway.ts'
import type { HostId } from '../../domain/hosts/host.ts'
import type { Refusal } from '../../domain/refusal.ts'
import { resourceKey, type ResourceId, type ResourceKey } from '../../domain/resource-id.ts'
import { formatInstant, MINUTE, SECOND, type Instant, type Millis } from '../../domain/time.ts'
import { machineOfPoint } from './host-point.ts'
import { flowFromWire } from './flow-wire.ts'
import { toldHole } from './hole-wire.ts'
import { readable, readableReason, saidBy } from './told-text.ts'
import { judgeReport, type HostObserved, type HostPlan } from './judge-report.ts'

/** A host as its point needs it. */
export interface HostAtPoint {
  readonly id: HostId
  readonly name: string
  readonly machine: ResourceId
  /** Whether its agent answers what not every agent does. */
  readonly answers: (question: Question) => boolean
  /** Of a gateway: what its kernel half wants to know. */
  readonly gateway?: GatewaySettings
  /** When its agent was last heard, where it is connected to no server. */
  readonly goneAt: Instant | undefined
  readonly seenAt: Instant | undefined
}

export interface HostsDriverDeps {
  readonly links: AgentLinks<HostDocument, HostReport>
  readonly hostAt: (point: PointId) => HostAtPoint | undefined
  /** The host that tells of a machine: its own agent, or the gateway before it. */
  readonly tellerOf: (machine: ResourceKey) => HostId | undefined
  readonly clock: Clock
  readonly drift: DriftMode
  /** Of the agent, which a host that has another one is told of. */
  readonly recommendedVersion?: string
  /** Whether the host is really not on record any more, whatever this replica has read. */
  readonly isGone: (machine: ResourceKey) => Promise<boolean>
}

/** The agent tells of every change by itself; this finds what could not be told. */
const HEARTBEAT: Millis = 5 * MINUTE
/** A report this old is good enough for a change of some slots: the agent reports by itself when anything differs. */
const FRESH_ENOUGH: Millis = 5 * SECOND
/** One that came just now is as good as another look. */
const JUST_NOW: Millis = SECOND
const PREFLIGHT: Millis = 3 * SECOND
const OWN_CONNECTION = 'WouldCutYourOwnConnection'
/** Slots. */
const MANY = 1_000

export function createHostsDriver(deps: HostsDriverDeps): Driver<HostObserved, HostPlan> {
  const { links, hostAt, clock } = deps
  const memory = createOfferMemory(deps)
  const known = (point: PointId): HostAtPoint => {
    const host = hostAt(point)
    if (host === undefined) throw new Error(`there is no host behind ${point} any more`)
    return host
  }
  return {
    kind: 'hosts',
    closesByItself: true,
    heartbeat: HEARTBEAT,
    observe: async (point, scope, signal) => {
      signal.throwIfAborted()
      if (hostAt(point) === undefined && (await deps.isGone(machineOfPoint(point)))) return FORGOTTEN
      const host = known(point)
      const report = links.reportOf(host.id)
      if (report === undefined) throw unreachable(host)
      const isGood = isFresh(report, scope, clock.now() - memory.reportedAt(host.id), clock.now())
      const seen = memory.observed(host.id, isGood ? report : await links.look(host.id, lookAt(scope), signal))
      return { ...seen, knowsItsPlace: isOfPlace(seen.report.state.version, host) }
    },
    plan: judgeReport,
    apply: async (point, plan, signal) => {
      signal.throwIfAborted()
      const host = known(point)
      if (links.reportOf(host.id) === undefined) throw unreachable(host)
      await memory.offer(host.id, documentFor(deps, host, plan), signal)
    },
    foretell: (point, plan, signal) => foretellFor(deps, { host: known(point), plan, signal }),
    preflight: (point, wanted, caller) => preflightFor(deps, hostAt(point), { wanted, caller }),
    watch: () => () => {},
    flowsAt: async (point, signal) => {
      const host = known(point)
      if (isAway(host, links)) throw unreachable(host)
      const { flows } = await links.look(host.id, { scope: new Set(), flows: true }, signal)
      if (flows === undefined)
        throw new Error(`host ${host.name} cannot tell: its agent has no way to the kernel's connections`)
      // A host is believed about itself and what is behind it, and about nobody else.
      return flows.map(flowFromWire).filter(({ machine }) => deps.tellerOf(machine) === host.id)
    },
    traitsOf: (point) => traitsOf(hostAt(point)),
  }
}

/** A host that was removed is not asked any more: its agent is believed by nobody, and what it opened has an end. */
const FORGOTTEN: HostObserved = {
  report: {
    sequence: 0,
    bootId: '',
    state: { version: '', shields: [], held: [], lingering: [], impossible: [], left: [] },
  },
  holes: [],
  isAcknowledged: true,
  knowsItsPlace: true,
}

function traitsOf(host: HostAtPoint | undefined): PointTraits {
  return host?.gateway === undefined ? {} : { translates: true }
}

interface Preflight {
  readonly wanted: PortsOfMachine
  readonly caller: CallerPlace
}

/**
 * Whether whoever asks is connected to the host's own ports that it does not protect yet. It can wait no longer than a
 * person would: what is open lives on, so a host that does not answer holds up nobody.
 */
async function preflightFor(
  { links }: Pick<HostsDriverDeps, 'links'>,
  host: HostAtPoint | undefined,
  { wanted, caller }: Preflight,
): Promise<Refusal[]> {
  if (host === undefined || resourceKey(host.machine) !== wanted.machine || !host.answers('preflight')) return []
  if (isAway(host, links)) return []
  const ports = unprotected(wanted, links.reportOf(host.id))
  if (ports.length === 0) return []
  const said = await links.preflight(host.id, { ports, caller }, AbortSignal.timeout(PREFLIGHT)).catch(() => [])
  // That is all it is asked for, and one that is not its own master any more may say anything.
  return said
    .filter(({ code }) => code === OWN_CONNECTION)
    .slice(0, ports.length)
    .map(readableReason)
}

function unprotected({ machine, ports }: PortsOfMachine, report: HostReport | undefined): ProtectedPort[] {
  const shields = (report?.state.shields ?? []).filter(({ machine: id }) => id.toLowerCase() === machine)
  const known = new Set(
    shields.flatMap((shield) => shield.ports.map(({ number, protocol }) => `${number}/${protocol}`)),
  )
  return ports.filter(({ number, protocol }) => !known.has(`${number}/${protocol}`))
}

interface Foretelling {
  readonly host: HostAtPoint
  readonly plan: HostPlan
  readonly signal: AbortSignal
}

/** Only the host knows its other rules. That it cannot say what becomes of them holds up nobody, and is said. */
async function foretellFor(deps: HostsDriverDeps, { host, plan, signal }: Foretelling): Promise<readonly Step[]> {
  const without = (why: ToldStep): Step[] => [...plan.steps, { kind: 'protect', ...why }]
  if (!host.answers('plan')) return without(tellStep('AgentTellsNoPlan', { host: host.name }))
  try {
    const said = await deps.links.plan(host.id, documentFor(deps, host, plan), signal)
    return stepsSaid(host.name, said)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    return without(tellStep('HostNotAsked', { host: host.name, why: readable(why) }))
  }
}

function stepsSaid(host: string, said: readonly SaidStep[]): Step[] {
  const sentences = saidBy(
    said.map(({ text }) => text),
    said,
  )
  return sentences.map((sentence, place) => ({
    kind: said[place]?.kind ?? 'protect',
    ...named(host, stepFrom(sentence)),
  }))
}

/** To whoever reads it here, "this host" is another one. */
function named(host: string, step: ToldStep): ToldStep {
  const { port, policy } = step.facts
  if (step.code !== 'CloseOnHost' || port === undefined || policy === undefined) return step
  return tellStep('CloseOnNamedHost', { host, port, policy }, step.also)
}

/** Connected to no replica, as far as this one knows. */
function isAway({ id, goneAt, seenAt }: HostAtPoint, links: Pick<AgentLinks, 'reportOf'>): boolean {
  return links.reportOf(id) === undefined && (goneAt !== undefined || seenAt === undefined)
}

function unreachable({ name, goneAt, seenAt }: HostAtPoint): Error {
  if (goneAt !== undefined)
    return new Error(`host ${name} is unreachable since ${formatInstant(goneAt)}: its agent is not connected`)
  if (seenAt === undefined) return new Error(`host ${name} is unreachable: its agent has not been connected yet`)
  return new Error(`the agent of host ${name} is connected to another server, or went a moment ago`)
}

/** What has ended since it came was not judged by it. */
function isFresh({ state }: HostReport, scope: Scope, age: Millis, now: Instant): boolean {
  if (age >= (scope === 'all' ? JUST_NOW : FRESH_ENOUGH)) return false
  const ended = state.held.filter(({ until }) => until <= now)
  return scope === 'all' ? ended.length === 0 : ended.every((wire) => !scope.has(toldHole(wire).slot))
}

/** Everything is read faster than many one by one. */
function lookAt(scope: Scope): AgentLook {
  return { scope: scope === 'all' || scope.size > MANY ? 'all' : scope, flows: false }
}

function documentFor(
  { clock, drift, recommendedVersion }: HostsDriverDeps,
  host: HostAtPoint,
  { next }: HostPlan,
): HostDocument {
  const { machine, gateway } = host
  return {
    version: versionFor(host),
    machine,
    sentAt: clock.now(),
    shields: [...next.shields],
    holes: [...next.holes],
    settings: {
      drift,
      ...(recommendedVersion !== undefined && { recommendedVersion }),
      ...(gateway !== undefined && { gateway }),
    },
    ...(next.journal.length > 0 && { journal: [...next.journal] }),
  }
}

/**
 * Of a gateway the version begins with a digest of its place, so that any replica can tell from a report whether the host
 * was told how it is reached, and what is behind it.
 */
function versionFor(host: Pick<HostAtPoint, 'gateway'>): string {
  return placeOf(host) + randomUUID()
}

/** A host without a document knows no place; a gateway with nothing behind it needs to know none. */
function isOfPlace(version: string, host: Pick<HostAtPoint, 'gateway'>): boolean {
  if (version === '') return (host.gateway?.machines.length ?? 0) === 0
  return version.startsWith(placeOf(host))
}

function placeOf({ gateway }: Pick<HostAtPoint, 'gateway'>): string {
  if (gateway === undefined) return ''
  return `${createHash('sha256').update(JSON.stringify(gateway)).digest('base64url').slice(0, 12)}.`
}

interface Offered {
  readonly version: string
  readonly holes: readonly WireHole[]
}

/** What this replica last said to each host, and whether the host has told of it. */
interface OfferMemory {
  /** When the newest report came. */
  reportedAt(host: HostId): Instant
  observed(host: HostId, report: HostReport): Omit<HostObserved, 'knowsItsPlace'>
  offer(host: HostId, document: HostDocument, signal: AbortSignal): Promise<void>
}

function createOfferMemory({ links, clock }: Pick<HostsDriverDeps, 'links' | 'clock'>): OfferMemory {
  const offered = new Map<HostId, Offered>()
  const pending = new Set<HostId>()
  const reported = new Map<HostId, Instant>()
  const note = (host: HostId, report: HostReport): void => {
    reported.set(host, clock.now())
    if (offered.get(host)?.version === report.state.version) pending.delete(host)
  }
  links.onChange(({ host, kind, report }) => {
    // Over a new connection the agent begins with a report that counts what came over the one before.
    if (kind !== 'reported') pending.delete(host)
    // Hosts come and go for years: of one that comes back, its report says what it holds.
    if (kind === 'went') for (const kept of [reported, offered]) kept.delete(host)
    if (report !== undefined) note(host, report)
  })
  return {
    reportedAt: (host) => reported.get(host) ?? Number.NEGATIVE_INFINITY,
    observed: (host, report) => {
      note(host, report)
      const last = offered.get(host)
      const holes = last?.version === report.state.version ? last.holes : report.state.held
      return { report, holes, isAcknowledged: !pending.has(host) }
    },
    offer: async (host, document, signal) => {
      offered.set(host, document)
      pending.add(host)
      note(host, await links.offer(host, document, signal))
    },
  }
}
