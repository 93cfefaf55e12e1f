/**
 * What a hole to a machine behind a gateway comes down to in the kernel: elements that let its source pass to each of the
 * machine's addresses, and elements that send a mapped port of a public address on to it. All of one hole end together.
 * Pure; writes no nft text.
 */
import { ofFamily } from '../../../domain/hosts/gateway.ts'
import { formatAddress, widthOf, type IpPrefix, type Protocol, type Source } from '../../../domain/net.ts'
import { elementId, parseElementId, prefixesIn, protocolNumbers, sourceOf, type ElementId } from '../element.ts'

/** Where people come in: `seen` is the destination of their packets. */
export interface Entrance {
  readonly seen: IpPrefix
  readonly mappedPort: number
}

export interface WayIn {
  readonly source: Source
  readonly protocol: Protocol
  /** Of the machine. */
  readonly port: number
  readonly addresses: readonly IpPrefix[]
  /** At most one of each family. */
  readonly entrances: readonly Entrance[]
}

export function gatewayElementIds({ source, protocol, port, addresses, entrances }: WayIn): ElementId[] {
  return prefixesIn(source).flatMap((prefix) => {
    const near = ofFamily(addresses, prefix.family)
    const entrance = entrances.find(({ seen }) => seen.family === prefix.family)
    return protocolNumbers(protocol).flatMap((number) => [
      ...near.map(({ bits }) => elementId({ ...keyed('through', prefix), protocol: number, port, to: bits })),
      ...published({ prefix, number, port, target: near[0], entrance }),
    ])
  })
}

interface Published {
  readonly prefix: IpPrefix
  readonly number: ReturnType<typeof protocolNumbers>[number]
  readonly port: number
  readonly target: IpPrefix | undefined
  readonly entrance: Entrance | undefined
}

function published({ prefix, number, port, target, entrance }: Published): ElementId[] {
  if (target === undefined || entrance === undefined) return []
  return [
    elementId({
      ...keyed('publish', prefix),
      protocol: number,
      port: entrance.mappedPort,
      to: entrance.seen.bits,
      target: { bits: target.bits, port },
    }),
  ]
}

function keyed(kind: 'through' | 'publish', { family, length, bits }: IpPrefix) {
  return { set: { kind, family, length }, bits }
}

/** Where an element of a gateway lets whom in. */
export interface Behind {
  readonly address: IpPrefix
  readonly port: number
  readonly source: IpPrefix
}

/** Whom an element of a gateway leads to; undefined for any other. */
export function behindOf(id: ElementId): Behind | undefined {
  const element = isOfGateway(id) ? parseElementId(id) : undefined
  if (element === undefined) return undefined
  const { set, port, to = 0n, target } = element
  const bits = target?.bits ?? to
  return {
    address: { family: set.family, bits, length: widthOf(set.family) },
    port: target?.port ?? port,
    source: sourceOf(element),
  }
}

/** Asked for each of 100,000 elements: nothing is parsed for the host's own. */
function isOfGateway(id: ElementId): boolean {
  return id.startsWith('f') || id.startsWith('d') || id.startsWith('kf')
}

/** {@link Behind} as one text: elements of both kinds at one place belong to the same holes. */
export type PlaceBehind = string & { readonly __brand: 'PlaceBehind' }

export function placeBehind({ address, port, source }: Behind): PlaceBehind {
  return `${formatAddress(address.family, address.bits)}|${port}|${textOf(source)}` as PlaceBehind // the one place that makes them
}

function textOf({ family, bits, length }: IpPrefix): string {
  return `${formatAddress(family, bits)}/${length}`
}

/** Every place where an element of any hole from `source` to this port of the machine may stand. */
export function placesBehind(addresses: readonly IpPrefix[], port: number, source: Source): PlaceBehind[] {
  return prefixesIn(source).flatMap((prefix) =>
    ofFamily(addresses, prefix.family).map((address) => placeBehind({ address, port, source: prefix })),
  )
}
