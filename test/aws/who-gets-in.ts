/** What the rules on an interface let in, asked packet by packet: an account of its own, beside the driver's arithmetic. */
import type { World } from './ec2-model.ts'
import { PORTS } from './random-vpc.ts'

/** Every (protocol, port, peer) that some group on the interface lets in, at the ports that tests look at. */
export function letIn({ inbound, interfaces }: World, networkInterface: string): Set<string> {
  const groups = new Set(interfaces.get(networkInterface)?.groups)
  const found = new Set<string>()
  for (const rule of inbound.values()) {
    if (!groups.has(rule.group)) continue
    for (const protocol of ['tcp', 'udp'])
      for (const port of [0, ...PORTS, 24, 65_535])
        if (rule.protocol === '-1' || (rule.protocol === protocol && rule.from <= port && port <= rule.to))
          found.add(`${protocol} ${port} ${rule.peer}`)
    if (rule.protocol === '-1' || rule.protocol.startsWith('icmp')) found.add(`icmp ${rule.peer}`)
  }
  return found
}

/** What a person would compare: everything but the ids of rules. */
export function withoutRuleIds({ groups, inbound, outbound, interfaces }: World): unknown {
  const plain = (rules: World['inbound']): unknown[] =>
    [...rules.values()].map((rule) => JSON.stringify(Object.entries({ ...rule, id: '' }).toSorted(byName))).sort()
  return {
    groups: [...groups.values()].map((group) => JSON.stringify(group)).sort(),
    inbound: plain(inbound),
    outbound: plain(outbound),
    interfaces: [...interfaces.values()].map((one) => ({ ...one, groups: [...one.groups].sort() })),
  }
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1
}

/** Where an interface's groups let it out to. */
export function letOut({ outbound, interfaces }: World, networkInterface: string): Set<string> {
  const groups = new Set(interfaces.get(networkInterface)?.groups)
  return new Set([...outbound.values()].filter(({ group }) => groups.has(group)).map(({ id }) => id))
}
