/** What a person should know about the rest of this host's rules, for `doctor`. Pure. */
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

export interface Finding {
  readonly name: string
  readonly status: 'ok' | 'warning' | 'failed'
  readonly text: string
  readonly remedy?: string
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
    text: `port ${port}: who is connected at the end is to be cut off or told of, and nobody can: the kernel's connections are reached through libnftables only`,
    remedy: 'install libnftables1 and start with --nft-backend library',
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
      text: `${FORWARDING[family].name} is 0: nothing reaches the machines behind this gateway by IPv${family}`,
      remedy: `sysctl -w ${FORWARDING[family].name}=1`,
    }))
}

function portsBehind(behind: readonly BehindKey[]): Set<ManagedKey> {
  const parsed = behind.flatMap((key) => parseBehindKey(key) ?? [])
  return new Set(parsed.map(({ protocol, port }) => managedKey(protocol, port)))
}

function droppedFinding({ place, port, onlySome, remedy }: DroppedElsewhere): Finding {
  const what = onlySome ? 'may be dropped' : 'is dropped'
  return {
    name: 'other firewall',
    status: onlySome ? 'warning' : 'failed',
    text: `${port}: what is granted here ${what} by ${place}`,
    remedy,
  }
}

function unreadFinding(place: string, key: ManagedKey): Finding {
  const parsed = parseManagedKey(key)
  const port = parsed === undefined ? key : `${parsed.port}/${protocolName(parsed.protocol)}`
  return {
    name: 'unread rule',
    status: 'warning',
    text: `${port}: ${place} may let something in and cannot be reduced to source, protocol and port; it is closed here`,
    remedy: 'read the rule, and put what it should let in into the policy',
  }
}

function legacyFindings({ legacyTables: tables }: Beside, managed: readonly ManagedKey[]): Finding[] {
  if (tables.length === 0 || managed.length === 0) return []
  return [
    {
      name: 'iptables-legacy',
      status: 'warning',
      text: `rules of the old iptables are loaded (${tables.join(', ')}); what they let in is closed here, what they drop stays dropped`,
      remedy: 'read them with iptables-legacy-save',
    },
  ]
}

function inFrontFindings({ inFront }: Beside): Finding[] {
  if (inFront.length === 0) return []
  return [
    {
      name: 'in front',
      status: 'warning',
      text: `a program at ${inFront.join(', ')} (XDP) sees packets before the firewall; what it drops stays dropped, also where access is granted`,
      remedy: 'look at it with: ip -details link show',
    },
  ]
}
