/**
 * Writing a policy. The whole list of machines is replaced, as in the original; live requests and history stay, except
 * that the grants of a machine or port that leaves the policy are closed.
 */
import { actorOf } from '../audit/actor-of.ts'
import type { App } from '../app.ts'
import {
  authorizePolicy,
  covers,
  isChange,
  judgePolicy,
  keysOf,
  pointsOf,
  policyId,
  selectorsOf,
  type PolicyInput,
} from './judge-policy.ts'
import { withChosenMachines } from './chosen-machines.ts'
import { followSelectors } from './follow-selectors.ts'
import { leaseFor } from '../convergence/lease.ts'
import type { Caller } from '../ports/caller.ts'
import type { PointId } from '../ports/inventory.ts'
import type { PointRow, StoredPolicy } from '../ports/rows.ts'
import type { Tx } from '../ports/store.ts'
import { refusalOnRecord, someOf } from '../audit/refusal-on-record.ts'
import { revokeGrants } from '../requests/revoke-grants.ts'
import { toldBy } from '../audit/told-by.ts'
import type { AuditFacts } from '../../domain/audit/audit-facts.ts'
import type { AuditEvent } from '../../domain/audit/audit.ts'
import type { Grant } from '../../domain/access/grant.ts'
import { formatOwner, refusalOfClaim, upkeepAfter, type Upkeep } from '../../domain/policy/ownership.ts'
import { formatSelector } from '../../domain/policy/label-selector.ts'
import type { PolicyBody } from '../../domain/policy/policy.ts'
import { ok, refusal, refused, withFacts, type Result } from '../../domain/refusal.ts'
import { resourceKey, type ResourceId } from '../../domain/resource-id.ts'
import { formatInstant, type Instant } from '../../domain/time.ts'

export function configurePolicy(app: App, input: PolicyInput): Promise<Result<StoredPolicy>> {
  const id = policyId(input.address)
  if (!id.ok) return Promise.resolve(id)
  const facts = { what: 'write', machines: someOf(input.machines.map((machine) => machine.id)) }
  const write = { action: 'policy.refused', target: id.value, caller: input.caller, facts } as const
  return refusalOnRecord(app, write, configure(app, input, id.value))
}

async function configure(app: App, asked: PolicyInput, id: ResourceId): Promise<Result<StoredPolicy>> {
  const input = await withChosenMachines(app, asked, id)
  const denied = await authorizePolicy(app, input, id)
  if (denied.length > 0) return refused(...denied)
  const written = await judgeAndWrite(app, input, id)
  // A host may have come while it was judged.
  if (written.ok && input.selectors !== undefined) await followSelectors(app)
  return written
}

/** Whoever calls it has the right, or acts for nobody; `input` has the chosen machines. */
export async function judgeAndWrite(app: App, input: PolicyInput, id: ResourceId): Promise<Result<StoredPolicy>> {
  const judged = await judgePolicy(app, input, await app.store.reads.policy(resourceKey(id)))
  if (!judged.ok) return judged
  const written = await app.store.transaction((tx) => write(app, tx, { input, id, body: judged.value }))
  if (!written.ok) return written
  await app.passes.settle(written.value.rows, app.settings.answerWithin)
  return ok(written.value.policy)
}

interface Writing {
  readonly input: PolicyInput
  readonly id: ResourceId
  readonly body: PolicyBody
}

async function write(
  app: App,
  tx: Tx,
  { input, id, body }: Writing,
): Promise<Result<{ policy: StoredPolicy; rows: PointRow[] }>> {
  const now = app.clock.now()
  const existing = await tx.policy(resourceKey(id))
  const conflict = conflictOf(input, existing) ?? refusalOfClaim(existing ?? {}, input.claim)
  if (conflict !== undefined) return refused(conflict)
  const leaving = async (): Promise<Grant[]> =>
    existing === undefined ? [] : (await tx.liveGrants([existing.uid])).filter((grant) => !covers(body, grant))
  const rows = await lockPoints(app, tx, { body, existing, leaving: await leaving(), now })
  // Read again under the locks: a pass or a request may have come between.
  await revokeGrants(tx, await leaving(), { rows, caller: input.caller, now })
  const changed = input.follows !== true && isChange(existing, input, body)
  const upkeep = upkeepAfter(existing ?? {}, input.claim, { changed, now })
  const policy = { ...policyFrom(app, { input, id, body }, existing, now), ...upkeep }
  if (!(await tx.putPolicy(policy))) return refused(changedMeanwhile(id))
  for (const [connection, machines] of app.clouds.found(body.machines.map(({ key }) => key)))
    await tx.connections.remember(connection, machines, now)
  await tx.append([savedEvent(policy, existing, { caller: input.caller, now })])
  return ok({ policy, rows })
}

function conflictOf(
  { ifMatch, ifNoneMatch }: PolicyInput,
  existing: StoredPolicy | undefined,
): ReturnType<typeof refusal> | undefined {
  if (ifNoneMatch === '*' && existing !== undefined) {
    const message = `the policy exists already, and 'If-None-Match: *' asks for a new one`
    return withFacts(refusal('PreconditionFailed', message), { existing: existing.name })
  }
  if (ifMatch === undefined || (ifMatch === '*' && existing !== undefined)) return undefined
  if (existing !== undefined && ifMatch === etagOf(existing)) return undefined
  return refusal('PreconditionFailed', 'the policy has changed since you read it; read it again and repeat your edit')
}

/** Changes with every write. */
export function etagOf(policy: Pick<StoredPolicy, 'uid' | 'version'>): string {
  return `"${policy.uid}.${policy.version}"`
}

/** Every point of a machine that was, is or is no longer in the policy, and of every grant that leaves it. */
async function lockPoints(
  app: App,
  tx: Tx,
  {
    body,
    existing,
    leaving,
    now,
  }: { body: PolicyBody; existing: StoredPolicy | undefined; leaving: readonly Grant[]; now: Instant },
): Promise<PointRow[]> {
  const machines = keysOf(existing).union(new Set(body.machines.map(({ key }) => key)))
  const held = leaving.length === 0 ? [] : await tx.sightingsOf(leaving.map(({ grant }) => grant))
  const points = new Set<PointId>([
    ...[...machines].flatMap((key) => pointsOf(app, key)),
    ...held.map(({ point }) => point),
  ])
  return tx.wish({ points: [...points].sort(), shape: true, dueAt: now, lease: leaseFor(app.owner, now) })
}

function policyFrom(app: App, { input, id }: Writing, existing: StoredPolicy | undefined, now: Instant): StoredPolicy {
  const { subscriptionId, resourceGroup, location, name } = input.address
  return {
    uid: existing?.uid ?? app.uuid(),
    id: existing?.id ?? id,
    key: resourceKey(id),
    subscriptionId: existing?.subscriptionId ?? subscriptionId,
    resourceGroup: existing?.resourceGroup ?? resourceGroup,
    location: existing?.location ?? location.toLowerCase().replaceAll(' ', ''),
    name: existing?.name ?? name,
    kind: input.kind,
    machines: input.machines,
    ...selectorsOf(input.selectors),
    version: (existing?.version ?? 0) + 1,
    createdAt: existing?.createdAt ?? now,
    updatedAt: now,
  }
}

function changedMeanwhile(id: ResourceId): ReturnType<typeof refusal> {
  return refusal(
    'PolicyChangedMeanwhile',
    `somebody else wrote ${id} at the same moment; read it again and repeat your edit`,
  )
}

function savedEvent(
  policy: StoredPolicy,
  before: StoredPolicy | undefined,
  { caller, now }: { readonly caller: Caller; readonly now: Instant },
): AuditEvent {
  const data = toldBy(caller, {
    version: policy.version,
    before: before?.machines ?? null,
    after: policy.machines,
    ...(policy.selectors !== undefined && {
      selectors: policy.selectors.map(({ labels }) => formatSelector(labels)),
    }),
    ...upkeepFacts(policy),
  })
  return { at: now, action: 'policy.saved', actor: actorOf(caller), address: caller.address, target: policy.id, data }
}

/** Who manages it, and that this write was not the manager's. */
export function upkeepFacts({ managedBy, changedOutsideAt }: Upkeep): AuditFacts {
  return {
    ...(managedBy !== undefined && { managedBy: formatOwner(managedBy) }),
    ...(changedOutsideAt !== undefined && { changedOutsideAt: formatInstant(changedOutsideAt) }),
  }
}
