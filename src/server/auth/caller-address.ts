/**
 * The address a request came from. A header can be written by anybody, so it is believed only as far as proxies that are
 * configured vouch for it: read from the right, the first address that is not a proxy of ours. Only the one header that
 * our proxies write is read; the other may be the caller's own invention.
 */
import { formatIpPrefix, parseIpPrefix, prefixContains, type IpPrefix } from '../../domain/net.ts'

export type ProxyHeader = 'x-forwarded-for' | 'forwarded'

export interface TrustedProxies {
  readonly prefixes: readonly IpPrefix[]
  readonly header: ProxyHeader
}

export const NO_PROXIES: TrustedProxies = { prefixes: [], header: 'x-forwarded-for' }

interface Arrival {
  readonly socketAddress: string | undefined
  /** Of the header that the proxies write; several lines as one. */
  readonly header: string | undefined
}

/** Canonical text; empty when a proxy of ours says something that is not an address, for then it is not known. */
export function callerAddress({ prefixes, header: kind }: TrustedProxies, { socketAddress, header }: Arrival): string {
  const peer = parseAddress(socketAddress ?? '')
  if (peer === undefined) return ''
  let seen = peer
  const hops = header === undefined ? [] : kind === 'forwarded' ? forwardedHops(header) : header.split(',')
  for (const hop of hops.toReversed()) {
    if (!isOurs(seen, prefixes)) break
    const before = parseAddress(withoutPort(hop.trim()))
    if (before === undefined) return ''
    seen = before
  }
  return formatIpPrefix(seen)
}

function isOurs(address: IpPrefix, prefixes: readonly IpPrefix[]): boolean {
  return prefixes.some((prefix) => prefixContains(prefix, address))
}

/** A dual-stack socket shows an IPv4 peer as ::ffff:a.b.c.d; a link-local one carries its zone. */
function parseAddress(text: string): IpPrefix | undefined {
  const parsed = text.includes('/') ? undefined : parseIpPrefix(text.replace(/%.*$/, ''))
  return parsed?.ok === true ? parsed.value : undefined
}

/** RFC 7239 §4: `for=192.0.2.43, for="[2001:db8::17]:4711";proto=https`. An element without `for` hides its sender. */
function forwardedHops(header: string): string[] {
  const elements = header.match(/(?:[^,"]|"(?:[^"\\]|\\.)*")+/g) ?? []
  return elements.map((element) => /(?:^|;)\s*for=("?)([^";,]*)\1\s*(?:;|$)/i.exec(element.trim())?.[2] ?? '')
}

/** `192.0.2.43:4711` and `[2001:db8::17]:4711` name a port too. */
function withoutPort(hop: string): string {
  return /^\[([^\]]*)\](?::\d+)?$/.exec(hop)?.[1] ?? /^([\d.]+):\d+$/.exec(hop)?.[1] ?? hop
}
