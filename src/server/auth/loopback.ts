/** Whether an address is this machine's own, reached without any wire that somebody could listen on. Pure. */
import { parseIpPrefix, prefixContains, type IpPrefix } from '../../domain/net.ts'

/** A dual-stack socket shows an IPv4 peer as ::ffff:127.0.0.1, which is read as what it is. */
export function isLoopback(address: string | undefined): boolean {
  const parsed = parseIpPrefix(address ?? '')
  return parsed.ok && LOOPBACK.some((prefix) => prefixContains(prefix, parsed.value))
}

const LOOPBACK: readonly IpPrefix[] = ['127.0.0.0/8', '::1/128'].flatMap((text) => {
  const parsed = parseIpPrefix(text)
  return parsed.ok ? [parsed.value] : []
})
