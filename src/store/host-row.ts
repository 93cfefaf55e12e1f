/** A host between the domain's words and a row of its table. */
import type { Host, HostId, MachineBehind } from '../domain/hosts/host.ts'
import type { ResourceId, ResourceKey } from '../domain/resource-id.ts'
import type { HostTable } from './host-tables.ts'

/** The points of hosts are this and the key of the machine. */
export const HOST_POINT = 'host:'

export function hostFromRow(row: HostTable): Host {
  return {
    id: row.id as HostId, // was one when it was written, and never changes
    machine: row.machine as ResourceId, // as above
    key: row.machine_key as ResourceKey, // as above
    name: row.name,
    labels: JSON.parse(row.labels) as Record<string, string>, // as it was written below
    kind: row.kind,
    behind: JSON.parse(row.behind) as MachineBehind[], // as above
    gateway: row.gateway === null ? undefined : (JSON.parse(row.gateway) as NonNullable<Host['gateway']>), // as above
    generation: row.generation,
    certificates: certificatesIn(row),
    certificateEndsAt: row.certificate_ends_at ?? undefined,
    enrolledAt: row.enrolled_at ?? undefined,
    revokedAt: row.revoked_at ?? undefined,
    revokedBecause: row.revoked_because ?? undefined,
    lastSequence: row.last_sequence,
    lastBootId: row.last_boot_id ?? undefined,
    servedBy: row.served_by ?? undefined,
    seenAt: row.seen_at ?? undefined,
    goneAt: row.gone_at ?? undefined,
    facts: row.facts ?? undefined,
    createdAt: row.created_at,
    version: row.version,
  }
}

export function certificatesIn({ certificates }: Pick<HostTable, 'certificates'>): string[] {
  return JSON.parse(certificates) as string[] // as it is written below
}

export function rowFromHost(host: Host): HostTable {
  return {
    id: host.id,
    machine: host.machine,
    machine_key: host.key,
    name: host.name,
    labels: JSON.stringify(host.labels),
    kind: host.kind,
    behind: JSON.stringify(host.behind),
    gateway: host.gateway === undefined ? null : JSON.stringify(host.gateway),
    generation: host.generation,
    certificates: JSON.stringify(host.certificates),
    certificate_ends_at: host.certificateEndsAt ?? null,
    enrolled_at: host.enrolledAt ?? null,
    revoked_at: host.revokedAt ?? null,
    revoked_because: host.revokedBecause ?? null,
    last_sequence: host.lastSequence,
    last_boot_id: host.lastBootId ?? null,
    served_by: null,
    seen_at: host.seenAt ?? null,
    gone_at: host.goneAt ?? null,
    gone_told: 0,
    facts: host.facts ?? null,
    created_at: host.createdAt,
    version: host.version,
  }
}
