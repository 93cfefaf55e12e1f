/** What a gateway must know of its own host before it gives a port away, or promises that anything gets through. Reads only. */
import { readFile } from 'node:fs/promises'
import type { Family } from '../../../domain/net.ts'

export interface GatewayFacts {
  /** Ports that something on this host listens on, TCP or UDP, at whatever address. */
  readonly listening: ReadonlySet<number>
  /** Whether the kernel forwards packets of a family at all. */
  readonly forwards: Readonly<Record<Family, boolean>>
}

export async function readGatewayFacts(): Promise<GatewayFacts> {
  const [tcp, tcp6, udp, udp6] = await Promise.all(['tcp', 'tcp6', 'udp', 'udp6'].map((name) => table(name)))
  const [v4, v6] = await Promise.all(Object.values(FORWARDING).map(({ file }) => isOn(file)))
  return {
    listening: new Set([
      ...listeningPorts(tcp, LISTEN),
      ...listeningPorts(tcp6, LISTEN),
      ...listeningPorts(udp),
      ...listeningPorts(udp6),
    ]),
    forwards: { 4: v4 ?? false, 6: v6 ?? false },
  }
}

/** The switch of each family, as `sysctl` names it. */
export const FORWARDING = {
  4: { name: 'net.ipv4.ip_forward', file: '/proc/sys/net/ipv4/ip_forward' },
  6: { name: 'net.ipv6.conf.all.forwarding', file: '/proc/sys/net/ipv6/conf/all/forwarding' },
} as const

/** include/net/tcp_states.h */
const LISTEN = '0A'

/** `/proc/net/tcp` and its like: `sl local_address rem_address st …`, the port in hex after the colon. */
function listeningPorts(text = '', state?: string): number[] {
  return text.split('\n').flatMap((line) => {
    const match = /^\s*\d+: [0-9A-F]+:([0-9A-F]{4}) \S+ ([0-9A-F]{2}) /.exec(line)
    const isMeant = match !== null && (state === undefined || match[2] === state)
    return isMeant ? [Number.parseInt(match[1] ?? '', 16)] : []
  })
}

/** A family that this kernel lacks has no listeners. */
async function table(name: string): Promise<string> {
  return readFile(`/proc/net/${name}`, 'utf8').catch(() => '')
}

async function isOn(file: string): Promise<boolean> {
  return readFile(file, 'utf8').then(
    (text) => text.trim() !== '0',
    () => false,
  )
}
