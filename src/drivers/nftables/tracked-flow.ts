/** A connection as conntrack keeps it, as far as it came in by a hole of ours. */
import type { Flow } from '../../domain/flow.ts'
import { formatIpPrefix, prefix, widthOf, type IpPrefix } from '../../domain/net.ts'
import type { ResourceKey } from '../../domain/resource-id.ts'
import type { Instant } from '../../domain/time.ts'
import { elementId, protocolName, type ElementId, type PrefixSet, type ProtocolNumber } from './element.ts'
import type { Mirror } from './mirror.ts'

export interface TrackedFlow {
  readonly protocol: ProtocolNumber
  /** Who connected. */
  readonly peer: IpPrefix
  readonly peerPort: number
  /** Where to, as the packets name it: before any translation. */
  readonly local: IpPrefix
  readonly localPort: number
  /** Both ends have spoken, and neither has hung up. */
  readonly isConnected: boolean
  /** It has lost what an established connection may; see CUT_MARK. */
  readonly isCut: boolean
  /** Where the kernel keeps it (net.netfilter.nf_conntrack_timestamp). */
  readonly since?: Instant
  /** The kernel's own words for it, to name it by. */
  readonly tuple: Buffer
}

export function flowFrom(machine: ResourceKey, flow: TrackedFlow): Flow {
  const { protocol, peer, peerPort, local, localPort, since } = flow
  return {
    machine,
    protocol: protocolName(protocol),
    from: formatIpPrefix(peer),
    fromPort: peerPort,
    to: formatIpPrefix(local),
    port: localPort,
    ...(since !== undefined && { since }),
  }
}

type Held = Pick<Mirror, 'structure' | 'elements' | 'keeps'>

/** Whether something in the kernel would let it in if it began now: it then is none that a hole has left behind. */
export function isLetIn(flow: TrackedFlow, { structure, elements, keeps }: Held, now: Instant): boolean {
  return structure.sets.some((set) => {
    const id = idIn(set, flow)
    return id !== undefined && ((elements.get(id) ?? 0) > now || keeps.has(id))
  })
}

function idIn(set: PrefixSet, { peer, protocol, localPort }: TrackedFlow): ElementId | undefined {
  if (set.family !== peer.family) return undefined
  const { bits } = prefix(peer.family, peer.bits, Math.min(set.length, widthOf(peer.family)))
  return elementId({ set, bits, protocol, port: localPort })
}
