/** Protected ports as a set: which TCP and which UDP ports must let nobody in but through a hole. */
import type { ProtectedPort } from '../../domain/access/desired.ts'

export interface PortSet {
  readonly tcp: ReadonlySet<number>
  readonly udp: ReadonlySet<number>
}

export const NO_PORTS: PortSet = { tcp: new Set(), udp: new Set() }

export function portSet(ports: readonly ProtectedPort[]): PortSet {
  const of = (protocol: 'TCP' | 'UDP'): Set<number> =>
    new Set(ports.filter((port) => port.protocol === '*' || port.protocol === protocol).map(({ number }) => number))
  return { tcp: of('TCP'), udp: of('UDP') }
}

export function unionOf(sets: readonly PortSet[]): PortSet {
  return { tcp: new Set(sets.flatMap(({ tcp }) => [...tcp])), udp: new Set(sets.flatMap(({ udp }) => [...udp])) }
}

export function without(a: PortSet, b: PortSet): PortSet {
  return { tcp: a.tcp.difference(b.tcp), udp: a.udp.difference(b.udp) }
}

export function isEmpty({ tcp, udp }: PortSet): boolean {
  return tcp.size + udp.size === 0
}

/** The same text for the same ports: `tcp 22 3389; udp 3389`. */
export function formatPortSet({ tcp, udp }: PortSet): string {
  const list = (name: string, ports: ReadonlySet<number>): string[] =>
    ports.size === 0 ? [] : [`${name} ${[...ports].sort((a, b) => a - b).join(' ')}`]
  return [...list('tcp', tcp), ...list('udp', udp)].join('; ')
}
