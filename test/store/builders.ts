/** What the store's tests keep: small, valid, and different only where a test says so. */
import type { PointId } from '../../src/app/ports/inventory.ts'
import type { StoredPolicy, StoredRequest } from '../../src/app/ports/rows.ts'
import type { Tx } from '../../src/app/ports/store.ts'
import type { AuditEvent } from '../../src/domain/audit/audit.ts'
import type { Grant, RequestId } from '../../src/domain/access/grant.ts'
import type { GrantId } from '../../src/domain/access/hole.ts'
import { parseSource, type Source } from '../../src/domain/net.ts'
import { parseResourceId, resourceKey, type ResourceId } from '../../src/domain/resource-id.ts'
import { HOUR, type Instant } from '../../src/domain/time.ts'

export const SUBSCRIPTION = '11111111-2222-3333-4444-555555555555'
export const NOON: Instant = Date.UTC(2026, 0, 31, 12)

function resourceId(text: string): ResourceId {
  const id = parseResourceId(text)
  if (!id.ok) throw new Error(`not a resource id: ${text}`)
  return id.value
}

export function machine(name: string): ResourceId {
  return resourceId(
    `/subscriptions/${SUBSCRIPTION}/resourceGroups/Default/providers/Microsoft.HybridCompute/machines/${name}`,
  )
}

export function pointOf(name: string): PointId {
  return `nftables:${resourceKey(machine(name))}` as PointId // as the nftables driver names its points
}

export function source(text: string): Source {
  const parsed = parseSource(text)
  if (!parsed.ok) throw new Error(`not a source: ${text}`)
  return parsed.value
}

export function aPolicy(wish: Partial<StoredPolicy> & { machineNames?: readonly string[] } = {}): StoredPolicy {
  const { machineNames = ['web1'], name = 'default', resourceGroup = 'Default', ...rest } = wish
  const location = rest.location ?? 'local'
  const id = resourceId(
    `/subscriptions/${rest.subscriptionId ?? SUBSCRIPTION}/resourceGroups/${resourceGroup}/providers/Microsoft.Security/locations/${location}/jitNetworkAccessPolicies/${name}`,
  )
  return {
    uid: `uid-of-${resourceGroup}-${name}`,
    id,
    key: resourceKey(id),
    subscriptionId: SUBSCRIPTION,
    resourceGroup,
    location,
    name,
    kind: 'Basic',
    machines: machineNames.map((machineName) => ({
      id: machine(machineName),
      ports: [{ number: 22, protocol: '*', allowedSourceAddressPrefix: '*', maxRequestAccessDuration: 'PT3H' }],
    })),
    version: 1,
    createdAt: NOON,
    updatedAt: NOON,
    ...rest,
  }
}

export function aGrant(grant: string, wish: Partial<Grant> & { on?: string } = {}): Grant {
  const { on = 'web1', ...rest } = wish
  return {
    grant: grant as GrantId, // any text is an id
    request: 'request' as RequestId, // replaced by aRequest
    machine: machine(on),
    port: 22,
    protocol: 'TCP',
    sources: [source('203.0.113.7')],
    sourcesAs: 'prefix',
    from: NOON,
    until: NOON + HOUR,
    endTimeUtc: '2026-01-31T13:00:00.0000000Z',
    state: 'opening',
    reason: 'UserRequested',
    ...rest,
  }
}

export function aRequest(id: string, grants: readonly Grant[], wish: Partial<StoredRequest> = {}): StoredRequest {
  const request = id as RequestId // any text is an id
  return {
    id: request,
    policy: aPolicy().uid,
    requestor: 'alice@contoso.com',
    address: '203.0.113.7',
    justification: 'ticket 4711',
    startedAt: NOON,
    startTimeUtc: '2026-01-31T12:00:00.0000000Z',
    grants: grants.map((grant) => ({ ...grant, request })),
    ...wish,
  }
}

export function anEvent(wish: Partial<AuditEvent> = {}): AuditEvent {
  return {
    at: NOON,
    action: 'access.requested',
    actor: 'alice@contoso.com',
    address: '203.0.113.7',
    target: machine('web1'),
    data: '{"port":22}',
    ...wish,
  }
}

/** What requesting access does in its one transaction: every grant at the point of its machine. */
export async function askFor(tx: Tx, request: StoredRequest): Promise<ReadonlyMap<PointId, number>> {
  const at = new Map(request.grants.map((grant) => [grant.grant, [pointOf(grant.machine.split('/').at(-1) ?? '')]]))
  const rows = await tx.wish({ points: [...at.values()].flat(), shape: false, dueAt: request.startedAt })
  const revisions = new Map(rows.map((row) => [row.id, row.wanted]))
  await tx.insertRequest(request, at, revisions)
  await tx.append([anEvent({ request: request.id, at: request.startedAt })])
  return revisions
}
