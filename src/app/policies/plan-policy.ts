/** What writing or removing a policy would change, by the judgement of the real thing, without changing anything. */
import type { App } from '../app.ts'
import { authorize } from '../identity/authorize.ts'
import {
  authorizePolicy,
  covers,
  isChange,
  judgePolicy,
  keysOf,
  pointsOf,
  policyId,
  proposedPolicy,
  type PolicyInput,
} from './judge-policy.ts'
import { withChosenMachines } from './chosen-machines.ts'
import { PASS_DEADLINE } from '../convergence/lease.ts'
import { openingsOf } from '../convergence/point-view.ts'
import type { Driver, Plan, PortsOfMachine, Step } from '../ports/driver.ts'
import type { Machine, PointId } from '../ports/inventory.ts'
import type { StoredPolicy } from '../ports/rows.ts'
import type { RemovePolicyInput } from './remove-policy.ts'
import { shieldsOf } from '../convergence/shields.ts'
import { storedPolicyBody } from './stored-policy-body.ts'
import { desired, type ProtectedPort } from '../../domain/access/desired.ts'
import type { GrantId, HoleKey, Slot } from '../../domain/access/hole.ts'
import type { Failure } from '../../domain/access/failure.ts'
import { tellStep } from '../../domain/access/step.ts'
import { refusalOfRemoval, upkeepAfter } from '../../domain/policy/ownership.ts'
import type { PolicyBody } from '../../domain/policy/policy.ts'
import { openByOthers, type PostureFinding } from '../../domain/posture.ts'
import { ok, refused, type Result } from '../../domain/refusal.ts'
import { DELETE_POLICY } from '../../domain/roles/required-actions.ts'
import { resourceKey, type ResourceId, type ResourceKey } from '../../domain/resource-id.ts'
import { formatInstant } from '../../domain/time.ts'

export interface PointPlan {
  readonly point: PointId
  readonly steps: readonly Step[]
}

export interface PolicyPlan {
  /** `adopt`: it stays as it is; only who manages it changes, or that somebody else changed it is settled. */
  readonly action: 'create' | 'update' | 'adopt' | 'none' | 'remove'
  readonly before?: StoredPolicy
  /** In the order of their ids; empty when not asked for. */
  readonly points: readonly PointPlan[]
  /** What the rules of others would let in all the same; empty when not asked for, or nobody can tell. */
  readonly stillOpen: readonly StillOpen[]
}

export interface StillOpen extends Pick<PostureFinding, 'severity' | 'port' | 'text'> {
  readonly machine: ResourceId
}

/** `steps`: look at the enforcement points too. */
export async function planPolicy(
  app: App,
  written: PolicyInput,
  look: { steps: boolean },
): Promise<Result<PolicyPlan>> {
  const id = policyId(written.address)
  if (!id.ok) return id
  const input = await withChosenMachines(app, written, id.value)
  const denied = await authorizePolicy(app, input, id.value)
  if (denied.length > 0) return refused(...denied)
  const existing = await app.store.reads.policy(resourceKey(id.value))
  const judged = await judgePolicy(app, input, existing)
  if (!judged.ok) return judged
  const proposed = proposedPolicy(input, id.value, existing)
  const { value: body } = judged
  const change = look.steps ? await planPoints(app, { key: proposed.key, existing, proposed, body }) : NOT_LOOKED
  return ok({ action: actionOf(input, existing, body), ...(existing && { before: existing }), ...change })
}

export async function planRemoval(
  app: App,
  { policy: key, policyId: written, caller, claim }: RemovePolicyInput,
  look: { steps: boolean },
): Promise<Result<PolicyPlan>> {
  const denied = await authorize(app, caller, [{ anyOf: DELETE_POLICY, scope: written ?? key }])
  if (denied.length > 0) return refused(...denied)
  const existing = await app.store.reads.policy(key)
  if (existing === undefined) return ok({ action: 'none', ...NOT_LOOKED })
  const elsewhere = refusalOfRemoval(existing, claim)
  if (elsewhere !== undefined) return refused(elsewhere)
  const change = look.steps ? await planPoints(app, { key, existing }) : NOT_LOOKED
  return ok({ action: 'remove', before: existing, ...change })
}

function actionOf(input: PolicyInput, existing: StoredPolicy | undefined, body: PolicyBody): PolicyPlan['action'] {
  if (existing === undefined) return 'create'
  if (isChange(existing, input, body)) return 'update'
  const { managedBy, changedOutsideAt } = existing
  const after = upkeepAfter(existing, input.claim, { changed: false, now: 0 })
  return after.managedBy === managedBy && after.changedOutsideAt === changedOutsideAt ? 'none' : 'adopt'
}

/** Without `proposed` and `body`, the policy goes. */
interface Proposal {
  readonly key: ResourceKey
  readonly existing: StoredPolicy | undefined
  readonly proposed?: StoredPolicy
  readonly body?: PolicyBody
}

type Change = Pick<PolicyPlan, 'points' | 'stillOpen'>

const NOT_LOOKED: Change = { points: [], stillOpen: [] }

async function planPoints(app: App, proposal: Proposal): Promise<Change> {
  const machines = keysOf(proposal.existing).union(keysOf(proposal.proposed))
  const points = [...new Set([...machines].flatMap((machine) => pointsOf(app, machine)))].sort()
  const leaving = await leavingGrants(app, proposal)
  const planned = await Promise.all(points.map((point) => planPoint(app, point, { ...proposal, leaving })))
  return {
    points: planned.map(({ point, plan }) => ({ point, steps: plan?.steps ?? [] })),
    stillOpen: stillOpen(app, proposal, planned),
  }
}

interface PlannedPoint {
  readonly point: PointId
  readonly driver?: Driver
  readonly plan?: Plan
}

/** Of every port that the policy protects or did: what would be reachable although, or because, it changed. */
function stillOpen(app: App, { existing, proposed }: Proposal, planned: readonly PlannedPoint[]): StillOpen[] {
  const plans = new Map<Driver, Map<PointId, Plan>>()
  for (const { point, driver, plan } of planned)
    if (driver !== undefined && plan !== undefined)
      plans.set(driver, (plans.get(driver) ?? new Map<PointId, Plan>()).set(point, plan))
  const machines = portsOf([existing, proposed])
  return [...plans].flatMap(([driver, made]) =>
    [...(driver.exposuresAfter?.(machines, made) ?? [])].flatMap(([key, exposures]) =>
      openByOthers(exposures).map(({ severity, port, text }) => ({
        machine: app.inventory.find(key)?.id ?? (key as string as ResourceId), // a key is an id too
        severity,
        ...(port !== undefined && { port }),
        text,
      })),
    ),
  )
}

function portsOf(policies: readonly (StoredPolicy | undefined)[]): PortsOfMachine[] {
  const machines = new Map<ResourceKey, Map<string, ProtectedPort>>()
  for (const { key, ports } of policies.flatMap((each) =>
    each === undefined ? [] : storedPolicyBody(each).machines,
  )) {
    const known = machines.get(key) ?? new Map<string, ProtectedPort>()
    for (const { number, protocol } of ports) known.set(`${number}/${protocol}`, { number, protocol })
    machines.set(key, known)
  }
  return [...machines].map(([machine, ports]) => ({ machine, ports: [...ports.values()] }))
}

/** What the write would close. */
async function leavingGrants(app: App, { existing, body }: Proposal): Promise<ReadonlySet<GrantId>> {
  const live = existing === undefined ? [] : await app.store.reads.liveGrants([existing.uid])
  return new Set(live.filter((grant) => body === undefined || !covers(body, grant)).map(({ grant }) => grant))
}

async function planPoint(
  app: App,
  point: PointId,
  { key, proposed, leaving }: Proposal & { readonly leaving: ReadonlySet<GrantId> },
): Promise<PlannedPoint> {
  const driver = app.driverOf(point)
  if (driver === undefined) return { point }
  const [machine] = app.inventory.behind(point)
  if (machine?.unreachableSince !== undefined) return { point, driver, plan: unseen(machine) }
  const { reads } = app.store
  const now = app.clock.now()
  const covering = await reads.policiesCovering(app.inventory.behind(point).map((machine) => machine.key))
  const others = covering.filter((policy) => policy.key !== key)
  const shields = shieldsOf(proposed === undefined ? others : [...others, proposed], app.inventory, point)
  const staying = (await reads.grantsAt(point)).filter(({ grant }) => !leaving.has(grant.grant))
  const wants = desired(shields, openingsOf(staying, now), now)
  const observed = await driver
    .observe(point, 'all', AbortSignal.timeout(PASS_DEADLINE))
    .catch((cause: unknown) => new NotSeen(cause))
  if (observed instanceof NotSeen) return { point, driver, plan: notSeen(observed) }
  const input = { desired: wants, observed, scope: 'all', journal: await reads.journal(point), now } as const
  const plan = driver.plan({ ...input, isProposal: true })
  if (plan.steps.length === 0 || driver.foretell === undefined) return { point, driver, plan }
  const steps = await driver.foretell(point, plan, AbortSignal.timeout(PASS_DEADLINE))
  return { point, driver, plan: { ...plan, steps } }
}

/** Its agent is connected to another replica, or has just gone: the write is carried out all the same, by whoever reaches the point. */
class NotSeen {
  readonly why: string
  constructor(cause: unknown) {
    this.why = cause instanceof Error ? cause.message : String(cause)
  }
}

function notSeen({ why }: NotSeen): Plan {
  return { ...NOTHING_KNOWN, steps: [{ kind: 'protect', ...tellStep('PointNotSeen', { why }) }] }
}

/** What is there nobody can see now; it is made as the policy says when the host is back. */
function unseen({ name, unreachableSince: since = 0 }: Machine): Plan {
  const away = tellStep('HostAway', { host: name, since: formatInstant(since) })
  return { ...NOTHING_KNOWN, steps: [{ kind: 'protect', ...away }] }
}

const NOTHING_KNOWN: Omit<Plan, 'steps'> = {
  held: new Set<HoleKey>(),
  lingering: new Set<Slot>(),
  impossible: new Map<HoleKey, Failure>(),
  journal: [],
}
