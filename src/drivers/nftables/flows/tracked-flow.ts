/** A connection as conntrack keeps it, as far as it came in by a hole of ours. */
import type { Flow } from '../../../domain/access/flow.ts'
import type { Gateway } from '../../../domain/hosts/gateway.ts'
import { formatIpPrefix, prefix, type IpPrefix } from '../../../domain/net.ts'
import type { ResourceKey } from '../../../domain/resource-id.ts'
import type { Instant } from '../../../domain/time.ts'
import { elementId, protocolName, type ElementId, type PrefixSet, type ProtocolNumber } from '../element.ts'
import type { Mirror } from '../mirror.ts'

export interface TrackedFlow {
  readonly protocol: ProtocolNumber
  /** Who connected. */
  readonly peer: IpPrefix
  readonly peerPort: number
  /** Where to, as the packets name it: before any translation. */
  readonly local: IpPrefix
  readonly localPort: number
  /** Who answers: the machine behind, where the packets are sent on. */
  readonly near: IpPrefix
  readonly nearPort: number
  /** Both ends have spoken, and neither has hung up. */
  readonly isConnected: boolean
  /** It has lost what an established connection may; see CUT_MARK. */
  readonly isCut: boolean
  /** Where the kernel keeps it (net.netfilter.nf_conntrack_timestamp). */
  readonly since?: Instant
  /** The kernel's own words for it, to name it by. */
  readonly tuple: Buffer
}

/** Whose flow it is: a machine's behind this gateway, by its address, or else the host's own. */
export interface Owner {
  readonly machine: ResourceKey
  readonly isBehind: boolean
}

export function ownerOf({ near }: TrackedFlow, host: ResourceKey, gateway: Gateway | undefined): Owner {
  const behind = [...(gateway?.machines.values() ?? [])].find(({ addresses }) =>
    addresses.some((address) => address.family === near.family && address.bits === near.bits),
  )
  return behind === undefined ? { machine: host, isBehind: false } : { machine: behind.key, isBehind: true }
}

export function flowFrom({ machine, isBehind }: Owner, flow: TrackedFlow): Flow {
  const { protocol, peer, peerPort, local, localPort, nearPort, since } = flow
  return {
    machine,
    protocol: protocolName(protocol),
    from: formatIpPrefix(peer),
    fromPort: peerPort,
    to: formatIpPrefix(local),
    port: isBehind ? nearPort : localPort,
    ...(since !== undefined && { since }),
  }
}

type Held = Pick<Mirror, 'structure' | 'elements' | 'keeps'>

/** Whether something in the kernel would let it in if it began now: it then is none that a hole has left behind. */
export function isLetIn(
  flow: TrackedFlow,
  owner: Owner,
  { held: { structure, elements, keeps }, now }: { readonly held: Held; readonly now: Instant },
): boolean {
  return structure.sets.some((set) => {
    const id = idIn(set, flow, owner)
    return id !== undefined && ((elements.get(id) ?? 0) > now || keeps.has(id))
  })
}

/** By `publish` alone nobody gets further: it only says where to. */
function idIn(
  set: PrefixSet,
  { peer, protocol, localPort, near, nearPort }: TrackedFlow,
  { isBehind }: Owner,
): ElementId | undefined {
  const leadsBehind = set.kind === 'through' || set.kind === 'keepThrough'
  if (set.family !== peer.family || leadsBehind !== isBehind || set.kind === 'publish') return undefined
  const { bits } = prefix(peer.family, peer.bits, set.length)
  return isBehind
    ? elementId({ set, bits, protocol, to: near.bits, port: nearPort })
    : elementId({ set, bits, protocol, port: localPort })
}
