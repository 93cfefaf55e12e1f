/**
 * Enforcement on Azure Firewalls: access is a translation and a network rule that come and go. A firewall with classic
 * rules is written whole over the version that was read; for one that a policy rules, a rule collection group of our own
 * in that policy is. Either takes minutes, so a pass writes once, whatever it opens and shuts, and closes begin so early
 * that they are done at the end.
 */
import type { Clock } from '../../app/ports/clock.ts'
import type { Driver, JournalEntry, Plan, PlanInput, PointTraits } from '../../app/ports/driver.ts'
import type { PointId } from '../../app/ports/inventory.ts'
import { failure, type Failure } from '../../domain/access/failure.ts'
import { tellStep } from '../../domain/access/step.ts'
import { resourceKey, type ResourceKey } from '../../domain/resource-id.ts'
import { MINUTE, SECOND, type Millis } from '../../domain/time.ts'
import { ArmError, isJson, listAt, recordAt, textAt, type Json } from './arm-answer.ts'
import type { ArmRequest } from './arm-client.ts'
import { keyIn } from './azure-points.ts'
import { estateOf, type Connected, type NsgDeps } from './connected.ts'
import { NETWORK_VERSION, readOr404 } from './direct-rows.ts'
import { planFirewall, type FirewallRulesPlan, type ServedMachine } from './firewall-plan.ts'
import { groupWith, readGroup, type PolicyGroup } from './firewall-policy-wire.ts'
import { groupName, type RuleCollection } from './firewall-rule.ts'
import { servedBy } from './firewall-serving.ts'
import { firewallWith, readFirewall, type FirewallBody } from './firewall-wire.ts'
import { withoutDoubtful, type Doubts } from './doubts.ts'
import { followOperation } from './follow-operation.ts'
import type { Urgency } from './throttle.ts'
import { verifyMachines } from './verify-machines.ts'

export interface FirewallDeps extends NsgDeps {
  readonly clock: Clock
}

interface ObservedFirewall {
  readonly firewall: ResourceKey
  /** Undefined when the firewall is gone. */
  readonly body: FirewallBody | undefined
  /** Of the policy that rules it; undefined with classic rules. */
  readonly groups: readonly PolicyGroup[] | undefined
  /** Why nothing can be opened through it, and nothing of ours is there. */
  readonly useless: Failure | undefined
  readonly publicAddresses: readonly string[]
  readonly machines: ReadonlyMap<ResourceKey, ServedMachine>
  readonly isKnown: (machine: ResourceKey) => boolean
  readonly doubts: Doubts
}

interface FirewallPlan extends Plan, Pick<FirewallRulesPlan, 'rules'> {
  readonly observed: ObservedFirewall
  /** Machines that somebody will be let in to: what is known of them is read anew before that. */
  readonly opened: readonly ResourceKey[]
}

type FirewallDriver = Pick<Driver<ObservedFirewall, FirewallPlan>, 'observe' | 'plan' | 'apply'> & {
  traitsOf(point: PointId): PointTraits
}

/** An update "can take three to five minutes on average" (MicrosoftDocs/azure-docs issue 64513). */
const PATIENCE = 20 * MINUTE
const USUAL_WRITE = 3 * MINUTE
const LONGEST_LEAD = 5 * MINUTE
const SETTLING_PAUSE = 5 * SECOND
const POLLING_PAUSE = 10 * SECOND

export function firewallDriver(deps: FirewallDeps): FirewallDriver {
  const durations = new Map<PointId, Millis>()
  return {
    observe: (point, _scope, signal) => observe(deps, point, signal),
    plan,
    apply: async (point, made, signal) => {
      const begun = deps.clock.now()
      const isWritten = await apply(deps, point, { plan: made, signal })
      if (isWritten) durations.set(point, deps.clock.now() - begun)
    },
    // As long as the last write took, and a little more.
    traitsOf: (point) => ({
      patience: PATIENCE,
      translates: true,
      lead: Math.min(LONGEST_LEAD, Math.round((durations.get(point) ?? USUAL_WRITE) * 1.2)),
    }),
  }
}

// ── Looking ────────────────────────────────────────────────────────────────────────────────────────────────────────

async function observe({ route, sleep }: FirewallDeps, point: PointId, signal: AbortSignal): Promise<ObservedFirewall> {
  const connected = route(point)
  const firewall = keyIn(point)
  const estate = estateOf(connected)
  const read = async (): Promise<FirewallBody | undefined> => {
    const body = await readOr404(connected.arm, pathOf(firewall), { urgency: 'repair', signal })
    return body === undefined ? undefined : readFirewall(body, firewall)
  }
  let body = await read()
  // What a write in progress will leave is not yet in force, whoever began it.
  while (body?.isSettling === true) {
    await sleep(SETTLING_PAUSE, signal)
    body = await read()
  }
  return {
    firewall,
    body,
    groups:
      body?.policy === undefined ? undefined : await readGroups(connected, firewall, { policy: body.policy, signal }),
    useless: uselessOf(firewall, body, connected),
    publicAddresses: body === undefined ? [] : await addressesOf(connected, body, signal),
    machines: servedBy(estate, firewall, connected.settings),
    isKnown: (machine) => estate.machines.has(machine),
    doubts: new Map(connected.doubts),
  }
}

function uselessOf(
  firewall: ResourceKey,
  body: FirewallBody | undefined,
  { settings, connection }: Connected,
): Failure | undefined {
  if (body === undefined) return failure('NoFirewall', { firewall })
  if (body.policy === undefined || settings.firewallPolicies) return undefined
  return failure('FirewallPolicy', { firewall, policy: body.policy, connection: connection.name })
}

async function addressesOf(
  { arm, estate }: Connected,
  { addresses }: FirewallBody,
  signal: AbortSignal,
): Promise<string[]> {
  const known = addresses.map(async (id) => {
    const address = estate?.publicAddresses.get(id.toLowerCase()) ?? ''
    if (address !== '') return address
    const body = await readOr404(arm, pathOf(id), { urgency: 'repair', signal })
    return textAt(recordAt(body, 'properties'), 'ipAddress') ?? ''
  })
  return (await Promise.all(known)).filter((address) => address !== '' && !address.includes(':'))
}

/**
 * The groups of the policy and of those that it inherits from, for the ports and numbers that they use; ours is read by
 * itself, because lists lag behind.
 */
async function readGroups(
  connected: Connected,
  firewall: ResourceKey,
  { policy, signal }: { policy: string; signal: AbortSignal },
): Promise<PolicyGroup[]> {
  const own = await readOr404(connected.arm, groupPath(policy, firewall), { urgency: 'repair', signal })
  const groups: PolicyGroup[] = own === undefined ? [] : [readGroup(own)]
  for (let next: string | undefined = policy; next !== undefined;) {
    const listed = await readAll(connected, `${next}/ruleCollectionGroups?api-version=${NETWORK_VERSION}`, signal)
    groups.push(...listed.map(readGroup).filter(({ name }) => name !== groupName(firewall)))
    const body: Json | undefined = await readOr404(connected.arm, pathOf(next), { urgency: 'repair', signal })
    next = textAt(recordAt(recordAt(body, 'properties'), 'basePolicy'), 'id')
  }
  return groups
}

async function readAll({ arm }: Connected, path: string, signal: AbortSignal): Promise<Json[]> {
  const all: Json[] = []
  for (let next: string | undefined = path; next !== undefined;) {
    const { body }: { readonly body: unknown } = await arm.send({
      method: 'GET',
      path: next,
      what: `read ${path}`,
      urgency: 'repair',
      signal,
    })
    all.push(...listAt(body, 'value').filter(isJson))
    next = textAt(body, 'nextLink')
  }
  return all
}

// ── Judging ────────────────────────────────────────────────────────────────────────────────────────────────────────

function plan({ desired: asked, observed, scope, journal }: PlanInput<ObservedFirewall>): FirewallPlan {
  const { firewall, publicAddresses, machines, isKnown, useless, doubts } = observed
  if (useless !== undefined) return nothing(observed, new Map(asked.holes.map(({ key }) => [key, useless])))
  const { desired, impossible } = withoutDoubtful(asked, doubts)
  const unread = desired.shields.find(({ machine }) => !isKnown(resourceKey(machine)))
  // Without its address its rules would look like leftovers.
  if (unread !== undefined) throw new Error(`${unread.machine} is protected and was not read yet; nothing is changed`)
  const { shields, holes } = desired
  const collections = collectionsOf(observed)
  const made = planFirewall({ firewall, publicAddresses, collections, machines, shields, holes, scope, journal })
  const sure = isAtStake(observed, made, journal) ? writtenAgain(made, journal) : made
  const waiting = holes.filter(({ key }) => !sure.held.has(key) && !sure.impossible.has(key))
  return {
    ...sure,
    impossible: new Map([...sure.impossible, ...impossible]),
    observed,
    opened: [...new Set(waiting.map(({ machine }) => resourceKey(machine)))],
  }
}

/** Whether the last write failed, of us or of somebody else, and something of ours depends on it. */
function isAtStake(
  { firewall, body, groups }: ObservedFirewall,
  { rules, steps }: FirewallRulesPlan,
  journal: readonly JournalEntry[],
): boolean {
  const own = groups?.find(({ name }) => name === groupName(firewall))
  if (groups !== undefined) return own !== undefined && (own.isBroken || body?.isBroken === true)
  return body?.isBroken === true && (rules.length > 0 || steps.length > 0 || journal.length > 0)
}

/**
 * After a write that failed nothing is known to be open or shut until one succeeds; what is on record stays there until
 * then, because it tells that something is at stake.
 */
function writtenAgain(made: FirewallRulesPlan, journal: readonly JournalEntry[]): FirewallRulesPlan {
  const entries = new Map([...journal, ...made.journal].map((entry) => [entry.key, entry]))
  return {
    ...made,
    steps: [...made.steps, { kind: 'repair', ...tellStep('FirewallAgain', {}) }],
    held: new Set(),
    journal: [...entries.values()].sort((one, other) => (one.key < other.key ? -1 : 1)),
  }
}

function collectionsOf({ groups, body }: ObservedFirewall): readonly RuleCollection[] {
  return groups?.flatMap(({ collections }) => collections) ?? body?.collections ?? []
}

function nothing(observed: ObservedFirewall, impossible: Plan['impossible']): FirewallPlan {
  return { steps: [], rules: [], held: new Set(), lingering: new Set(), impossible, journal: [], observed, opened: [] }
}

// ── Acting ─────────────────────────────────────────────────────────────────────────────────────────────────────────

async function apply(
  { route, sleep }: FirewallDeps,
  point: PointId,
  { plan: made, signal }: { plan: FirewallPlan; signal: AbortSignal },
): Promise<boolean> {
  const connected = route(point)
  const request = requestFor(made, signal)
  if (request === undefined) return false
  await verifyMachines(connected, made.opened, signal)
  const { arm } = connected
  try {
    const answer = await arm.send(request)
    await followOperation({ arm, sleep, patience: POLLING_PAUSE }, request, answer)
    return true
  } catch (error) {
    // Somebody else was first and nothing was done: the look that follows every change sees theirs, and plans anew.
    if (error instanceof ArmError && error.status === 412) return false
    throw error
  }
}

function requestFor({ observed, rules, steps }: FirewallPlan, signal: AbortSignal): ArmRequest | undefined {
  const { firewall, body, groups } = observed
  if (body === undefined || steps.length === 0) return undefined
  const common = { what: `change firewall ${firewall}`, urgency: urgencyOf(steps), signal }
  if (groups === undefined || body.policy === undefined)
    return {
      ...common,
      method: 'PUT',
      path: pathOf(firewall),
      body: firewallWith(body, firewall, rules),
      ifMatch: body.etag,
    }
  const path = groupPath(body.policy, firewall)
  const etag = groups.find(({ name }) => name === groupName(firewall))?.etag
  const match = etag === undefined ? {} : { ifMatch: etag }
  if (rules.length === 0) return { ...common, ...match, method: 'DELETE', path }
  return { ...common, ...match, method: 'PUT', path, body: groupWith(groups, firewall, rules) }
}

function urgencyOf(steps: Plan['steps']): Urgency {
  if (steps.some(({ kind }) => kind === 'close')) return 'close'
  return steps.every(({ kind }) => kind === 'open' || kind === 'extend') ? 'open' : 'repair'
}

function groupPath(policy: string, firewall: ResourceKey): string {
  return pathOf(`${policy}/ruleCollectionGroups/${groupName(firewall)}`)
}

function pathOf(id: string): string {
  return `${id}?api-version=${NETWORK_VERSION}`
}
