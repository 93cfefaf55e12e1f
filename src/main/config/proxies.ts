/** The proxies whose word on the caller's address is taken, from the configuration. */
import { parseIpPrefix } from '../../domain/net.ts'
import type { TrustedProxies } from '../../server/auth/caller-address.ts'
import type { Config } from './config.ts'

export function proxiesOf({ trustedProxies = [], proxyHeader }: Config): TrustedProxies {
  const prefixes = trustedProxies.map((text) => {
    const parsed = parseIpPrefix(text)
    if (!parsed.ok) throw new Error(`'${text}' is not an address or a prefix; the configuration should have refused it`)
    return parsed.value
  })
  return { prefixes, header: proxyHeader }
}
