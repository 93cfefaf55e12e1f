/** What a person should know about the rest of this host's rules, for `doctor`. Pure. */
import { found, mendedBy, type CheckWords } from '../../../domain/check.ts'
import type { Family } from '../../../domain/net.ts'
import {
  managedKey,
  parseBehindKey,
  parseManagedKey,
  protocolName,
  type BehindKey,
  type ManagedKey,
} from '../element.ts'
import { droppedElsewhere, type DroppedElsewhere } from './dropped-elsewhere.ts'
import type { Beside } from './beside.ts'
import { scanForeign, unknownFor } from './foreign.ts'
import { FORWARDING, type GatewayFacts } from '../gateway/gateway-facts.ts'

export interface Finding extends CheckWords {
  readonly name: string
  readonly status: 'ok' | 'warning' | 'failed'
}

export interface FindingsInput {
  /** `nft -j list ruleset`. */
  readonly listing: unknown
  readonly beside: Beside
  readonly managed: readonly ManagedKey[]
  /** The protected ports of machines behind this host. */
  readonly behind: readonly BehindKey[]
  /** Ports that are to be cut or warned of at the end, where nobody knows who is connected. */
  readonly untold: readonly number[]
  /** Where this host is a gateway. */
  readonly gateway?: { readonly facts: GatewayFacts; readonly families: ReadonlySet<Family> } | undefined
}

export function findings({ listing, beside, managed, behind, gateway, untold }: FindingsInput): Finding[] {
  const scan = scanForeign(listing)
  const unread = managed.flatMap((key) => unknownFor(scan, key).map(({ place }) => unreadFinding(place, key)))
  return [
    ...forwardingFindings(gateway),
    ...droppedElsewhere(listing, managed).map(droppedFinding),
    ...droppedElsewhere(listing, portsBehind(behind), 'forward').map(droppedFinding),
    ...unread,
    ...legacyFindings(beside, managed),
    ...inFrontFindings(beside),
    ...untold.map(untoldFinding),
  ]
}

function untoldFinding(port: number): Finding {
  return {
    name: 'connections',
    status: 'failed',
    ...found('ConnectionsUnseen', { port }),
    ...mendedBy('InstallLibnftables', {}),
  }
}

function forwardingFindings(gateway: FindingsInput['gateway']): Finding[] {
  if (gateway === undefined) return []
  const { facts, families } = gateway
  return [...families]
    .filter((family) => !facts.forwards[family])
    .map((family) => ({
      name: 'forwarding',
      status: 'failed',
      ...found('NotForwarding', { setting: FORWARDING[family].name, family }),
      ...mendedBy('Run', { command: `sysctl -w ${FORWARDING[family].name}=1` }),
    }))
}

function portsBehind(behind: readonly BehindKey[]): Set<ManagedKey> {
  const parsed = behind.flatMap((key) => parseBehindKey(key) ?? [])
  return new Set(parsed.map(({ protocol, port }) => managedKey(protocol, port)))
}

function droppedFinding({ place: rule, port, onlySome, remedy }: DroppedElsewhere): Finding {
  return {
    name: 'other firewall',
    status: onlySome ? 'warning' : 'failed',
    ...found(onlySome ? 'PerhapsDroppedByOther' : 'DroppedByOther', { port, rule }),
    ...mendedBy('Run', { command: remedy }),
  }
}

function unreadFinding(rule: string, key: ManagedKey): Finding {
  const parsed = parseManagedKey(key)
  const port = parsed === undefined ? key : `${parsed.port}/${protocolName(parsed.protocol)}`
  return {
    name: 'unread rule',
    status: 'warning',
    ...found('UnreadRule', { port, rule }),
    ...mendedBy('ReadRule', {}),
  }
}

function legacyFindings({ legacyTables: tables }: Beside, managed: readonly ManagedKey[]): Finding[] {
  if (tables.length === 0 || managed.length === 0) return []
  return [
    {
      name: 'iptables-legacy',
      status: 'warning',
      ...found('OldIptables', { tables: tables.join(', ') }),
      ...mendedBy('ReadOldIptables', {}),
    },
  ]
}

function inFrontFindings({ inFront }: Beside): Finding[] {
  if (inFront.length === 0) return []
  return [
    {
      name: 'in front',
      status: 'warning',
      ...found('ProgramInFront', { interfaces: inFront.join(', ') }),
      ...mendedBy('LookInFront', {}),
    },
  ]
}
