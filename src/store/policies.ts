/** Policies: kept for ever, one under each key among those not removed. */
import type { Page, PolicyFilter, StoredPolicy } from '../app/ports/rows.ts'
import { parseResourceId, resourceKey, type ResourceId, type ResourceKey } from '../domain/resource-id.ts'
import type { PolicySelectorInput } from '../domain/policy/policy.ts'
import type { Ownership } from '../domain/policy/ownership.ts'
import type { Instant } from '../domain/time.ts'
import { sql } from 'kysely'
import type { Flavour } from './flavour.ts'
import { insertRows } from './insert-rows.ts'
import { machinesFromText } from './parsed-machines.ts'
import type { Session } from './session.ts'
import { runBuilt, statement, type Writer } from './statement.ts'
import type { PolicyTable } from './tables.ts'

export async function findPolicy(session: Session, key: ResourceKey): Promise<StoredPolicy | undefined> {
  const [row] = await policyByKey(session, { key })
  return row === undefined ? undefined : policyFromRow(row)
}

const policyByKey = statement((writer, p: { key: ResourceKey }) =>
  writer.selectFrom('policies').selectAll().where('policy_key', '=', p.key).where('removed_at', 'is', null),
)

export async function listPolicies(
  session: Session,
  filter: PolicyFilter,
  page: Page<ResourceKey>,
): Promise<StoredPolicy[]> {
  let query = session.flavour.writer.selectFrom('policies').selectAll().where('removed_at', 'is', null)
  if (filter.subscriptionId !== undefined)
    query = query.where('subscription_key', '=', filter.subscriptionId.toLowerCase())
  if (filter.resourceGroup !== undefined) query = query.where('group_key', '=', filter.resourceGroup.toLowerCase())
  if (filter.location !== undefined) query = query.where('location', '=', locationKey(filter.location))
  if (page.after !== undefined) query = query.where('policy_key', '>', page.after)
  const rows = await runBuilt(session, query.orderBy('policy_key').limit(page.limit))
  return rows.map(policyFromRow)
}

/** `West Europe` and `westeurope` are the same place. */
function locationKey(location: string): string {
  return location.replaceAll(' ', '').toLowerCase()
}

export async function listPoliciesCovering(
  session: Session,
  machines: readonly ResourceKey[],
): Promise<StoredPolicy[]> {
  const rows = await policiesCovering(session, { machines })
  return rows.map(policyFromRow)
}

interface Covering {
  readonly machines: readonly ResourceKey[]
}

const policiesCovering = statement((writer, p: Covering, flavour) =>
  livingCovering(writer, p, flavour).selectAll().orderBy('policy_key'),
)

/** A policy of a thousand machines is a text of 250 KB: who only wants to know its name must not read it. */
export async function listIdsOfPoliciesCovering(session: Session, machines: readonly ResourceKey[]): Promise<Ids> {
  return idsOf(await idsCovering(session, { machines }))
}

const idsCovering = statement((writer, p: Covering, flavour) =>
  livingCovering(writer, p, flavour).select(['uid', 'id']),
)

function livingCovering(writer: Writer, { machines }: Covering, { isIn }: Flavour) {
  return writer
    .selectFrom('policies')
    .where('removed_at', 'is', null)
    .where('uid', 'in', (nested) =>
      nested
        .selectFrom('policy_machines')
        .select('policy_uid')
        .where(isIn(sql.ref('machine_key'), machines)),
    )
}

/** Removed ones too, as above. */
export async function listIdsOfPolicies(session: Session, uids: readonly string[]): Promise<Ids> {
  return idsOf(await idsByUid(session, { uids }))
}

const idsByUid = statement((writer, p: { uids: readonly string[] }, { isIn }) =>
  writer
    .selectFrom('policies')
    .select(['uid', 'id'])
    .where(isIn(sql.ref('uid'), p.uids)),
)

type Ids = ReadonlyMap<string, ResourceId>

function idsOf(rows: readonly Pick<PolicyTable, 'uid' | 'id'>[]): Ids {
  return new Map(rows.map(({ uid, id }) => [uid, id as ResourceId])) // as in policyFromRow
}

export async function listPoliciesChoosing(session: Session): Promise<StoredPolicy[]> {
  return (await policiesChoosing(session, {})).map(policyFromRow)
}

const policiesChoosing = statement((writer) =>
  writer
    .selectFrom('policies')
    .selectAll()
    .where('removed_at', 'is', null)
    .where('selectors', 'is not', null)
    .orderBy('policy_key'),
)

/** Removed ones too: requests made under them keep their place. */
export async function listPoliciesByUid(session: Session, uids: readonly string[]): Promise<StoredPolicy[]> {
  const rows = await policiesByUid(session, { uids })
  return rows.map(policyFromRow)
}

const policiesByUid = statement((writer, p: { uids: readonly string[] }, { isIn }) =>
  writer
    .selectFrom('policies')
    .selectAll()
    .where(isIn(sql.ref('uid'), p.uids)),
)

/** False when another write came between: the key is taken, the version is not the next one, or it was removed. */
export async function writePolicy(session: Session, policy: StoredPolicy): Promise<boolean> {
  const row = rowFromPolicy(policy)
  const written = policy.version === 1 ? await insertPolicy(session, row) : await replacePolicy(session, row)
  if (written.length === 0) return false
  if (policy.version > 1) await forgetMachines(session, { uid: policy.uid })
  const keys = new Set(policy.machines.map((machine) => keyOf(machine.id)))
  await insertMachines(
    session,
    [...keys].map((machine_key) => ({ policy_uid: policy.uid, machine_key })),
  )
  return true
}

/** Only what was parsed reaches the store; an id that does not parse is a fault, not input. */
function keyOf(text: string): ResourceKey {
  const id = parseResourceId(text)
  if (!id.ok) throw new Error(`a policy reached the store with a machine that has no resource id: '${text}'`)
  return resourceKey(id.value)
}

const insertPolicy = statement((writer, p: PolicyTable) =>
  writer
    .insertInto('policies')
    .values({
      uid: p.uid,
      id: p.id,
      policy_key: p.policy_key,
      subscription_id: p.subscription_id,
      resource_group: p.resource_group,
      subscription_key: p.subscription_key,
      group_key: p.group_key,
      location: p.location,
      name: p.name,
      kind: p.kind,
      machines: p.machines,
      version: p.version,
      created_at: p.created_at,
      updated_at: p.updated_at,
      managed_by: p.managed_by,
      changed_outside_at: p.changed_outside_at,
      selectors: p.selectors,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning('uid'),
)

const replacePolicy = statement((writer, p: PolicyTable) =>
  writer
    .updateTable('policies')
    .set({
      location: p.location,
      kind: p.kind,
      machines: p.machines,
      version: p.version,
      updated_at: p.updated_at,
      managed_by: p.managed_by,
      changed_outside_at: p.changed_outside_at,
      selectors: p.selectors,
    })
    .where('uid', '=', p.uid)
    .where('removed_at', 'is', null)
    .where(sql<boolean>`version + 1 = ${p.version}`)
    .returning('uid'),
)

const forgetMachines = statement((writer, p: { uid: string }) =>
  writer.deleteFrom('policy_machines').where('policy_uid', '=', p.uid),
)

const insertMachines = insertRows('policy_machines', ['policy_uid', 'machine_key'])

export async function markPolicyRemoved(session: Session, uid: string, at: Instant): Promise<void> {
  await markRemoved(session, { uid, at })
  await forgetMachines(session, { uid })
}

const markRemoved = statement((writer, p: { uid: string; at: Instant }) =>
  writer.updateTable('policies').set({ removed_at: p.at }).where('uid', '=', p.uid).where('removed_at', 'is', null),
)

function policyFromRow(row: PolicyTable): StoredPolicy {
  return {
    uid: row.uid,
    id: row.id as ResourceId, // was one when it was written, and never changes
    key: row.policy_key as ResourceKey, // as above
    subscriptionId: row.subscription_id,
    resourceGroup: row.resource_group,
    location: row.location,
    name: row.name,
    kind: row.kind,
    machines: machinesFromText(row.machines),
    version: row.version,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    ...(row.managed_by === null ? {} : { managedBy: JSON.parse(row.managed_by) as Ownership }), // was one when it was written
    ...(row.changed_outside_at === null ? {} : { changedOutsideAt: row.changed_outside_at }),
    ...(row.selectors === null ? {} : { selectors: JSON.parse(row.selectors) as PolicySelectorInput[] }), // as above
  }
}

function rowFromPolicy(policy: StoredPolicy): PolicyTable {
  return {
    uid: policy.uid,
    id: policy.id,
    policy_key: policy.key,
    subscription_id: policy.subscriptionId,
    resource_group: policy.resourceGroup,
    subscription_key: policy.subscriptionId.toLowerCase(),
    group_key: policy.resourceGroup.toLowerCase(),
    location: locationKey(policy.location),
    name: policy.name,
    kind: policy.kind,
    machines: JSON.stringify(policy.machines),
    version: policy.version,
    created_at: policy.createdAt,
    updated_at: policy.updatedAt,
    removed_at: null,
    managed_by: policy.managedBy === undefined ? null : JSON.stringify(policy.managedBy),
    changed_outside_at: policy.changedOutsideAt ?? null,
    selectors: policy.selectors === undefined ? null : JSON.stringify(policy.selectors),
  }
}
