/**
 * A flow: one TCP connection, or one exchange of datagrams, that came in by a hole, as the kernel tracks it. What a grant
 * let in may live on after it (invariant 6), unless the policy says otherwise; here is which grant a flow belongs to. Pure.
 */
import type { Opening } from './hole.ts'
import { parseIpPrefix, prefixContains, type Source } from './net.ts'
import { resourceKey, type ResourceKey } from './resource-id.ts'
import type { Instant } from './time.ts'

/** What becomes of a hole's flows when it ends: they live on, they are told of, or they end with it. */
export const ON_EXPIRY = ['keep', 'warn', 'cut'] as const
export type OnExpiry = (typeof ON_EXPIRY)[number]

export interface Flow {
  readonly machine: ResourceKey
  readonly protocol: 'TCP' | 'UDP' | 'SCTP'
  /** Who is connected: an address and a port, canonical text. */
  readonly from: string
  readonly fromPort: number
  /** Where they connected to: as their packets name it. */
  readonly to: string
  /** The protected port of the machine. */
  readonly port: number
  /** When it began, where the kernel keeps that. */
  readonly since?: Instant
}

type Hole = Pick<Opening, 'machine' | 'port' | 'protocol' | 'sources'>

/** Whether the hole of a grant lets such a flow in. */
export function isByHole(flow: Flow, { machine, port, protocol, sources }: Hole): boolean {
  return (
    flow.port === port &&
    (protocol === '*' || protocol === flow.protocol) &&
    flow.machine === resourceKey(machine) &&
    sources.some((source) => isFrom(source, flow.from))
  )
}

function isFrom(source: Source, from: string): boolean {
  const address = parseIpPrefix(from)
  return source === '*' || (address.ok && prefixContains(source, address.value))
}

/** The stricter of two: where two policies name one port of one machine, neither is to be got round by the other. */
export function stricter(a: OnExpiry, b: OnExpiry): OnExpiry {
  return ON_EXPIRY.indexOf(a) > ON_EXPIRY.indexOf(b) ? a : b
}

/** `10.0.0.5:41966 to 22/TCP`. */
export function flowText({ from, fromPort, port, protocol }: Flow): string {
  return `${from.includes(':') ? `[${from}]` : from}:${fromPort} to ${port}/${protocol}`
}
