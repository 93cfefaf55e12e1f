/** Hosts on their way to the wire, and what is written of gateways on its way in. */
import type { Invitation } from '../../app/hosts/invite-host.ts'
import type { HostView } from '../../app/hosts/show-hosts.ts'
import type { AgentLogLine } from '../../app/ports/hosts.ts'
import type { WireGatewaySettings, WireHost, WireHostEnrollment, WireHostLogs } from '../../contract/host.ts'
import type { Host, MachineBehind } from '../../domain/hosts/host.ts'
import { resourceName } from '../../domain/resource-id.ts'
import { formatInstant, type Instant } from '../../domain/time.ts'

export function hostFrom(view: HostView): WireHost {
  const { host, state, telling, upgrade } = view
  const { addresses, unsupported, findings, clock, ...facts } = telling
  return {
    id: host.machine,
    name: host.name,
    kind: host.kind,
    state,
    ...instantsOf(view),
    labels: { ...host.labels },
    addresses: [...addresses],
    ...facts,
    ...(upgrade !== undefined && { upgrade: upgrade.text, upgradeBecause: upgrade.because }),
    ...(unsupported !== undefined && { unsupported: { code: unsupported.code, message: unsupported.message } }),
    generation: host.generation,
    ...(host.revokedBecause !== undefined && { revokedBecause: host.revokedBecause }),
    ...(clock !== undefined && { clock }),
    findings: [...findings],
    behind: host.behind.map(behindFrom),
    ...(host.gateway !== undefined && { gateway: gatewayFrom(host.gateway) }),
    version: host.version,
    createdAt: formatInstant(host.createdAt),
  }
}

type Instants = Pick<WireHost, 'unreachableSince' | 'lastSeenAt' | 'enrolledAt' | 'revokedAt' | 'certificateEndsAt'>

function instantsOf({ host, unreachableSince }: HostView): Instants {
  const { seenAt: lastSeenAt, enrolledAt, revokedAt, certificateEndsAt } = host
  const all: Readonly<Record<keyof Instants, Instant | undefined>> = {
    unreachableSince,
    lastSeenAt,
    enrolledAt,
    revokedAt,
    certificateEndsAt,
  }
  const known = Object.entries(all).flatMap(([name, at]) => (at === undefined ? [] : [[name, formatInstant(at)]]))
  return Object.fromEntries(known) as Instants // the names above
}

function behindFrom({ id, addresses, os }: MachineBehind): WireHost['behind'][number] {
  return { id, name: resourceName(id), addresses: [...addresses], os }
}

function gatewayFrom({ publicAddresses, mappedPorts, snat }: NonNullable<Host['gateway']>): WireGatewaySettings {
  return { publicAddresses: [...publicAddresses], mappedPorts: { ...mappedPorts }, snat }
}

export function gatewayToDomain({ publicAddresses, ...place }: WireGatewaySettings): NonNullable<Host['gateway']> {
  const addresses = publicAddresses.map(({ address, seenAs }) =>
    seenAs === undefined ? { address } : { address, seenAs },
  )
  return { ...place, publicAddresses: addresses }
}

export function enrollmentFrom({ door, token, until }: Invitation, view: HostView): WireHostEnrollment {
  const fingerprint = `sha256:${door.authority.fingerprint}`
  return {
    host: hostFrom(view),
    command: `sallyport-agent enroll --server ${door.url} --token ${token} --ca-fingerprint ${fingerprint}`,
    server: door.url,
    token,
    fingerprint,
    until: formatInstant(until),
  }
}

export function logsFrom(lines: readonly AgentLogLine[]): WireHostLogs {
  return { value: lines.map(({ at, level, text }) => ({ at: formatInstant(at), level, text })) }
}
