/** The rows of one granted request, as the product would write them, for floors and for seeding a history. */
import { randomUUID } from 'node:crypto'
import type { PointId } from '../src/app/ports/inventory.ts'
import type { StoredPolicy, StoredRequest } from '../src/app/ports/rows.ts'
import type { Grant, GrantReason, GrantState, RequestId } from '../src/domain/access/grant.ts'
import type { GrantId } from '../src/domain/access/hole.ts'
import { parseSource, type Source } from '../src/domain/net.ts'
import { parseResourceId, resourceKey, type ResourceId } from '../src/domain/resource-id.ts'
import { formatInstant, HOUR, type Instant } from '../src/domain/time.ts'
import type { Place } from './site.ts'

export function resourceId(text: string): ResourceId {
  const id = parseResourceId(text)
  if (!id.ok) throw new Error(`'${text}' is no resource id`)
  return id.value
}

/** The one point of the host that the place names. */
export function pointOf({ machine }: Pick<Place, 'machine'>): PointId {
  return `nftables:${resourceKey(resourceId(machine))}` as PointId // as the host's world names it
}

export function policyRow(place: Place, port: number, now: Instant): StoredPolicy {
  const id = resourceId(place.policy)
  const rule = {
    number: port,
    protocol: 'UDP',
    allowedSourceAddressPrefix: '*',
    maxRequestAccessDuration: 'PT3H',
  } as const
  return {
    uid: randomUUID(),
    id,
    key: resourceKey(id),
    subscriptionId: place.policy.split('/')[2] ?? '',
    resourceGroup: 'default',
    location: 'local',
    name: place.policy.split('/').at(-1) ?? '',
    kind: 'Basic',
    machines: [{ id: place.machine, ports: [rule] }],
    version: 1,
    createdAt: now,
    updatedAt: now,
  }
}

export interface Granted {
  readonly place: Place
  /** The policy's uid. */
  readonly policy: string
  readonly source: string
  readonly port: number
  readonly now: Instant
  readonly until?: Instant
  readonly state?: GrantState
  readonly reason?: GrantReason
}

/** A request with one grant. */
export function requestRow(granted: Granted): StoredRequest {
  const { place, policy, now, until = now + HOUR, state = 'opening', reason = 'UserRequested' } = granted
  const id = randomUUID() as RequestId // a fresh name
  const grant: Grant = {
    grant: randomUUID() as GrantId, // a fresh name
    request: id,
    machine: resourceId(place.machine),
    port: granted.port,
    protocol: 'UDP',
    sources: [sourceFrom(granted.source)],
    sourcesAs: 'prefix',
    from: now,
    until,
    endTimeUtc: formatInstant(until),
    state,
    reason,
    ...(state === 'opening' ? {} : { openedAt: now }),
  }
  const caller = { requestor: 'bootstrap-administrator', address: '10.117.1.2', justification: 'the bench' }
  return { id, policy, ...caller, startedAt: now, startTimeUtc: formatInstant(now), grants: [grant] }
}

function sourceFrom(text: string): Source {
  const source = parseSource(text)
  if (!source.ok) throw new Error(`'${text}' is no source`)
  return source.value
}
