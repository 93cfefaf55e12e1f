/**
 * One inbound rule of a security group, as arithmetic sees it. Two rules of one group with the same traffic cannot both
 * exist, whatever their descriptions and tags say, so {@link trafficKey} names a rule as well as its id does: and unlike
 * the id it is known before the rule exists, and again after it was revoked and authorised anew.
 */
import { formatAddress, parseIpPrefix, type Family } from '../../domain/net.ts'

/** `tcp`, `udp`, `icmp`, `icmpv6`, `-1` for all of them, or the number of another protocol in decimal. */
export type IpProtocol = string

export interface Traffic {
  readonly protocol: IpProtocol
  /** For `-1` and protocols without ports, -1; for ICMP, the type. */
  readonly from: number
  /** For ICMP, the code. */
  readonly to: number
  /** `10.0.0.0/8`, `2001:db8::/32`, `pl-…`, `sg-…` or `<account>/sg-…`; see {@link canonicalPeer}. */
  readonly peer: string
}

export interface NewRule extends Traffic {
  readonly description?: string
  readonly tags: Tags
}

export interface GroupRule extends NewRule {
  readonly id: string
  readonly group: string
}

export type Tags = Readonly<Record<string, string>>

export function trafficKey({ protocol, from, to, peer }: Traffic): string {
  return `${protocol}|${from}-${to}|${peer}`
}

/** EC2 masks host bits and always writes the length; texts are compared, so ours are written the same way. */
export function canonicalPeer(text: string): string {
  if (!/^[0-9a-fA-F.:]+(?:\/|$)/.test(text)) return text
  const parsed = parseIpPrefix(text)
  if (!parsed.ok) return text
  const { family, bits, length } = parsed.value
  return `${formatAddress(family, bits)}/${length}`
}

/** Which address families the rule is about; a group and a list may hold both. */
export function familiesOf({ peer }: Traffic): readonly Family[] {
  if (!peer.includes('.') && !peer.includes(':')) return [4, 6]
  return [peer.includes(':') ? 6 : 4]
}

export function isEverybody({ peer }: Traffic): boolean {
  return peer === '0.0.0.0/0' || peer === '::/0'
}

/** `tcp 22`, for people. */
export function protocolAndPorts({ protocol, from, to }: Traffic): string {
  const ports = protocol !== 'tcp' && protocol !== 'udp' ? '' : from === to ? ` ${from}` : ` ${from}-${to}`
  return `${protocol === '-1' ? 'everything' : protocol}${ports}`
}

/** As sentences name it. */
export function trafficFacts(rule: Traffic): Record<'traffic' | 'peer', string> {
  return { traffic: protocolAndPorts(rule), peer: rule.peer }
}
