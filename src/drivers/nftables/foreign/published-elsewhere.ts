/**
 * Which ports other tables send on to somebody behind this host (destination NAT): a gateway never gives them away. Pure
 * over `nft -j list ruleset`. A rule for all ports names none, and is passed by: whoever has access is sent on before it.
 */
import { parseIpPrefix, type IpPrefix } from '../../../domain/net.ts'
import type { Chain } from './foreign.ts'
import { effectOf, EVERYTHING, narrowed, type Match, type PortRange, type SetLookup } from './foreign-match.ts'
import { isObject, listAt, objectAt, textAt } from '../kernel/json.ts'

export interface PublishedElsewhere {
  /** `table ip nat, chain pre, handle 5`. */
  readonly place: string
  readonly ports: readonly PortRange[]
  /** Where they are sent on, when the rule says so itself; without a port, it stays the same. */
  readonly to?: { readonly address: IpPrefix; readonly port?: number }
}

/** `lookupIn`: the named sets that a chain's rules may name. */
export function publishedElsewhere(
  chains: readonly Chain[],
  lookupIn: (chain: Chain) => SetLookup,
): PublishedElsewhere[] {
  return chains.flatMap((chain) =>
    chain.rules.flatMap(({ handle, statements }) => {
      const place = `table ${chain.family} ${chain.table}, chain ${chain.name}, handle ${handle}`
      const ports = portsSentOn(statements, lookupIn(chain))
      const to = destinationOf(statements)
      return ports.length === 0 ? [] : [{ place, ports, ...(to === undefined ? {} : { to }) }]
    }),
  )
}

/** The rule's own condition on the port, and the ports that a map in it names. Whether the chain is reached is not asked. */
function portsSentOn(statements: readonly unknown[], lookup: SetLookup): PortRange[] {
  if (!statements.some(isTranslation)) return []
  let match: Match = EVERYTHING
  for (const statement of statements) {
    const effect = effectOf(statement)
    if (effect.kind === 'match') match = narrowed(match, effect.condition, lookup)
  }
  return [...(match.ports ?? []), ...statements.flatMap(portsInMap)]
}

/** `dnat` and `redirect` of nft; DNAT and REDIRECT of iptables. */
export function isTranslation(statement: unknown): boolean {
  if (!isObject(statement)) return false
  if ('dnat' in statement || 'redirect' in statement) return true
  const target = objectAt(statement, 'xt')
  return target?.['name'] === 'DNAT' || target?.['name'] === 'REDIRECT'
}

function destinationOf(statements: readonly unknown[]): PublishedElsewhere['to'] {
  const sent = statements.map((statement) => objectAt(statement, 'dnat')).find((found) => found !== undefined)
  const address = parseIpPrefix(textAt(sent, 'addr') ?? '')
  const port = sent?.['port']
  if (!address.ok) return undefined
  return { address: address.value, ...(typeof port === 'number' ? { port } : {}) }
}

/** `dnat to tcp dport map { 8080 : 10.0.0.2 }`: every number in a key of the map that can be a port. */
function portsInMap(statement: unknown): PortRange[] {
  const address = objectAt(statement, 'dnat')?.['addr']
  const mapping = objectAt(address, 'map')
  const pairs = listAt(mapping?.['data'], 'set') ?? []
  return pairs.flatMap((pair) => {
    const key: unknown = Array.isArray(pair) ? pair[0] : undefined
    return (listAt(key, 'concat') ?? [key]).flatMap((part) =>
      typeof part === 'number' ? [{ from: part, to: part }] : [],
    )
  })
}
