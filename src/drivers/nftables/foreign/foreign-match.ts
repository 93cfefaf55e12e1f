/**
 * Reduces the conditions of somebody else's rule to (source, protocol, port), the terms in which we can keep an allow.
 * Pure. What cannot be reduced makes the match `unknown`: it is reported, never guessed.
 */
import { parseIpPrefix, prefix, widthOf, type Family, type IpPrefix } from '../../../domain/net.ts'
import { PROTOCOL_NUMBERS } from '../element.ts'
import { isObject, listAt, objectAt, onlyEntry, textAt, type JsonObject } from '../kernel/json.ts'
import { GRANTED_MARK } from '../nft-text.ts'

export interface PortRange {
  readonly from: number
  readonly to: number
}

/** Undefined means: not limited in this respect. */
export interface Match {
  readonly family: Family | undefined
  readonly sources: readonly IpPrefix[] | undefined
  readonly protocols: readonly number[] | undefined
  readonly ports: readonly PortRange[] | undefined
  /** Never true for the first packet of a connection from outside: only established ones, or loopback. */
  readonly isIrrelevant: boolean
  /** True for our granted packets only. */
  readonly wantsMark: boolean
  /** Conditions that could not be reduced. */
  readonly isUnknown: boolean
}

export const EVERYTHING: Match = {
  family: undefined,
  sources: undefined,
  protocols: undefined,
  ports: undefined,
  isIrrelevant: false,
  wantsMark: false,
  isUnknown: false,
}

/** The elements of a named set, `table family name` given; undefined when they are not known. */
export type SetLookup = (name: string) => readonly unknown[] | undefined

const PROTOCOLS_BY_NAME = new Map<string, number>([
  ...Object.entries(PROTOCOL_NUMBERS),
  ['udplite', 136],
  ['icmp', 1],
  ['ipv6-icmp', 58],
  ['icmpv6', 58],
])

/** Narrows `match` by one `{"match": {op, left, right}}`. */
export function narrowed(match: Match, condition: unknown, lookup: SetLookup): Match {
  const { op, left, right } = isObject(condition) ? condition : {}
  const values = valuesOf(right, lookup)
  if (isGrantedMark(op, left, right)) return { ...match, wantsMark: true }
  if ((op !== '==' && op !== 'in') || values === undefined) return { ...match, isUnknown: true }
  const payload = objectAt(left, 'payload')
  if (payload !== undefined) return byPayload(match, payload, values)
  const meta = textAt(objectAt(left, 'meta'), 'key')
  if (meta !== undefined) return byMeta(match, meta, values)
  if (textAt(objectAt(left, 'ct'), 'key') === 'state') return byState(match, values)
  if (isTypeOfDestination(objectAt(left, 'fib'))) return byDestination(match, values)
  return { ...match, isUnknown: true }
}

function byPayload(match: Match, payload: unknown, values: readonly unknown[]): Match {
  const protocol = textAt(payload, 'protocol') ?? ''
  const field = textAt(payload, 'field')
  if (field === 'saddr' && (protocol === 'ip' || protocol === 'ip6'))
    return bySource(match, protocol === 'ip' ? 4 : 6, values)
  if ((protocol === 'ip' && field === 'protocol') || (protocol === 'ip6' && field === 'nexthdr')) {
    return byProtocol({ ...match, family: protocol === 'ip' ? 4 : 6 }, values)
  }
  // Whatever else it looks at, it is for that protocol alone.
  const only = PROTOCOLS_BY_NAME.has(protocol) ? byProtocol(match, [protocol]) : match
  if (field !== 'dport') return { ...only, isUnknown: true }
  const ports = allOrNone(values.map(portRange))
  if (ports === undefined) return { ...match, isUnknown: true }
  const withPorts = { ...match, ports: match.ports === undefined ? ports : intersectPorts(match.ports, ports) }
  return protocol === 'th' ? withPorts : byProtocol(withPorts, [protocol])
}

function bySource(match: Match, family: Family, values: readonly unknown[]): Match {
  const sources = allOrNone(values.map((value) => prefixesOf(value, family)))?.flat()
  if (sources === undefined || match.sources !== undefined) return { ...match, isUnknown: true }
  return { ...match, family, sources, isIrrelevant: match.isIrrelevant || sources.every(isLoopbackPrefix) }
}

function byProtocol(match: Match, values: readonly unknown[]): Match {
  const numbers = allOrNone(
    values.map((value) => (typeof value === 'number' ? value : PROTOCOLS_BY_NAME.get(String(value)))),
  )
  if (numbers === undefined) return { ...match, isUnknown: true }
  const protocols = match.protocols?.filter((number) => numbers.includes(number)) ?? numbers
  return { ...match, protocols }
}

function byMeta(match: Match, key: string, values: readonly unknown[]): Match {
  if (key === 'l4proto') return byProtocol(match, values)
  if (key === 'nfproto' && values.length === 1 && (values[0] === 'ipv4' || values[0] === 'ipv6')) {
    return { ...match, family: values[0] === 'ipv4' ? 4 : 6 }
  }
  if ((key === 'iif' || key === 'iifname') && values.every((value) => value === 'lo'))
    return { ...match, isIrrelevant: true }
  return { ...match, isUnknown: true }
}

/** The first packet of a connection is `new`, or `untracked`; every other state is none of our concern. */
function byState(match: Match, values: readonly unknown[]): Match {
  return values.includes('new') ? match : { ...match, isIrrelevant: true }
}

/** `fib daddr type`. */
function isTypeOfDestination(fib: JsonObject | undefined): boolean {
  const flags = fib?.['flags']
  return fib?.['result'] === 'type' && (flags === 'daddr' || (Array.isArray(flags) && flags.join() === 'daddr'))
}

/** What comes to one of the host's own addresses is `local`, whatever the address. */
function byDestination(match: Match, values: readonly unknown[]): Match {
  return values.includes('local') ? match : { ...match, isIrrelevant: true }
}

function isGrantedMark(op: unknown, left: unknown, right: unknown): boolean {
  const masked = listAt(left, '&')
  const isOurs =
    masked !== undefined && textAt(objectAt(masked[0], 'meta'), 'key') === 'mark' && masked[1] === GRANTED_MARK
  return isOurs && ((op === '!=' && right === 0) || (op === '==' && right === GRANTED_MARK))
}

/** The values that a right-hand side stands for: itself, the members of an anonymous set, or those of a named one. */
function valuesOf(right: unknown, lookup: SetLookup): readonly unknown[] | undefined {
  if (typeof right === 'string' && right.startsWith('@')) return lookup(right.slice(1))?.map(withoutWrapper)
  if (Array.isArray(right)) return right
  return (listAt(right, 'set') ?? [right]).map(withoutWrapper)
}

/** `{"elem": {"val": …, "counter": …}}` is its value; one that ends by itself is nothing to rely on. */
function withoutWrapper(value: unknown): unknown {
  const wrapped = objectAt(value, 'elem')
  return wrapped === undefined || 'timeout' in wrapped ? value : wrapped['val']
}

function portRange(value: unknown): PortRange | undefined {
  const range = listAt(value, 'range')
  const [from, to] = range === undefined ? [value, value] : range
  const known = typeof from === 'number' && typeof to === 'number' && from <= to
  return known ? { from, to } : undefined
}

function intersectPorts(left: readonly PortRange[], right: readonly PortRange[]): PortRange[] {
  return left.flatMap((a) =>
    right
      .map((b) => ({ from: Math.max(a.from, b.from), to: Math.min(a.to, b.to) }))
      .filter(({ from, to }) => from <= to),
  )
}

/** More prefixes than this for one range would be a list that nobody can check. */
const MAX_PREFIXES = 64

function prefixesOf(value: unknown, family: Family): IpPrefix[] | undefined {
  if (typeof value === 'string') return single(value, family)
  const network = objectAt(value, 'prefix')
  if (network !== undefined) return single(`${String(network['addr'])}/${String(network['len'])}`, family)
  const [first, last] = (listAt(value, 'range') ?? []).map((end) =>
    typeof end === 'string' ? parseIpPrefix(end) : undefined,
  )
  if (first?.ok !== true || last?.ok !== true || first.value.family !== family) return undefined
  return prefixesOfRange(family, first.value.bits, last.value.bits)
}

function single(text: string, family: Family): IpPrefix[] | undefined {
  const parsed = parseIpPrefix(text)
  return parsed.ok && parsed.value.family === family ? [parsed.value] : undefined
}

/** The fewest prefixes that are exactly the addresses from `first` to `last`. */
export function prefixesOfRange(family: Family, first: bigint, last: bigint): IpPrefix[] | undefined {
  const prefixes: IpPrefix[] = []
  for (let start = first; start <= last;) {
    let size = 0
    while (
      size < widthOf(family) &&
      start % (1n << BigInt(size + 1)) === 0n &&
      start + (1n << BigInt(size + 1)) - 1n <= last
    )
      size += 1
    prefixes.push(prefix(family, start, widthOf(family) - size))
    if (prefixes.length > MAX_PREFIXES) return undefined
    start += 1n << BigInt(size)
  }
  return prefixes
}

function isLoopbackPrefix({ family, bits, length }: IpPrefix): boolean {
  return family === 4 ? length >= 8 && bits >> 24n === 127n : length === 128 && bits === 1n
}

function allOrNone<T>(values: readonly (T | undefined)[]): T[] | undefined {
  const known = values.filter((value) => value !== undefined)
  return known.length === values.length ? known : undefined
}

/** What a statement does to a packet that reached it. */
export type Effect =
  | { readonly kind: 'match'; readonly condition: unknown }
  | { readonly kind: 'accept' | 'drop' | 'return' | 'nothing' | 'unknown' }
  | { readonly kind: 'jump'; readonly target: string; readonly isGoto: boolean }

const HARMLESS = new Set(['counter', 'log', 'comment', 'mangle', 'notrack', 'ct timeout', 'meter', 'continue'])

export function effectOf(statement: unknown): Effect {
  const [kind, value] = onlyEntry(statement) ?? ['', undefined]
  switch (kind) {
    case 'match':
      return { kind: 'match', condition: value }
    case 'accept':
    case 'return':
      return { kind }
    case 'drop':
    case 'reject':
      return { kind: 'drop' }
    case 'jump':
    case 'goto':
      return { kind: 'jump', target: textAt(value, 'target') ?? '', isGoto: kind === 'goto' }
    default:
      return { kind: HARMLESS.has(kind) ? 'nothing' : 'unknown' }
  }
}
