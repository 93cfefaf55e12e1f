/**
 * The difference between what a host should carry and what its agent says that it carries, and the next document for it.
 * Pure. The agent has judged its kernel by the document that it has; here only what it should have next is decided.
 */
import { WITHOUT_HOLES, type HostReport, type WireHole, type WireShield } from '../../contract/agent.ts'
import type { JournalEntry, Plan, PlanInput, Step } from '../../app/ports/driver.ts'
import type { Hole, HoleKey, Slot } from '../../domain/access/hole.ts'
import { failureFrom, type Failure } from '../../domain/access/failure.ts'
import { stepFrom, tellStep } from '../../domain/access/step.ts'
import { formatSource } from '../../domain/net.ts'
import { resourceName } from '../../domain/resource-id.ts'
import { formatInstant, SECOND, type Millis } from '../../domain/time.ts'
import { shieldText, toldHole, wireFromHole, wireFromShield, type ToldHole, type Wants } from './hole-wire.ts'
import { readableReason, saidBy } from './told-text.ts'

export interface HostObserved {
  readonly report: HostReport
  /** Of the document that the report is about, as far as this replica knows it. */
  readonly holes: readonly WireHole[]
  /** False while a document may be on its way of which the host has not told yet. */
  readonly isAcknowledged: boolean
  /** Of a gateway: its document says how it is reached and what is behind it, as that is now. */
  readonly knowsItsPlace: boolean
}

export interface HostPlan extends Plan {
  /** To be offered, when there is anything to do. */
  readonly next: Wants & { readonly journal: readonly JournalEntry[] }
}

type Input = PlanInput<HostObserved>

/** The host's clock is never behind ours: it may have closed what has not quite ended here. That is not opened again. */
const AHEAD: Millis = 2 * SECOND

export function judgeReport(input: Input): HostPlan {
  const { desired, observed, journal } = input
  const { state } = observed.report
  const told = state.held.map(toldHole)
  const wanted = desired.holes.filter(({ slot }) => isInScope(input, slot))
  const impossible = impossibleOf(observed, wanted)
  const holes = judgeHoles(input, { told, wanted, impossible })
  const steps = [...shieldSteps(input), ...placeSteps(input), ...holes.steps, ...leftSteps(observed)]
  const standing = state.journal?.toSorted((a, b) => (a.key < b.key ? -1 : 1))
  return {
    steps,
    held: holes.held,
    lingering: holes.lingering,
    impossible,
    journal: steps.length === 0 ? (standing ?? journal) : journal,
    next: { shields: nextShields(input), holes: nextHoles(input, wanted), journal },
  }
}

function isInScope({ scope }: Pick<Input, 'scope'>, slot: Slot): boolean {
  return scope === 'all' || scope.has(slot)
}

/** What the agent could not carry of the document that it has, and is still wanted. */
function impossibleOf({ report }: HostObserved, wanted: readonly Hole[]): Map<HoleKey, Failure> {
  const keys = new Map(wanted.map(({ key }) => [key as string, key]))
  return new Map(
    report.state.impossible.flatMap(({ hole, ...said }) => {
      const key = keys.get(hole)
      return key === undefined ? [] : [[key, failureFrom(readableReason(said))] as const]
    }),
  )
}

interface HoleViews {
  readonly told: readonly ToldHole[]
  readonly wanted: readonly Hole[]
  readonly impossible: ReadonlyMap<HoleKey, Failure>
}

function judgeHoles(
  input: Input,
  { told, wanted, impossible }: HoleViews,
): Pick<HostPlan, 'steps' | 'held' | 'lingering'> {
  const byKey = new Map(told.map((hole) => [hole.key, hole.wire]))
  const wantedKeys = new Set(wanted.map(({ key }) => key))
  // What its document asks for, it opens, whether it holds it just now or not.
  const asked = input.observed.holes.filter(({ until }) => until > input.now).map(toldHole)
  const standing = new Map([...asked, ...told].map((hole) => [hole.key, hole]))
  const surplus = [...standing.values()].filter(({ key, slot }) => isInScope(input, slot) && !wantedKeys.has(key))
  const lingering = input.observed.report.state.lingering as Slot[] // as slotOf made them on the host
  const steps = wanted.flatMap((hole) => (impossible.has(hole.key) ? [] : holeSteps(hole, byKey.get(hole.key), input)))
  return {
    steps: [...surplus.map(({ wire }): Step => ({ kind: 'close', ...tellStep('CloseHole', placeOf(wire)) })), ...steps],
    held: new Set(wanted.filter(({ key, until }) => byKey.get(key)?.until === until).map(({ key }) => key)),
    lingering: new Set([...lingering.filter((slot) => isInScope(input, slot)), ...surplus.map(({ slot }) => slot)]),
  }
}

function holeSteps(hole: Hole, seen: WireHole | undefined, { now, observed }: Input): Step[] {
  const place = placeOf({ ...hole, source: formatSource(hole.source) })
  const until = formatInstant(hole.until)
  if (seen === undefined) {
    if (hole.until <= now + AHEAD) return []
    const isOwn = observed.report.state.version.endsWith(WITHOUT_HOLES) && { isOwn: true as const }
    return [{ kind: 'open', ...tellStep('OpenHole', { ...place, until }), ...isOwn }]
  }
  if (seen.until !== hole.until) return [{ kind: 'extend', ...tellStep('ExtendHole', { ...place, until }) }]
  if (sameGrants(seen.grants, hole.grants)) return []
  return [{ kind: 'extend', ...tellStep('NameGrants', { ...place, grants: hole.grants.join(', ') }) }]
}

function sameGrants(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((grant) => b.includes(grant))
}

function placeOf({
  machine,
  port,
  protocol,
  source,
}: Pick<WireHole, 'machine' | 'port' | 'protocol' | 'source'>): Record<'port' | 'machine' | 'source', string> {
  const name = resourceName(machine as Parameters<typeof resourceName>[0]) // toldHole refused what is none
  return { port: `${port}/${protocol}`, machine: name, source }
}

function shieldSteps(input: Input): Step[] {
  const is = new Map(input.observed.report.state.shields.map((shield) => [shieldText(shield), shield]))
  const shall = new Map(nextShields(input).map((shield) => [shieldText(shield), shield]))
  const missing = [...shall].filter(([text]) => !is.has(text)).map(([, shield]) => shield)
  const surplus = [...is].filter(([text]) => !shall.has(text)).map(([, shield]) => shield)
  return [
    ...missing.map((shield): Step => ({ kind: 'protect', ...tellStep('ProtectPorts', factsOf(shield)) })),
    ...surplus.map((shield): Step => ({ kind: 'unprotect', ...tellStep('UnprotectPorts', factsOf(shield)) })),
  ]
}

function factsOf({ machine, policy, ports }: WireShield): Record<'ports' | 'machine' | 'policy', string> {
  const list = ports.map(({ number, protocol }) => `${number}/${protocol}`).join(', ')
  const name = resourceName(machine as Parameters<typeof resourceName>[0]) // an id that was sent to it
  return { ports: list, machine: name, policy }
}

/** In a pass over some slots nothing is unprotected: only a look at everything may take a shield away. */
function nextShields({ desired, observed, scope }: Input): WireShield[] {
  const shall = desired.shields.map(wireFromShield)
  if (scope === 'all') return shall
  const named = new Set(shall.map(({ machine, policy }) => `${machine.toLowerCase()}|${policy}`))
  const others = observed.report.state.shields.filter(
    ({ machine, policy }) => !named.has(`${machine.toLowerCase()}|${policy}`),
  )
  return [...shall, ...others]
}

/** Outside the scope everything stays as it was said before. */
function nextHoles(input: Input, wanted: readonly Hole[]): WireHole[] {
  const { observed, now } = input
  const others = observed.holes.filter((hole) => hole.until > now && !isInScope(input, toldHole(hole).slot))
  return [...others, ...wanted.map(wireFromHole)]
}

/** Also where nothing is protected yet: what is behind it, the host tells who gets in at. */
function placeSteps({ observed: { knowsItsPlace } }: Input): Step[] {
  if (knowsItsPlace) return []
  return [{ kind: 'extend', ...tellStep('TellGateway', {}) }]
}

/**
 * Of a document that may still be on its way nobody knows what it will do: the host is handed the next one, which counts
 * instead of it, before anything is concluded.
 */
function leftSteps({ report, isAcknowledged }: HostObserved): Step[] {
  const { left: texts, leftSteps: told } = report.state
  const left = saidBy(texts, told).map((said): Step => ({ kind: 'repair', ...stepFrom(said) }))
  if (isAcknowledged) return left
  return [...left, { kind: 'repair', ...tellStep('HandDocument', {}) }]
}
