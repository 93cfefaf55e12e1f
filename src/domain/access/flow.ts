/**
 * A flow: one TCP connection, or one exchange of datagrams, that came in by a hole, as the kernel tracks it. What a grant
 * let in may live on after it (invariant 6), unless the policy says otherwise; here is which grant a flow belongs to. Pure.
 */
import { isWanted, type Grant } from './grant.ts'
import { slotOf, type Opening, type Slot } from './hole.ts'
import type { ProtectedPort } from './desired.ts'
import { parseIpPrefix, prefix, prefixContains, type Source } from '../net.ts'
import { resourceKey, type ResourceKey } from '../resource-id.ts'
import type { Instant } from '../time.ts'

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

/** Every slot that a hole may lie in by which such a flow comes: where else to look for its grants is nowhere. */
export function slotsAround({ machine, port, from }: Flow): Slot[] {
  const address = parseIpPrefix(from)
  if (!address.ok) return [slotOf(machine, port, '*')]
  const { family, bits, length } = address.value
  return Array.from({ length: length + 1 }, (_, shorter) => slotOf(machine, port, prefix(family, bits, shorter)))
}

type Ports = readonly Pick<ProtectedPort, 'number' | 'protocol' | 'onExpiry'>[]

/** What the ports say of a flow, the strictest of them: where two policies name one port, neither is got round by the other. */
export function onExpiryOf({ port, protocol }: Pick<Flow, 'port' | 'protocol'>, ports: Ports): OnExpiry {
  const said = ports
    .filter((rule) => rule.number === port && (rule.protocol === '*' || rule.protocol === protocol))
    .map(({ onExpiry = 'keep' }) => onExpiry)
  return ON_EXPIRY.findLast((each) => said.includes(each)) ?? 'keep'
}

/** `10.0.0.5:41966 to 22/TCP`. */
export function flowText(flow: Flow): string {
  return `${farEnd(flow)} to ${flow.port}/${flow.protocol}`
}

/** `10.0.0.5:41966`. */
export function farEnd({ from, fromPort }: Pick<Flow, 'from' | 'fromPort'>): string {
  return `${from.includes(':') ? `[${from}]` : from}:${fromPort}`
}

/**
 * The grants that a flow is by: those that still let it in, or else the one that did so last. The kernel does not say which
 * hole a packet passed, so that two live grants for one source are both named.
 */
export function grantsBehind<G extends Grant>(flow: Flow, grants: readonly G[], now: Instant): readonly G[] {
  const fitting = grants.filter((grant) => grant.openedAt !== undefined && isByHole(flow, grant))
  const living = fitting.filter((grant) => isWanted(grant, now))
  if (living.length > 0) return living
  const [last] = fitting.toSorted((a, b) => endOf(b) - endOf(a))
  return last === undefined ? [] : [last]
}

function endOf({ closedAt, until }: Grant): Instant {
  return closedAt ?? until
}
