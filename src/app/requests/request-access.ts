/**
 * Asking for access. Judged and recorded in one transaction (request, grants, audit row, points due) before anything
 * outside happens; then the points are brought to it at once. The answer tells what was observed by then.
 */
import { actorOf } from '../audit/actor-of.ts'
import { allOrRefused } from '../all-or-refused.ts'
import { grantEvent } from './grant-event.ts'
import type { App } from '../app.ts'
import { authorizeRequest, judgeRequest, type Judged, type RequestAccessInput } from './judge-request.ts'
import type { Caller } from '../ports/caller.ts'
import type { PointId } from '../ports/inventory.ts'
import type { PointRow, StoredRequest } from '../ports/rows.ts'
import { leaseFor } from '../convergence/lease.ts'
import { recordRefusal, someOf } from '../audit/refusal-on-record.ts'
import { factsOf } from '../audit/told-by.ts'
import { withReach } from './with-reach.ts'
import type { Grant, RequestId } from '../../domain/access/grant.ts'
import type { GrantId } from '../../domain/access/hole.ts'
import { ok, refused, type Refusal, type Result } from '../../domain/refusal.ts'
import { summaryOf, type AccessRequestInput } from '../../domain/access/request.ts'
import { parseResourceId, resourceKey, type ResourceId } from '../../domain/resource-id.ts'
import { formatInstant, type Instant } from '../../domain/time.ts'

export async function requestAccess(app: App, input: RequestAccessInput): Promise<Result<StoredRequest>> {
  const denied = await authorizeRequest(app, input)
  const recorded = denied.length > 0 ? refused(...denied) : await recordRequest(app, input)
  if (!recorded.ok) {
    await auditRefusal(app, input, recorded.refusals)
    return recorded
  }
  const { request, points } = recorded.value
  await app.passes.settle(points, app.settings.answerWithin)
  const [told] = await withReach(app, [(await app.store.reads.request(request)) ?? missing(request)])
  return ok(told ?? missing(request))
}

type Recorded = Result<{ request: RequestId; points: readonly PointRow[] }>

function recordRequest(app: App, input: RequestAccessInput): Promise<Recorded> {
  const points = pointsNamed(app, input.body)
  return allOrRefused(app, async (tx) => {
    const now = app.clock.now()
    // The points are locked before the policy is read: a policy that is being removed shares them, and waits or is seen.
    const rows = await tx.wish({ points, shape: false, dueAt: now, lease: leaseFor(app.owner, now) })
    const judged = await judgeRequest(app, tx, input, now)
    if (!judged.ok) return judged
    const request = requestFrom(app, input, judged.value, now)
    const pointsOf = new Map(request.grants.map((grant) => [grant.grant, pointsOfMachine(app, grant.machine)]))
    await tx.insertRequest(request, pointsOf, new Map(rows.map((row) => [row.id, row.wanted])))
    await tx.append(request.grants.map((grant) => requestedEvent(grant, request, input.caller)))
    return ok({ request: request.id, points: rows })
  })
}

function pointsNamed(app: App, body: AccessRequestInput): PointId[] {
  const named = body.virtualMachines.flatMap(({ id }) => {
    const parsed = parseResourceId(id)
    return parsed.ok ? pointsOfMachine(app, parsed.value) : []
  })
  return [...new Set(named)].sort()
}

function pointsOfMachine(app: App, id: ResourceId): readonly PointId[] {
  return app.inventory.find(resourceKey(id))?.points ?? []
}

function requestFrom(
  app: App,
  { body, caller }: RequestAccessInput,
  { policy, allowed }: Judged,
  now: Instant,
): StoredRequest {
  const id = app.uuid() as RequestId // a fresh name
  const grants: Grant[] = allowed.map((hole) => ({
    ...hole,
    grant: app.uuid() as GrantId, // a fresh name
    request: id,
    from: now,
    state: 'opening',
    reason: 'UserRequested',
  }))
  return {
    id,
    policy: policy.uid,
    requestor: caller.name,
    ...(caller.principals[0] === undefined ? {} : { requestorId: caller.principals[0] }),
    address: caller.address,
    ...(body.justification == null || body.justification === '' ? {} : { justification: body.justification }),
    startedAt: now,
    startTimeUtc: formatInstant(now),
    grants,
  }
}

/** One per grant: its first transition, with what the person said. */
function requestedEvent(grant: Grant, request: StoredRequest, caller: Caller): ReturnType<typeof grantEvent> {
  const { address } = caller
  const actor = actorOf(caller)
  const { justification } = request
  const by = { at: request.startedAt, action: 'access.requested', actor, address } as const
  return grantEvent(grant, by, {
    ...(justification === undefined ? {} : { justification }),
    ...factsOf(caller),
  })
}

/** The documented sentence speaks for all, as in the answer. */
async function auditRefusal(
  app: App,
  { policyId, body, caller }: RequestAccessInput,
  refusals: readonly Refusal[],
): Promise<void> {
  const { code, message } = summaryOf(refusals, policyId)
  const { justification, virtualMachines } = body
  const facts = {
    code,
    message,
    machines: someOf(virtualMachines.map(({ id }) => id)),
    ports: someOf(virtualMachines.flatMap(({ ports }) => ports.map(({ number }) => number))),
    ...(justification == null || justification === '' ? {} : { justification: justification.slice(0, 1_000) }),
  }
  await recordRefusal(app, { action: 'access.refused', target: policyId, caller, facts }, refusals)
}

function missing(request: RequestId): never {
  throw new Error(`request ${request} was committed and cannot be read`)
}
