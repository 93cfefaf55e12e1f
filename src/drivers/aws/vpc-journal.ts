/**
 * What must be on record before a rule of somebody else's is revoked: everything that EC2 forgets with it. `rest` names
 * the rules that we wrote in its place, so that they are known as ours even when somebody took their tags away.
 *
 * It also says which ports of which machine are protected already: what was promised is kept even when a quota that was
 * free then is full now, while what is new is refused before anything changes.
 */
import type { JournalEntry } from '../../app/ports/driver.ts'
import type { ResourceKey } from '../../domain/resource-id.ts'
import type { Tags, Traffic } from './group-rule.ts'
import { trafficKey } from './group-rule.ts'
import { portSet, type PortSet } from './port-set.ts'

export interface CutRule extends Traffic {
  readonly group: string
  readonly description?: string
  readonly tags: Tags
  /** Traffic keys of the rules that stand for what is left of it. */
  readonly rest: readonly string[]
  /** True once it was seen to be gone: if it is there again, somebody put it back. */
  readonly held: boolean
}

export interface VpcJournal {
  /** By {@link cutKey}. */
  readonly cuts: ReadonlyMap<string, CutRule>
  readonly guards: ReadonlyMap<ResourceKey, PortSet>
}

const CUT = 'cut|'
const GUARD = 'guard|'

export function cutKey(rule: Traffic & { readonly group: string }): string {
  return `${rule.group}|${trafficKey(rule)}`
}

interface GuardValue {
  readonly tcp: readonly number[]
  readonly udp: readonly number[]
}

export function readVpcJournal(entries: readonly JournalEntry[]): VpcJournal {
  const cuts = new Map<string, CutRule>()
  const guards = new Map<ResourceKey, PortSet>()
  for (const { key, value } of entries) {
    if (key.startsWith(CUT)) cuts.set(key.slice(CUT.length), JSON.parse(value) as CutRule) // written below, read back
    if (key.startsWith(GUARD)) guards.set(key.slice(GUARD.length) as ResourceKey, guardFrom(value)) // as written below
  }
  return { cuts, guards }
}

export function writeVpcJournal({ cuts, guards }: VpcJournal): JournalEntry[] {
  return [
    ...[...cuts].map(([key, cut]) => ({ key: CUT + key, value: JSON.stringify(cut) })),
    ...[...guards].map(([machine, { tcp, udp }]) => {
      const value: GuardValue = { tcp: [...tcp].sort((a, b) => a - b), udp: [...udp].sort((a, b) => a - b) }
      return { key: GUARD + machine, value: JSON.stringify(value) }
    }),
  ].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
}

function guardFrom(value: string): PortSet {
  const { tcp, udp } = JSON.parse(value) as GuardValue // written above, read back
  return portSet([
    ...tcp.map((number) => ({ number, protocol: 'TCP' as const })),
    ...udp.map((number) => ({ number, protocol: 'UDP' as const })),
  ])
}
