/** What writing or removing a policy would change, by the judgement of the real thing, without changing anything. */
import type { App } from './app.ts'
import { authorize } from './authorize.ts'
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
import { PASS_DEADLINE } from './lease.ts'
import { openingsOf } from './point-view.ts'
import type { PointId, Step, StoredPolicy } from './ports.ts'
import type { RemovePolicyInput } from './remove-policy.ts'
import { shieldsOf } from './shields.ts'
import { desired } from '../domain/desired.ts'
import type { GrantId } from '../domain/hole.ts'
import { refusalOfRemoval, upkeepAfter } from '../domain/ownership.ts'
import type { PolicyBody } from '../domain/policy.ts'
import { ok, refused, type Result } from '../domain/refusal.ts'
import { DELETE_POLICY } from '../domain/required-actions.ts'
import { resourceKey, type ResourceKey } from '../domain/resource-id.ts'

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
}

/** `steps`: look at the enforcement points too. */
export async function planPolicy(app: App, input: PolicyInput, look: { steps: boolean }): Promise<Result<PolicyPlan>> {
  const id = policyId(input.address)
  if (!id.ok) return id
  const denied = await authorizePolicy(app, input, id.value)
  if (denied.length > 0) return refused(...denied)
  const existing = await app.store.reads.policy(resourceKey(id.value))
  const judged = await judgePolicy(app, input, existing)
  if (!judged.ok) return judged
  const proposed = proposedPolicy(input, id.value, existing)
  const { value: body } = judged
  const points = look.steps ? await planPoints(app, { key: proposed.key, existing, proposed, body }) : []
  return ok({ action: actionOf(input, existing, body), ...(existing && { before: existing }), points })
}

export async function planRemoval(
  app: App,
  { policy: key, policyId: written, caller, claim }: RemovePolicyInput,
  look: { steps: boolean },
): Promise<Result<PolicyPlan>> {
  const denied = await authorize(app, caller, [{ anyOf: DELETE_POLICY, scope: written ?? key }])
  if (denied.length > 0) return refused(...denied)
  const existing = await app.store.reads.policy(key)
  if (existing === undefined) return ok({ action: 'none', points: [] })
  const elsewhere = refusalOfRemoval(existing, claim)
  if (elsewhere !== undefined) return refused(elsewhere)
  const points = look.steps ? await planPoints(app, { key, existing }) : []
  return ok({ action: 'remove', before: existing, points })
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

async function planPoints(app: App, proposal: Proposal): Promise<PointPlan[]> {
  const machines = keysOf(proposal.existing).union(keysOf(proposal.proposed))
  const points = [...new Set([...machines].flatMap((machine) => pointsOf(app, machine)))].sort()
  const leaving = await leavingGrants(app, proposal)
  return Promise.all(points.map((point) => planPoint(app, point, { ...proposal, leaving })))
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
): Promise<PointPlan> {
  const driver = app.driverOf(point)
  if (driver === undefined) return { point, steps: [] }
  const { reads } = app.store
  const now = app.clock.now()
  const covering = await reads.policiesCovering(app.inventory.behind(point).map((machine) => machine.key))
  const others = covering.filter((policy) => policy.key !== key)
  const shields = shieldsOf(proposed === undefined ? others : [...others, proposed], app.inventory, point)
  const staying = (await reads.grantsAt(point)).filter(({ grant }) => !leaving.has(grant.grant))
  const wants = desired(shields, openingsOf(staying, now), now)
  const observed = await driver.observe(point, 'all', AbortSignal.timeout(PASS_DEADLINE))
  const plan = driver.plan({ desired: wants, observed, scope: 'all', journal: await reads.journal(point), now })
  return { point, steps: plan.steps }
}
