/**
 * What a hole comes down to in the kernel: one exact key in one hash set per address family and prefix length.
 * Keys are exact, so overlapping holes never clash and never need an interval set. Pure; writes no nft text.
 */
import type { ProtectedPort } from '../../domain/access/desired.ts'
import { slotOf, type Slot } from '../../domain/access/hole.ts'
import { widthOf, type Family, type IpPrefix, type Protocol, type Source } from '../../domain/net.ts'
import type { ResourceKey } from '../../domain/resource-id.ts'

/** IANA protocol numbers. `*` in a policy stands for all of these: they are what has ports. */
export const PROTOCOL_NUMBERS = { tcp: 6, udp: 17, sctp: 132 } as const

export type ProtocolNumber = (typeof PROTOCOL_NUMBERS)[keyof typeof PROTOCOL_NUMBERS]

/**
 * Those that keep stand for a foreign, narrower allow; all others carry a timeout. Of a gateway: `through` lets a source pass
 * to a machine behind it, `publish` sends what comes for a mapped port on to the machine.
 */
export type ElementKind = 'grant' | 'keep' | 'through' | 'publish' | 'keepThrough'

export interface PrefixSet {
  readonly kind: ElementKind
  readonly family: Family
  /** The source's prefix length; 0 is keyed without the source. */
  readonly length: number
}

/** `<set>:<key bytes in hex>`, exactly as the kernel lays the key out; with `><data bytes in hex>` in a map. */
export type ElementId = string & { readonly __brand: 'ElementId' }

export interface Element {
  readonly set: PrefixSet
  readonly bits: bigint
  readonly protocol: ProtocolNumber
  /** Of the packet as it passes the rule: in `publish` the mapped port. */
  readonly port: number
  /** Of a gateway: the destination address of the packet, in `publish` the public one. */
  readonly to?: bigint
  /** Of `publish`: where the packet is sent on. */
  readonly target?: Target
}

export interface Target {
  readonly bits: bigint
  readonly port: number
}

/** `<protocol number><port>` of a managed port, laid out like the kernel's key, in hex. */
export type ManagedKey = string & { readonly __brand: 'ManagedKey' }

/** A protected port of a machine behind a gateway: its address, then a {@link ManagedKey}, in hex. */
export type BehindKey = string & { readonly __brand: 'BehindKey' }

export function protocolNumbers(protocol: Protocol): readonly ProtocolNumber[] {
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
  const index = KINDS[set.kind].index * 1024 + (set.family === 4 ? 0 : 256) + set.length
  return (names[index] ??= makeSetName(set))
}

const names: string[] = []

const KINDS = {
  grant: { index: 0, name: 'g' },
  keep: { index: 1, name: 'keep' },
  through: { index: 2, name: 'f' },
  publish: { index: 3, name: 'd' },
  keepThrough: { index: 4, name: 'kf' },
} as const

function makeSetName(set: PrefixSet): string {
  return `${KINDS[set.kind].name}${set.family}_${set.length}`
}

const SET_NAME = /^(g|keep|f|d|kf)(4|6)_(0|[1-9]\d{0,2})$/
const KIND_OF_NAME = new Map(Object.entries(KINDS).map(([kind, { name }]) => [name as string, kind as ElementKind])) // the object's own keys

/** The inverse of {@link setName}; undefined for any other name. */
export function parseSetName(name: string): PrefixSet | undefined {
  const match = SET_NAME.exec(name)
  const kind = KIND_OF_NAME.get(match?.[1] ?? '')
  if (match === null || kind === undefined) return undefined
  const family: Family = match[2] === '4' ? 4 : 6
  const length = Number(match[3])
  return length > widthOf(family) ? undefined : { kind, family, length }
}

/** Whether a set is of a gateway: its key has the destination too. */
export function isBehind({ kind }: Pick<PrefixSet, 'kind'>): boolean {
  return kind === 'through' || kind === 'publish' || kind === 'keepThrough'
}

/** Whether its elements never end by themselves. */
export function isKept({ kind }: Pick<PrefixSet, 'kind'>): boolean {
  return kind === 'keep' || kind === 'keepThrough'
}

/** Fields of a concatenated key are padded to four bytes each; numbers are in network byte order. */
function portKey(protocol: ProtocolNumber, port: number): string {
  // Asked for every element of a pass, and nearly always for the same few ports.
  return (portKeys[protocol * 65_536 + port] ??= makePortKey(protocol, port))
}

const portKeys: Record<number, string> = {}

function makePortKey(protocol: ProtocolNumber, port: number): string {
  return `${protocol.toString(16).padStart(2, '0')}000000${port.toString(16).padStart(4, '0')}0000`
}

function addressText(family: Family, bits: bigint): string {
  return family === 4 ? Number(bits).toString(16).padStart(8, '0') : bits.toString(16).padStart(32, '0')
}

function addressKey({ set, bits, to }: Pick<Element, 'set' | 'bits' | 'to'>): string {
  const source = set.length === 0 ? '' : addressText(set.family, bits)
  return to === undefined ? source : source + addressText(set.family, to)
}

function dataText({ set, target }: Element): string {
  if (target === undefined) return ''
  return `>${addressText(set.family, target.bits)}${target.port.toString(16).padStart(4, '0')}0000`
}

export function elementId(element: Element): ElementId {
  const key = addressKey(element) + portKey(element.protocol, element.port)
  return `${setName(element.set)}:${key}${dataText(element)}` as ElementId // one of the two places that make ids
}

/** The id of what the kernel reported: a set's name, the key's bytes and, of a map, the data's, both in hex. */
export function elementIdOf(name: string, key: string, data?: string): ElementId {
  const suffix = data === undefined ? '' : `>${data}`
  return `${name}:${key}${suffix}` as ElementId // the other place; the bytes are the kernel's own
}

export function setOf(id: ElementId): string {
  return id.slice(0, id.indexOf(':'))
}

export function keyOf(id: ElementId): Buffer {
  return Buffer.from(keyText(id), 'hex')
}

function keyText(id: ElementId): string {
  return id.slice(id.indexOf(':') + 1).replace(/>.*$/, '')
}

/** Whether {@link parseElementId} takes what stands in this set, told by its form alone: a hundred thousand are asked about. */
export function isElementOf(set: PrefixSet): (id: ElementId) => boolean {
  const digits = widthOf(set.family) / 4
  const address = `[0-9a-f]{${digits}}`
  const addresses = (set.length === 0 ? '' : address) + (isBehind(set) ? address : '')
  const data = set.kind === 'publish' ? `>${address}[0-9a-f]{4}0{4}` : ''
  const form = new RegExp(`^${setName(set)}:${addresses}${MANAGED}${data}$`)
  return (id) => form.test(id)
}

/** Undefined for a key that no serialiser of ours would have written. */
export function parseElementId(id: ElementId): Element | undefined {
  const set = parseSetName(setOf(id))
  const key = keyText(id)
  if (set === undefined || !/^[0-9a-f]+$/.test(key)) return undefined
  const digits = widthOf(set.family) / 4
  const sourceDigits = set.length === 0 ? 0 : digits
  const toDigits = isBehind(set) ? digits : 0
  const managed = parseManagedKey(key.slice(sourceDigits + toDigits) as ManagedKey) // checked by the parser
  const target = parseTarget(set, id)
  if (managed === undefined || target === 'wrong') return undefined
  return {
    set,
    bits: sourceDigits === 0 ? 0n : BigInt(`0x${key.slice(0, sourceDigits)}`),
    ...managed,
    ...(toDigits === 0 ? {} : { to: BigInt(`0x${key.slice(sourceDigits, sourceDigits + toDigits)}`) }),
    ...(target === undefined ? {} : { target }),
  }
}

/** Only `publish` has data, and always. */
function parseTarget(set: PrefixSet, id: ElementId): Target | 'wrong' | undefined {
  const [, data] = id.split('>')
  if (set.kind !== 'publish') return data === undefined ? undefined : 'wrong'
  const digits = widthOf(set.family) / 4
  const match = new RegExp(`^([0-9a-f]{${digits}})([0-9a-f]{4})0{4}$`).exec(data ?? '')
  if (match === null) return 'wrong'
  return { bits: BigInt(`0x${match[1] ?? ''}`), port: Number.parseInt(match[2] ?? '', 16) }
}

/** Every element that lets `source` reach `port`: one per protocol, and per family where the source is `*`. */
export function elementIdsFor(kind: 'grant' | 'keep', source: Source, protocol: Protocol, port: number): ElementId[] {
  return prefixesIn(source).flatMap((prefix) =>
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

/** `*` is both families. */
export function prefixesIn(source: Source): readonly IpPrefix[] {
  return source === '*' ? ANYWHERE : [source]
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

const MANAGED = '(06|11|84)0{6}([0-9a-f]{4})0{4}'
const MANAGED_KEY = new RegExp(`^${MANAGED}$`)

export function parseManagedKey(key: ManagedKey): { protocol: ProtocolNumber; port: number } | undefined {
  const match = MANAGED_KEY.exec(key)
  if (match === null) return undefined
  const protocol = Number.parseInt(match[1] ?? '', 16) as ProtocolNumber // the pattern allows only these three
  return { protocol, port: Number.parseInt(match[2] ?? '', 16) }
}

export function behindKey(address: IpPrefix, managed: ManagedKey): BehindKey {
  return `${addressText(address.family, address.bits)}${managed}` as BehindKey // the one place that makes them
}

export function parseBehindKey(
  key: BehindKey,
): { address: IpPrefix; protocol: ProtocolNumber; port: number } | undefined {
  const match = /^([0-9a-f]{8}|[0-9a-f]{32})([0-9a-f]{16})$/.exec(key)
  const managed = parseManagedKey((match?.[2] ?? '') as ManagedKey) // checked by the parser
  if (match === null || managed === undefined) return undefined
  const family: Family = match[1]?.length === 8 ? 4 : 6
  return { address: { family, bits: BigInt(`0x${match[1] ?? ''}`), length: widthOf(family) }, ...managed }
}
