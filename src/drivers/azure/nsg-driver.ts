/**
 * Enforcement on Azure's network security groups, by the same judgement that the simulated fleet uses. A group is always
 * written whole and only over the version that was read (`If-Match`), so a pass is one write, however many holes it
 * opens and shuts, and nobody's change in between is lost (ADR 13).
 */
import type { Driver, Foresight, Plan, PlanInput } from '../../app/ports/driver.ts'
import type { PointId } from '../../app/ports/inventory.ts'
import type { PriorityBands } from '../../domain/clouds/connection.ts'
import { failure } from '../../domain/access/failure.ts'
import type { Hole } from '../../domain/access/hole.ts'
import { tellStep } from '../../domain/access/step.ts'
import {
  applyChanges,
  planRules,
  type GuardedMachine,
  type RulesInput,
  type RulesPlan,
} from '../../domain/security-groups/plan-rules.ts'
import type { Refusal } from '../../domain/refusal.ts'
import { resourceKey, type ResourceKey } from '../../domain/resource-id.ts'
import { MINUTE, SECOND } from '../../domain/time.ts'
import { ArmError } from './arm-answer.ts'
import type { ArmRequest } from './arm-client.ts'
import { keyIn } from './azure-points.ts'
import { withoutDoubtful, type Doubts } from './doubts.ts'
import { estateOf, type Connected, type NsgDeps } from './connected.ts'
import { NETWORK_VERSION, readOr404 } from './direct-rows.ts'
import { guardedBy, withGroup, type Estate, type EstateMachine } from './estate.ts'
import { firewallServing, seenFromFirewall } from './firewall-serving.ts'
import { rulesOf } from './exposures.ts'
import { followOperation, Rhythm } from './follow-operation.ts'
import { nsgWith, readNsg, type NsgBody } from './nsg-wire.ts'
import type { Urgency } from './throttle.ts'
import { verifyMachines } from './verify-machines.ts'

export interface ObservedNsg {
  readonly nsg: ResourceKey
  /** Undefined when the group is gone. */
  readonly body: NsgBody | undefined
  readonly machines: ReadonlyMap<ResourceKey, GuardedMachine>
  /** Whether the machine was read, wherever it is now. */
  readonly isKnown: (machine: ResourceKey) => boolean
  readonly doubts: Doubts
  readonly bands: PriorityBands | undefined
}

export interface NsgPlan extends Plan, Pick<RulesPlan, 'changes' | 'unprotected'> {
  readonly nsg: ResourceKey
  readonly body: NsgBody | undefined
  /** Machines that somebody will be let in to: what is known of them is read anew before that. */
  readonly opened: readonly ResourceKey[]
}

export type NsgDriver = Pick<Driver<ObservedNsg, NsgPlan>, 'observe' | 'plan' | 'apply' | 'foresee'> & {
  estateAfter(estate: Estate, plan: NsgPlan): Estate
}

/** How often a group is looked at although nothing changes: terraform and people tell nobody. */
export const HEARTBEAT = 10 * MINUTE
/** A pass reads, waits for its turn to write, writes, follows and reads again. */
export const PATIENCE = 2 * MINUTE
const SETTLING_PAUSE = SECOND

export function nsgDriver(given: NsgDeps): NsgDriver {
  const deps = { ...given, rhythm: new Rhythm() }
  return {
    observe: (point, _scope, signal) => observe(deps, point, signal),
    plan,
    apply: (point, made, signal) => apply(deps, point, { plan: made, signal }),
    foresee: async (foresight) => foresee(deps, foresight),
    estateAfter,
  }
}

async function observe({ route, sleep }: NsgDeps, point: PointId, signal: AbortSignal): Promise<ObservedNsg> {
  const connected = route(point)
  const nsg = keyIn(point)
  const estate = estateOf(connected)
  const read = async (): Promise<NsgBody | undefined> => {
    const body = await readOr404(connected.arm, pathOf(nsg), { urgency: 'repair', signal })
    return body === undefined ? undefined : readNsg(body, nsg)
  }
  let body = await read()
  // What a write in progress will leave is not yet in force, whoever began it.
  while (body?.isSettling === true) {
    await sleep(SETTLING_PAUSE, signal)
    body = await read()
  }
  if (body !== undefined) remember(connected, nsg, body)
  return {
    nsg,
    body,
    machines: guardedMachines(connected, nsg),
    isKnown: (machine) => estate.machines.has(machine),
    doubts: new Map(connected.doubts),
    bands: connected.settings.bands,
  }
}

function guardedMachines(connected: Connected, nsg: ResourceKey): ObservedNsg['machines'] {
  const estate = estateOf(connected)
  const guarded = (machine: EstateMachine): GuardedMachine => {
    const firewall = firewallServing(estate, machine, connected.settings)
    return guardedBy(nsg, machine, firewall === undefined ? undefined : seenFromFirewall(estate, firewall))
  }
  return new Map((estate.behind.get(nsg) ?? []).map((machine) => [machine.key, guarded(machine)]))
}

/** By the rules that were read last: a policy of a thousand machines would otherwise cost a thousand calls to try. */
function foresee({ route }: NsgDeps, { point, shields, journal }: Foresight): readonly Refusal[] {
  const connected = route(point)
  const nsg = keyIn(point)
  const group = estateOf(connected).groups.get(nsg)
  if (group === undefined) return []
  const { unprotected } = planRules({
    nsg,
    version: '',
    rules: rulesOf(group),
    machines: guardedMachines(connected, nsg),
    desired: { shields, holes: [] },
    scope: 'all',
    journal,
    ...numbersFor(connected.settings.bands),
  })
  return unprotected
}

function estateAfter(estate: Estate, { nsg, body, changes }: NsgPlan): Estate {
  if (body === undefined) return estate
  return withGroup(
    estate,
    nsg,
    applyChanges(body.rules, changes).map(({ written }) => written),
  )
}

/** What the list of machines tells of who gets in follows every look, without reading everything anew. */
function remember(connected: Connected, nsg: ResourceKey, { rules }: NsgBody): void {
  const known = connected.estate?.groups.get(nsg)?.rules ?? []
  const isSame =
    known.length === rules.length && JSON.stringify(known) === JSON.stringify(rules.map(({ written }) => written))
  if (connected.estate !== undefined && !isSame)
    connected.estate = withGroup(
      connected.estate,
      nsg,
      rules.map(({ written }) => written),
    )
}

function plan({ desired: asked, observed, scope, journal }: PlanInput<ObservedNsg>): NsgPlan {
  const { nsg, body, machines, bands, isKnown, doubts } = observed
  if (body === undefined) return planWithoutGroup(nsg, asked.holes)
  const { desired, impossible } = withoutDoubtful(asked, doubts)
  const unread = desired.shields.find(({ machine }) => !isKnown(resourceKey(machine)))
  // Without its addresses its deny rules would look like leftovers.
  if (unread !== undefined) throw new Error(`${unread.machine} is protected and was not read yet; nothing is changed`)
  const rules = planRules({
    nsg,
    version: body.etag,
    rules: body.rules,
    machines,
    desired,
    scope,
    journal,
    ...numbersFor(bands),
  })
  const made = body.isBroken ? writtenAgain(rules) : rules
  const waiting = desired.holes.filter(({ key }) => !made.held.has(key) && !made.impossible.has(key))
  return {
    ...made,
    impossible: new Map([...made.impossible, ...impossible]),
    nsg,
    body,
    opened: [...new Set(waiting.map(({ machine }) => resourceKey(machine)))],
  }
}

function numbersFor(bands: PriorityBands | undefined): Pick<RulesInput, 'band' | 'denyBand'> {
  if (bands === undefined) return {}
  const { allow, deny } = bands
  return { band: { first: allow.from, last: allow.to }, denyBand: { first: deny.from, last: deny.to } }
}

/** After a write that failed nothing is known to be open or shut until one succeeds. */
function writtenAgain(rules: RulesPlan): RulesPlan {
  return {
    ...rules,
    steps: [...rules.steps, { kind: 'repair', ...tellStep('GroupAgain', {}) }],
    changes: rules.changes.length > 0 ? rules.changes : [{ kind: 'touch' }],
    held: new Set(),
  }
}

/** With the group went its rules: nothing is left to remove, and nothing can be opened. */
function planWithoutGroup(nsg: ResourceKey, holes: readonly Hole[]): NsgPlan {
  const why = failure('NoSecurityGroup', { group: nsg })
  return {
    steps: [],
    held: new Set(),
    lingering: new Set(),
    impossible: new Map(holes.map(({ key }) => [key, why])),
    journal: [],
    changes: [],
    unprotected: [],
    nsg,
    body: undefined,
    opened: [],
  }
}

interface WriteDeps extends NsgDeps {
  readonly rhythm: Rhythm
}

async function apply(
  deps: WriteDeps,
  point: PointId,
  { plan: made, signal }: { plan: NsgPlan; signal: AbortSignal },
): Promise<void> {
  const { body, changes, unprotected } = made
  if (body !== undefined && changes.length > 0) {
    await verifyMachines(deps.route(point), made.opened, signal)
    await write(deps, point, { plan: { ...made, body }, signal })
  }
  if (unprotected.length > 0) throw new Error(unprotected.map(({ message }) => message).join('; '))
}

async function write(
  { route, sleep, rhythm }: WriteDeps,
  point: PointId,
  { plan: { body, changes, steps }, signal }: { plan: NsgPlan & { readonly body: NsgBody }; signal: AbortSignal },
): Promise<void> {
  const { arm } = route(point)
  const nsg = keyIn(point)
  const request: ArmRequest = {
    method: 'PUT',
    path: pathOf(nsg),
    body: nsgWith(body, changes),
    ifMatch: body.etag,
    what: `change network security group ${nsg}`,
    urgency: urgencyOf(steps),
    signal,
  }
  try {
    const answer = await arm.send(request)
    await followOperation({ arm, sleep, rhythm }, request, answer)
  } catch (error) {
    // Somebody else was first and nothing was done: the look that follows every change sees theirs, and plans anew.
    if (error instanceof ArmError && error.status === 412) return
    throw error
  }
}

/** What lets somebody out of a write's way is worth more than what lets somebody in. */
function urgencyOf(steps: Plan['steps']): Urgency {
  if (steps.some(({ kind }) => kind === 'close' || kind === 'protect')) return 'close'
  return steps.every(({ kind }) => kind === 'open' || kind === 'extend') ? 'open' : 'repair'
}

function pathOf(nsg: ResourceKey): string {
  return `${nsg}?api-version=${NETWORK_VERSION}`
}
