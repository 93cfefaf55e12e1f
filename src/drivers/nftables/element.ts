/**
 * What a hole comes down to in the kernel: one exact key in one hash set per address family and prefix length.
 * Keys are exact, so overlapping holes never clash and never need an interval set. Pure; writes no nft text.
 */
import type { ProtectedPort } from '../../domain/desired.ts'
import { slotOf, type Slot } from '../../domain/hole.ts'
import { widthOf, type Family, type IpPrefix, type Protocol, type Source } from '../../domain/net.ts'
import type { ResourceKey } from '../../domain/resource-id.ts'

/** IANA protocol numbers. `*` in a policy stands for all of these: they are what has ports. */
export const PROTOCOL_NUMBERS = { tcp: 6, udp: 17, sctp: 132 } as const

export type ProtocolNumber = (typeof PROTOCOL_NUMBERS)[keyof typeof PROTOCOL_NUMBERS]

/** `grant` elements carry a timeout; `keep` elements stand for a foreign, narrower allow and have none. */
export type ElementKind = 'grant' | 'keep'

export interface PrefixSet {
  readonly kind: ElementKind
  readonly family: Family
  /** The prefix length; 0 is keyed without an address. */
  readonly length: number
}

/** `<set>:<key bytes in hex>`, exactly as the kernel lays the key out. */
export type ElementId = string & { readonly __brand: 'ElementId' }

export interface Element {
  readonly set: PrefixSet
  readonly bits: bigint
  readonly protocol: ProtocolNumber
  readonly port: number
}

/** `<protocol number><port>` of a managed port, laid out like the kernel's key, in hex. */
export type ManagedKey = string & { readonly __brand: 'ManagedKey' }

function protocolNumbers(protocol: Protocol): readonly ProtocolNumber[] {
  switch (protocol) {
    case 'TCP':
      return [6]
    case 'UDP':
      return [17]
    case '*':
      return [6, 17, 132]
  }
}

export function protocolName(protocol: ProtocolNumber): 'TCP' | 'UDP' | 'SCTP' {
  return protocol === 6 ? 'TCP' : protocol === 17 ? 'UDP' : 'SCTP'
}

export function setName(set: PrefixSet): string {
  // Asked for every element of a pass, and always for the same few sets.
  const index = (set.kind === 'grant' ? 0 : 1024) + (set.family === 4 ? 0 : 256) + set.length
  return (names[index] ??= makeSetName(set))
}

const names: string[] = []

function makeSetName(set: PrefixSet): string {
  return `${set.kind === 'grant' ? 'g' : 'keep'}${set.family}_${set.length}`
}

const SET_NAME = /^(g|keep)(4|6)_(0|[1-9]\d{0,2})$/

/** The inverse of {@link setName}; undefined for any other name. */
export function parseSetName(name: string): PrefixSet | undefined {
  const match = SET_NAME.exec(name)
  if (match === null) return undefined
  const family: Family = match[2] === '4' ? 4 : 6
  const length = Number(match[3])
  return length > widthOf(family) ? undefined : { kind: match[1] === 'g' ? 'grant' : 'keep', family, length }
}

/** Fields of a concatenated key are padded to four bytes each; numbers are in network byte order. */
function portKey(protocol: number, port: number): string {
  return `${protocol.toString(16).padStart(2, '0')}000000${port.toString(16).padStart(4, '0')}0000`
}

function addressKey(set: PrefixSet, bits: bigint): string {
  if (set.length === 0) return ''
  return set.family === 4 ? Number(bits).toString(16).padStart(8, '0') : bits.toString(16).padStart(32, '0')
}

export function elementId(element: Element): ElementId {
  const key = addressKey(element.set, element.bits) + portKey(element.protocol, element.port)
  return `${setName(element.set)}:${key}` as ElementId // one of the two places that make ids
}

/** The id of what the kernel reported: a set's name and the key's bytes. */
export function elementIdOf(name: string, key: Buffer): ElementId {
  return `${name}:${key.toString('hex')}` as ElementId // the other place; the bytes are the kernel's own
}

export function setOf(id: ElementId): string {
  return id.slice(0, id.indexOf(':'))
}

export function keyOf(id: ElementId): Buffer {
  return Buffer.from(id.slice(id.indexOf(':') + 1), 'hex')
}

/** Undefined for a key that no serialiser of ours would have written. */
export function parseElementId(id: ElementId): Element | undefined {
  const set = parseSetName(setOf(id))
  const key = id.slice(id.indexOf(':') + 1)
  if (set === undefined || !/^[0-9a-f]+$/.test(key)) return undefined
  const addressLength = addressKey(set, 0n).length
  const managed = parseManagedKey(key.slice(addressLength) as ManagedKey) // checked by the parser
  if (managed === undefined) return undefined
  const bits = addressLength === 0 ? 0n : BigInt(`0x${key.slice(0, addressLength)}`)
  return { set, bits, ...managed }
}

/** Every element that lets `source` reach `port`: one per protocol, and per family where the source is `*`. */
export function elementIdsFor(kind: ElementKind, source: Source, protocol: Protocol, port: number): ElementId[] {
  const prefixes: readonly IpPrefix[] = source === '*' ? ANYWHERE : [source]
  return prefixes.flatMap((prefix) =>
    protocolNumbers(protocol).map((number) =>
      elementId({
        set: { kind, family: prefix.family, length: prefix.length },
        bits: prefix.bits,
        protocol: number,
        port,
      }),
    ),
  )
}

const ANYWHERE: readonly IpPrefix[] = [
  { family: 4, bits: 0n, length: 0 },
  { family: 6, bits: 0n, length: 0 },
]

export function sourceOf(element: Element): IpPrefix {
  return { family: element.set.family, bits: element.bits, length: element.set.length }
}

/** The slot that an element belongs to, on the one machine that this kernel is. */
export function slotOfElement(machine: ResourceKey, element: Element): Slot {
  return slotOf(machine, element.port, sourceOf(element))
}

export function managedKeys(port: ProtectedPort): ManagedKey[] {
  return protocolNumbers(port.protocol).map((number) => managedKey(number, port.number))
}

export function managedKey(protocol: ProtocolNumber, port: number): ManagedKey {
  return portKey(protocol, port) as ManagedKey // the one place that makes them
}

export function parseManagedKey(key: ManagedKey): { protocol: ProtocolNumber; port: number } | undefined {
  const match = /^(06|11|84)0{6}([0-9a-f]{4})0{4}$/.exec(key)
  if (match === null) return undefined
  const protocol = Number.parseInt(match[1] ?? '', 16) as ProtocolNumber // the pattern allows only these three
  return { protocol, port: Number.parseInt(match[2] ?? '', 16) }
}
