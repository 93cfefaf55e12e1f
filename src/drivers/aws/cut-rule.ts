/**
 * Taking ports out of a rule. What is left over is written as the fewest rules that let in exactly the other ports.
 *
 * A rule for every protocol can only be kept for what has ports, and for ICMP: there is no rule "all but TCP 22". What
 * it let in besides (GRE, ESP, SCTP …) is closed with it, and the plan says so.
 */
import { familiesOf, type Traffic } from './group-rule.ts'
import type { PortSet } from './port-set.ts'

const LAST_PORT = 65_535

/** True if the rule lets in one of these ports. */
export function opensAny({ protocol, from, to }: Traffic, ports: PortSet): boolean {
  if (protocol === '-1') return ports.tcp.size + ports.udp.size > 0
  if (protocol !== 'tcp' && protocol !== 'udp') return false
  const [first, last] = rangeOf(from, to)
  return [...ports[protocol]].some((port) => first <= port && port <= last)
}

/** What is left of the rule without these ports: the rule itself where it opens none of them. */
export function cutRule(rule: Traffic, ports: PortSet): Traffic[] {
  if (!opensAny(rule, ports)) return [rule]
  const { protocol, peer } = rule
  if (protocol === 'tcp' || protocol === 'udp') return cutRange(protocol, rangeOf(rule.from, rule.to), ports, peer)
  return [
    ...cutRange('tcp', [0, LAST_PORT], ports, peer),
    ...cutRange('udp', [0, LAST_PORT], ports, peer),
    ...familiesOf(rule).map((family) => ({ protocol: family === 4 ? 'icmp' : 'icmpv6', from: -1, to: -1, peer })),
  ]
}

/** EC2 shows all ports of TCP as 0-65535; -1 is taken for the same, so that nothing is overlooked. */
function rangeOf(from: number, to: number): readonly [number, number] {
  return from === -1 ? [0, LAST_PORT] : [from, to]
}

function cutRange(
  protocol: 'tcp' | 'udp',
  [first, last]: readonly [number, number],
  ports: PortSet,
  peer: string,
): Traffic[] {
  const cut = [...ports[protocol]].filter((port) => first <= port && port <= last).sort((a, b) => a - b)
  const left: Traffic[] = []
  let from = first
  for (const port of [...cut, last + 1]) {
    if (from < port) left.push({ protocol, from, to: port - 1, peer })
    from = port + 1
  }
  return left
}
