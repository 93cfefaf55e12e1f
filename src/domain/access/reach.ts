/**
 * The other address at which a machine's port is reached while access is open: a firewall's public address and a port of
 * its own there. It stands in the journal of the firewall's point before the firewall is changed, and stays the same for
 * as long as anybody has access: what people were told goes on to be true through crashes and repairs.
 */
import type { Family, Source } from '../net.ts'
import type { JournalLine } from '../security-groups/rule-journal.ts'
import type { ResourceKey } from '../resource-id.ts'

export interface Reach {
  readonly publicIpAddress: string
  readonly mappedPort: number
}

/** A protected port of a machine: `machine|port`; `machine|port|IPv6` for who comes by IPv6. */
export type ReachKey = string & { readonly __brand: 'ReachKey' }

export function reachKey(machine: ResourceKey, port: number, family: Family = 4): ReachKey {
  return `${machine}|${port}${family === 6 ? '|IPv6' : ''}` as ReachKey // the one place that makes them
}

/** The reaches by which these sources come, the one to tell first. */
export function reachKeysFor(machine: ResourceKey, port: number, sources: readonly Source[]): ReachKey[] {
  const isV6 = sources.every((source) => source !== '*' && source.family === 6)
  const families: readonly Family[] = isV6 ? [6] : sources.includes('*') ? [4, 6] : [4]
  return families.map((family) => reachKey(machine, port, family))
}

const PREFIX = 'reach|'

export function readReaches(lines: readonly JournalLine[]): Map<ReachKey, Reach> {
  const own = lines.filter(({ key }) => key.startsWith(PREFIX))
  return new Map(own.map(({ key, value }) => [key.slice(PREFIX.length) as ReachKey, JSON.parse(value) as Reach])) // written below, read back
}

export function writeReaches(reaches: ReadonlyMap<ReachKey, Reach>): JournalLine[] {
  return [...reaches]
    .map(([key, { publicIpAddress, mappedPort }]) => ({
      key: PREFIX + key,
      value: JSON.stringify({ publicIpAddress, mappedPort }),
    }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
}
