/** What writing a policy would change on every enforcement point it touches, without changing anything. */
import type { App } from './app.ts'
import { authorizePolicy, judgePolicy, keysOf, pointsOf, policyId, type PolicyInput } from './judge-policy.ts'
import { PASS_DEADLINE } from './lease.ts'
import { openingsOf } from './point-view.ts'
import type { PointId, Step, StoredPolicy } from './ports.ts'
import { shieldsOf } from './shields.ts'
import { desired } from '../domain/desired.ts'
import { ok, refused, type Result } from '../domain/refusal.ts'
import { resourceKey, type ResourceId } from '../domain/resource-id.ts'

export interface PointPlan {
  readonly point: PointId
  readonly steps: readonly Step[]
}

export async function planPolicy(app: App, input: PolicyInput): Promise<Result<PointPlan[]>> {
  const id = policyId(input.address)
  if (!id.ok) return id
  const denied = await authorizePolicy(app, input, id.value)
  if (denied.length > 0) return refused(...denied)
  const existing = await app.store.reads.policy(resourceKey(id.value))
  const judged = await judgePolicy(app, input, existing)
  if (!judged.ok) return judged
  const machines = keysOf(existing).union(new Set(judged.value.machines.map(({ key }) => key)))
  const points = [...new Set([...machines].flatMap((key) => pointsOf(app, key)))].sort()
  const proposed = proposedPolicy(input, id.value, existing)
  return ok(await Promise.all(points.map((point) => planPoint(app, point, proposed))))
}

/** Only what shields are made from matters here; it is never stored. */
function proposedPolicy(input: PolicyInput, id: ResourceId, existing: StoredPolicy | undefined): StoredPolicy {
  const { address, kind, machines } = input
  const times = { createdAt: 0, updatedAt: 0, version: 0, uid: existing?.uid ?? '' }
  return { ...address, ...times, id, key: resourceKey(id), kind, machines, name: existing?.name ?? address.name }
}

async function planPoint(app: App, point: PointId, proposed: StoredPolicy): Promise<PointPlan> {
  const driver = app.driverOf(point)
  if (driver === undefined) return { point, steps: [] }
  const { reads } = app.store
  const now = app.clock.now()
  const covering = await reads.policiesCovering(app.inventory.behind(point).map((machine) => machine.key))
  const shields = shieldsOf(
    [...covering.filter((policy) => policy.key !== proposed.key), proposed],
    app.inventory,
    point,
  )
  const wants = desired(shields, openingsOf(await reads.grantsAt(point), now), now)
  const observed = await driver.observe(point, 'all', AbortSignal.timeout(PASS_DEADLINE))
  const plan = driver.plan({ desired: wants, observed, scope: 'all', journal: await reads.journal(point), now })
  return { point, steps: plan.steps }
}
