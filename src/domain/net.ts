/**
 * Addresses, prefixes, ports and protocols. Pure arithmetic on 32- and 128-bit numbers.
 *
 * Parsing is strict where laxness would open more than was meant: no octal or hexadecimal octets, no zone
 * identifiers, no host names. Host bits beyond the prefix length are masked, as Azure network security groups do.
 */
import { briefly, ok, quoted, refusal, refused, withFacts, type Result } from './refusal.ts'

export type Family = 4 | 6

export interface IpPrefix {
  readonly family: Family
  /** The network address as a number; bits beyond `length` are zero. */
  readonly bits: bigint
  /** 0–32 for IPv4, 0–128 for IPv6. */
  readonly length: number
}

/** A source of traffic: one prefix, or anything at all (`*`, both families). */
export type Source = IpPrefix | '*'

export type Protocol = 'TCP' | 'UDP' | '*'

export const widthOf = (family: Family): number => (family === 4 ? 32 : 128)

/** `10.0.0.0/8`, `203.0.113.7`, `2001:db8::/32`. An IPv4-mapped IPv6 address is the IPv4 address it carries. */
export function parseIpPrefix(text: string): Result<IpPrefix> {
  const [address = '', lengthText, ...rest] = text.split('/')
  const parsed = parseAddress(address)
  if (parsed === undefined || rest.length > 0) return notAPrefix(text)
  const width = widthOf(parsed.family)
  if (lengthText !== undefined && !/^(0|[1-9]\d{0,2})$/.test(lengthText)) return notAPrefix(text)
  const length = lengthText === undefined ? width : Number(lengthText)
  if (length > width) return notAPrefix(text)
  return ok(unmapped(prefix(parsed.family, parsed.bits, length)))
}

/** Masks away the bits beyond `length`. */
export function prefix(family: Family, bits: bigint, length: number): IpPrefix {
  const hostBits = BigInt(widthOf(family) - length)
  return { family, bits: (bits >> hostBits) << hostBits, length }
}

/** `*`, or what {@link parseIpPrefix} takes. */
export function parseSource(text: string): Result<Source> {
  return text === '*' ? ok('*') : parseIpPrefix(text)
}

/** The shortest common text: a bare address for a single host, else `address/length`; IPv6 as RFC 5952 writes it. */
export function formatIpPrefix(prefix: IpPrefix): string {
  const address = formatAddress(prefix.family, prefix.bits)
  return prefix.length === widthOf(prefix.family) ? address : `${address}/${prefix.length}`
}

export function formatSource(source: Source): string {
  return source === '*' ? '*' : formatIpPrefix(source)
}

export function formatAddress(family: Family, bits: bigint): string {
  return family === 4 ? formatIpv4(bits) : formatIpv6(bits)
}

/** True if every address of `inner` is also in `outer`. */
export function prefixContains(outer: IpPrefix, inner: IpPrefix): boolean {
  if (outer.family !== inner.family || outer.length > inner.length) return false
  const hostBits = BigInt(widthOf(outer.family) - outer.length)
  return inner.bits >> hostBits === outer.bits >> hostBits
}

/** True if everything that `inner` lets in, `outer` lets in too. `*` is both families, so it lies only inside `*`. */
export function sourceContains(outer: Source, inner: Source): boolean {
  if (outer === '*') return true
  return inner !== '*' && prefixContains(outer, inner)
}

/** True if none of its addresses is kept for private networks, for links or for the host itself. */
export function isPublic(candidate: IpPrefix): boolean {
  return !NOT_PUBLIC.some((kept) => prefixContains(kept, candidate) || prefixContains(candidate, kept))
}

/** RFC 1918, 6598, 3927, 1122, 4193, 4291. */
const NOT_PUBLIC: readonly IpPrefix[] = [
  prefix(4, 0x0a00_0000n, 8),
  prefix(4, 0xac10_0000n, 12),
  prefix(4, 0xc0a8_0000n, 16),
  prefix(4, 0x6440_0000n, 10),
  prefix(4, 0xa9fe_0000n, 16),
  prefix(4, 0x7f00_0000n, 8),
  prefix(6, 0xfcn << 120n, 7),
  prefix(6, 0xfe80n << 112n, 10),
  prefix(6, 1n, 128),
]

/** True if some address is in both. */
export function sourcesOverlap(a: Source, b: Source): boolean {
  return sourceContains(a, b) || sourceContains(b, a)
}

/** True if `outer` lets in at least the protocols that `inner` does. */
export function protocolContains(outer: Protocol, inner: Protocol): boolean {
  return outer === '*' || outer === inner
}

export function isPortNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 65_535
}

function notAPrefix(text: string): Result<never> {
  const message = `${quoted(text)} is not an IP address or CIDR prefix; write one like 203.0.113.7, 10.0.0.0/8 or 2001:db8::/32`
  return refused(withFacts(refusal('InvalidAddressPrefix', message), { got: briefly(text) }))
}

/** RFC 4291 §2.5.5.2: a dual-stack socket reports an IPv4 peer as ::ffff:a.b.c.d. */
function unmapped(candidate: IpPrefix): IpPrefix {
  if (candidate.family === 4 || candidate.length < 96 || candidate.bits >> 32n !== 0xffffn) return candidate
  return { family: 4, bits: candidate.bits & 0xffff_ffffn, length: candidate.length - 96 }
}

function parseAddress(text: string): { family: Family; bits: bigint } | undefined {
  const family: Family = text.includes(':') ? 6 : 4
  const bits = family === 4 ? parseIpv4(text) : parseIpv6(text)
  return bits === undefined ? undefined : { family, bits }
}

function parseIpv4(text: string): bigint | undefined {
  const octets = text.split('.')
  if (octets.length !== 4 || !octets.every((octet) => /^(0|[1-9]\d{0,2})$/.test(octet) && Number(octet) <= 255))
    return undefined
  return BigInt(octets.reduce((bits, octet) => bits * 256 + Number(octet), 0))
}

function parseIpv6(text: string): bigint | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const head = parseGroups(halves[0] ?? '', halves.length === 1)
  const tail = halves.length === 2 ? parseGroups(halves[1] ?? '', true) : []
  if (head === undefined || tail === undefined) return undefined
  const missing = 8 - head.length - tail.length
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined
  return [...head, ...Array<number>(missing).fill(0), ...tail].reduce(
    (bits, group) => (bits << 16n) | BigInt(group),
    0n,
  )
}

/** The 16-bit groups between colons; only the last may be a dotted IPv4 address (RFC 4291 §2.2.3). */
function parseGroups(text: string, mayEndInIpv4: boolean): number[] | undefined {
  if (text === '') return []
  const parts = text.split(':')
  const groups: number[] = []
  for (const [index, part] of parts.entries()) {
    if (part.includes('.')) {
      const v4 = mayEndInIpv4 && index === parts.length - 1 ? parseIpv4(part) : undefined
      if (v4 === undefined) return undefined
      groups.push(Number(v4 >> 16n), Number(v4 & 0xffffn))
    } else {
      if (!/^[0-9a-fA-F]{1,4}$/.test(part)) return undefined
      groups.push(Number.parseInt(part, 16))
    }
  }
  return groups
}

function formatIpv4(bits: bigint): string {
  const number = Number(bits) // 32 bits are exact in one, and big numbers are slow
  return `${number >>> 24}.${(number >>> 16) & 0xff}.${(number >>> 8) & 0xff}.${number & 0xff}`
}

/** RFC 5952: lower case, no leading zeros, the first longest run of two or more zero groups as `::`. */
function formatIpv6(bits: bigint): string {
  const groups = Array.from({ length: 8 }, (_, index) => Number((bits >> BigInt(112 - 16 * index)) & 0xffffn))
  const run = longestZeroRun(groups)
  const text = (part: number[]): string => part.map((group) => group.toString(16)).join(':')
  if (run.length < 2) return text(groups)
  return `${text(groups.slice(0, run.start))}::${text(groups.slice(run.start + run.length))}`
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 }
  let start = 0
  for (const [index, group] of groups.entries()) {
    if (group !== 0) start = index + 1
    else if (index + 1 - start > best.length) best = { start, length: index + 1 - start }
  }
  return best
}
