/**
 * What other tables let through to machines behind this host: as on the host itself, a narrower allow goes on working as a
 * `keep`, and what cannot be read is reported. Pure. That table still judges every packet: nothing is opened by it.
 */
import { prefixContains, type IpPrefix } from '../../../domain/net.ts'
import { elementId, parseBehindKey, type BehindKey, type ElementId } from '../element.ts'
import type { Chain } from './foreign.ts'
import { effectOf, EVERYTHING, narrowed, type Match, type SetLookup } from './foreign-match.ts'
import { isObject, objectAt, textAt, type JsonObject } from '../kernel/json.ts'

export interface ForwardRule {
  /** `table inet filter, chain forward, handle 12`. */
  readonly place: string
  readonly match: Match
  /** Undefined means: not limited in this respect. */
  readonly destinations: readonly IpPrefix[] | undefined
}

export interface ForwardScan {
  readonly accepts: readonly ForwardRule[]
  /** Rules that may let something through, and that cannot be reduced to addresses, protocol and port. */
  readonly unknown: readonly ForwardRule[]
}

export const NOTHING_FORWARDED: ForwardScan = { accepts: [], unknown: [] }

export interface ForwardInput {
  readonly chains: readonly Chain[]
  readonly lookupIn: (chain: Chain) => SetLookup
  readonly matchOf: (family: string) => Match
}

/** Jumps deeper than the kernel allows (NFT_JUMP_STACK_SIZE) cannot be. */
const MAX_DEPTH = 16

export function scanForward({ chains, lookupIn, matchOf }: ForwardInput): ForwardScan {
  const accepts: ForwardRule[] = []
  const unknown: ForwardRule[] = []
  const visit = (chain: Chain, incoming: Omit<ForwardRule, 'place'>, depth: number): void => {
    for (const { handle, statements } of chain.rules) {
      const place = `table ${chain.family} ${chain.table}, chain ${chain.name}, handle ${handle}`
      let now = incoming
      for (const statement of statements) {
        const effect = effectOf(statement)
        if (effect.kind === 'match') now = narrowedBoth(now, effect.condition, lookupIn(chain))
        else if (effect.kind === 'unknown') now = { ...now, match: { ...now.match, isUnknown: true } }
        if (now.match.isIrrelevant || now.match.wantsMark || effect.kind === 'drop' || effect.kind === 'return') break
        if (effect.kind === 'jump' && depth < MAX_DEPTH) {
          const target = chains.find((other) => other.name === effect.target && isSameTable(other, chain))
          if (target !== undefined) visit(target, now, depth + 1)
        }
        if (effect.kind === 'accept') (now.match.isUnknown ? unknown : accepts).push({ place, ...now })
      }
    }
  }
  const start = (family: string): Omit<ForwardRule, 'place'> => ({ match: matchOf(family), destinations: undefined })
  for (const chain of chains) if (chain.hook === 'forward') visit(chain, start(chain.family), 0)
  return { accepts, unknown }
}

function isSameTable(a: Chain, b: Chain): boolean {
  return a.family === b.family && a.table === b.table
}

type Both = Omit<ForwardRule, 'place'>

/** A condition on the destination, read as one on a source would be; undefined for one on something else. */
export function destinationIn(
  condition: unknown,
  lookup: SetLookup,
): Pick<Match, 'sources' | 'family' | 'isUnknown'> | undefined {
  const asSource = withSourceForDestination(condition)
  return asSource === undefined ? undefined : narrowed(EVERYTHING, asSource, lookup)
}

function narrowedBoth({ match, destinations }: Both, condition: unknown, lookup: SetLookup): Both {
  const destination = destinationIn(condition, lookup)
  if (destination === undefined) return { match: narrowed(match, condition, lookup), destinations }
  const { sources, family, isUnknown } = destination
  if (sources === undefined || isUnknown || destinations !== undefined)
    return { match: { ...match, isUnknown: true }, destinations }
  return { match: { ...match, family: family ?? match.family }, destinations: sources }
}

function withSourceForDestination(condition: unknown): JsonObject | undefined {
  const payload = objectAt(objectAt(condition, 'left'), 'payload')
  if (!isObject(condition) || textAt(payload, 'field') !== 'daddr') return undefined
  return { ...condition, left: { payload: { ...payload, field: 'saddr' } } }
}

/** The elements that keep what narrower foreign accepts let through to protected ports behind. */
export function keepsBehind(
  { accepts }: ForwardScan,
  behind: Iterable<BehindKey>,
): { readonly id: ElementId; readonly place: string }[] {
  const keeps = new Map<ElementId, { readonly id: ElementId; readonly place: string }>()
  for (const key of behind) {
    for (const { place, ...rule } of accepts.filter((one) => leadsTo(one, key))) {
      for (const id of idsOf(rule, key)) if (!keeps.has(id)) keeps.set(id, { id, place })
    }
  }
  return [...keeps.values()]
}

function idsOf({ match }: Both, key: BehindKey): ElementId[] {
  const parsed = parseBehindKey(key)
  if (parsed === undefined) return []
  const { address, protocol, port } = parsed
  return (match.sources ?? [])
    .filter(({ family, length }) => family === address.family && length > 0)
    .map(({ family, length, bits }) =>
      elementId({ set: { kind: 'keepThrough', family, length }, bits, protocol, port, to: address.bits }),
    )
}

/** The places whose rules may let something through to a protected port behind, and that a person has to read. */
export function unreadPlaces({ unknown }: ForwardScan, keys: readonly BehindKey[]): string[] {
  const found = unknown.filter((rule) => keys.some((key) => leadsTo(rule, key)))
  return [...new Set(found.map(({ place }) => place))]
}

/** The places whose rules let anybody through to it: protection replaces them. */
export function anywherePlaces({ accepts }: ForwardScan, key: BehindKey): string[] {
  const isFromAnywhere = ({ match: { sources } }: ForwardRule): boolean =>
    sources?.some(({ length }) => length === 0) ?? true
  return accepts.filter((rule) => leadsTo(rule, key) && isFromAnywhere(rule)).map(({ place }) => place)
}

function leadsTo({ match, destinations }: ForwardRule, key: BehindKey): boolean {
  const parsed = parseBehindKey(key)
  if (parsed === undefined) return false
  const { address, protocol, port } = parsed
  if (match.family !== undefined && match.family !== address.family) return false
  if (destinations?.some((destination) => prefixContains(destination, address)) === false) return false
  return matchesPort(match, { protocol, port })
}

function matchesPort(
  { protocols, ports }: Match,
  { protocol, port }: { readonly protocol: number; readonly port: number },
): boolean {
  if (protocols?.includes(protocol) === false) return false
  return ports?.some(({ from, to }) => from <= port && port <= to) ?? true
}
