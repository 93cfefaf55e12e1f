/** Requests, decisions and grants as the wire writes them. Pure. */
import type { StoredRequest } from '../../app/ports/rows.ts'
import type { JitDecision, JitRequest, JitRequestPort } from '../../contract/jit-request.ts'
import type { WireGrant, WireRequest } from '../../contract/request.ts'
import { wireStatus, type Grant } from '../../domain/access/grant.ts'
import { formatSource, type Source } from '../../domain/net.ts'
import type { Allowed } from '../../domain/access/request.ts'
import { resourceKey, type ResourceId } from '../../domain/resource-id.ts'
import { formatInstant } from '../../domain/time.ts'

/** The original's shape: machines, each with its ports. */
export function jitRequestFrom(request: StoredRequest): JitRequest {
  const virtualMachines = byMachine(request.grants).map(([id, grants]) => ({
    id,
    ports: grants.map(jitPortFrom),
    ...publicAddressOf(grants),
  }))
  const { startTimeUtc, requestor, justification } = request
  return { virtualMachines, startTimeUtc, requestor, ...(justification !== undefined && { justification }) }
}

function jitPortFrom(grant: Grant): JitRequestPort {
  return {
    number: grant.port,
    ...sourcesAsWritten(grant),
    endTimeUtc: grant.endTimeUtc,
    status: wireStatus(grant),
    // Why it will close is told when it has closed: until then the original's reader knows it as asked for.
    statusReason: grant.state === 'closing' ? 'UserRequested' : grant.reason,
    ...(grant.reach !== undefined && { mappedPort: grant.reach.mappedPort }),
  }
}

/** The original knows one address for a machine; our own shape tells it of each grant. */
function publicAddressOf(grants: readonly Grant[]): { publicIpAddress?: string } {
  const reach = grants.find((grant) => grant.reach !== undefined)?.reach
  return reach === undefined ? {} : { publicIpAddress: reach.publicIpAddress }
}

export function jitDecisionFrom(allowed: readonly Allowed[]): JitDecision {
  const portFrom = (hole: Allowed) => ({
    number: hole.port,
    protocol: hole.protocol,
    ...sourcesAsWritten(hole),
    endTimeUtc: hole.endTimeUtc,
  })
  return { virtualMachines: byMachine(allowed).map(([id, holes]) => ({ id, ports: holes.map(portFrom) })) }
}

/** In the field in which they came (behaviour reference §2.4). */
function sourcesAsWritten(asked: { readonly sources: readonly Source[]; readonly sourcesAs: 'prefix' | 'prefixes' }): {
  allowedSourceAddressPrefix?: string
  allowedSourceAddressPrefixes?: string[]
} {
  const texts = asked.sources.map(formatSource)
  const [first = ''] = texts
  return asked.sourcesAs === 'prefix' ? { allowedSourceAddressPrefix: first } : { allowedSourceAddressPrefixes: texts }
}

function byMachine<T extends { readonly machine: ResourceId }>(items: readonly T[]): [ResourceId, T[]][] {
  const groups = new Map<string, [ResourceId, T[]]>()
  for (const item of items) {
    const key = resourceKey(item.machine)
    const group = groups.get(key) ?? [item.machine, []]
    group[1].push(item)
    groups.set(key, group)
  }
  return [...groups.values()]
}

/** Our own shape: grants with ids and instants. */
export function requestFrom(request: StoredRequest, policyId: string | undefined): WireRequest {
  const { id, requestor, requestorId, address, justification, startTimeUtc, grants } = request
  return {
    id,
    ...(policyId !== undefined && { policy: policyId }),
    requestor,
    ...(requestorId !== undefined && { requestorId }),
    address,
    ...(justification !== undefined && { justification }),
    startTimeUtc,
    grants: grants.map(grantFrom),
  }
}

export function grantFrom(grant: Grant): WireGrant {
  const { detail, because, reach, openedAt, closedAt } = grant
  return {
    id: grant.grant,
    machine: grant.machine,
    port: grant.port,
    protocol: grant.protocol,
    sources: grant.sources.map(formatSource),
    from: formatInstant(grant.from),
    until: formatInstant(grant.until),
    endTimeUtc: grant.endTimeUtc,
    state: grant.state,
    status: wireStatus(grant),
    reason: grant.reason,
    ...(detail !== undefined && { detail }),
    ...(because !== undefined && { because }),
    ...reach,
    ...(openedAt !== undefined && { openedAt: formatInstant(openedAt) }),
    ...(closedAt !== undefined && { closedAt: formatInstant(closedAt) }),
  }
}
