/**
 * What other tables already let in on the ports that we protect: the narrower allows go on working as `keep` elements,
 * an allow from anywhere is what protection replaces, and what cannot be read is reported. Pure over `nft -j list ruleset`.
 *
 * Keeping an allow can never open more than its own table does: that table still judges every packet.
 */
import { formatIpPrefix, type IpPrefix } from '../../../domain/net.ts'
import { elementId, parseManagedKey, type ElementId, type ManagedKey } from '../element.ts'
import type { Beside } from './beside.ts'
import { effectOf, EVERYTHING, narrowed, type Match, type SetLookup } from './foreign-match.ts'
import { NOTHING_FORWARDED, scanForward, type ForwardScan } from './foreign-forward.ts'
import { listAt, objectAt, textAt, type JsonObject } from '../kernel/json.ts'
import { BASE_TABLE, TABLE } from '../nft-text.ts'
import { publishedElsewhere, type PublishedElsewhere } from './published-elsewhere.ts'

/** A rule of somebody else, in an input chain or one that it jumps to. */
export interface ForeignRule {
  /** `table inet filter, chain input, handle 12`. */
  readonly place: string
  readonly match: Match
}

export interface ForeignScan {
  readonly accepts: readonly ForeignRule[]
  /** Rules that may let something in, and that cannot be reduced to source, protocol and port. */
  readonly unknown: readonly ForeignRule[]
  /** Ports that others send on to somebody behind this host. */
  readonly published: readonly PublishedElsewhere[]
  /** What they let through to machines behind. */
  readonly forward: ForwardScan
  /** What else decides here, where that was looked at. */
  readonly beside?: Beside
}

export const NOTHING_FOREIGN: ForeignScan = { accepts: [], unknown: [], published: [], forward: NOTHING_FORWARDED }

export interface Chain {
  readonly family: string
  readonly table: string
  readonly name: string
  readonly hook: string | undefined
  readonly policy: string | undefined
  readonly rules: readonly { readonly handle: string; readonly statements: readonly unknown[] }[]
}

/** Every chain of the tables that are not ours and that see IP packets. */
export function chainsIn(listing: unknown): Chain[] {
  const items = listAt(listing, 'nftables') ?? []
  const rules = objectsIn(items, 'rule')
  return objectsIn(items, 'chain')
    .filter((chain) => ['ip', 'ip6', 'inet'].includes(textAt(chain, 'family') ?? '') && !isOurs(chain))
    .map((chain) => ({
      family: textAt(chain, 'family') ?? '',
      table: textAt(chain, 'table') ?? '',
      name: textAt(chain, 'name') ?? '',
      hook: textAt(chain, 'type') === 'filter' ? textAt(chain, 'hook') : undefined,
      policy: textAt(chain, 'policy'),
      rules: rules
        .filter(
          (rule) => sameAt(rule, chain, 'family') && sameAt(rule, chain, 'table') && rule['chain'] === chain['name'],
        )
        .map((rule) => ({ handle: String(rule['handle']), statements: listAt(rule, 'expr') ?? [] })),
    }))
}

function objectsIn(items: readonly unknown[], key: string): JsonObject[] {
  return items.map((item) => objectAt(item, key)).filter((found) => found !== undefined)
}

function isOurs(chain: unknown): boolean {
  return textAt(chain, 'family') === 'inet' && [TABLE, BASE_TABLE].some((name) => name === textAt(chain, 'table'))
}

function sameAt(a: unknown, b: unknown, key: string): boolean {
  return textAt(a, key) === textAt(b, key)
}

/** The elements of the named sets in a listing. Of a set without elements in the listing nothing is known. */
export function setLookup(listing: unknown, family: string, table: string): SetLookup {
  const sets = objectsIn(listAt(listing, 'nftables') ?? [], 'set')
  const ours = sets.filter((set) => textAt(set, 'family') === family && textAt(set, 'table') === table)
  return (name) =>
    listAt(
      ours.find((set) => textAt(set, 'name') === name),
      'elem',
    )
}

export function familyMatch(family: string): Match {
  return family === 'ip' ? { ...EVERYTHING, family: 4 } : family === 'ip6' ? { ...EVERYTHING, family: 6 } : EVERYTHING
}

/** Jumps deeper than the kernel allows (NFT_JUMP_STACK_SIZE) cannot be. */
const MAX_DEPTH = 16

export function scanForeign(listing: unknown): ForeignScan {
  const chains = chainsIn(listing)
  const accepts: ForeignRule[] = []
  const unknown: ForeignRule[] = []
  const visit = (chain: Chain, incoming: Match, depth: number): void => {
    const lookup = setLookup(listing, chain.family, chain.table)
    for (const rule of chain.rules) {
      const place = `table ${chain.family} ${chain.table}, chain ${chain.name}, handle ${rule.handle}`
      let match = incoming
      for (const statement of rule.statements) {
        const effect = effectOf(statement)
        if (effect.kind === 'match') match = narrowed(match, effect.condition, lookup)
        else if (effect.kind === 'unknown') match = { ...match, isUnknown: true }
        if (isHopeless(match) || effect.kind === 'drop' || effect.kind === 'return') break
        if (effect.kind === 'jump') {
          const target = chains.find((other) => other.name === effect.target && sameTable(other, chain))
          if (target !== undefined && depth < MAX_DEPTH) visit(target, match, depth + 1)
        }
        if (effect.kind === 'accept') (match.isUnknown ? unknown : accepts).push({ place, match })
      }
      if (match.isUnknown && hidesVerdict(rule.statements)) unknown.push({ place, match })
    }
  }
  for (const chain of chains) if (chain.hook === 'input') visit(chain, familyMatch(chain.family), 0)
  const lookupIn = (chain: Chain): SetLookup => setLookup(listing, chain.family, chain.table)
  return {
    accepts,
    unknown,
    published: publishedElsewhere(chains, lookupIn),
    forward: scanForward({ chains, lookupIn, matchOf: familyMatch }),
  }
}

/** No packet of a new connection from outside gets past these conditions. Marked packets are our own grants. */
function isHopeless(match: Match): boolean {
  return match.isIrrelevant || match.wantsMark
}

function sameTable(a: Chain, b: Chain): boolean {
  return a.family === b.family && a.table === b.table
}

/** A verdict inside something that we do not read: a verdict map, or an iptables extension. */
function hidesVerdict(statements: readonly unknown[]): boolean {
  return statements.some(
    (statement) => objectAt(statement, 'vmap') !== undefined || textAt(objectAt(statement, 'xt'), 'type') === 'target',
  )
}

export interface KeptAllow {
  readonly id: ElementId
  readonly place: string
}

/** The elements that keep what narrower foreign accepts let in on the managed ports. */
export function keepsFor(scan: ForeignScan, managed: Iterable<ManagedKey>): KeptAllow[] {
  const keeps = new Map<ElementId, KeptAllow>()
  for (const key of managed) {
    for (const { match, place } of scan.accepts) {
      if (!matchesPort(match, key)) continue
      for (const source of narrowSources(match)) {
        const id = keepId(key, source)
        if (id !== undefined && !keeps.has(id)) keeps.set(id, { id, place })
      }
    }
  }
  return [...keeps.values()]
}

/** The rules that let anybody reach a managed port: protection replaces them. */
export function anywhereFor(scan: ForeignScan, key: ManagedKey): ForeignRule[] {
  return scan.accepts.filter(({ match }) => matchesPort(match, key) && isFromAnywhere(match))
}

/** The rules that may let something in on a managed port, and that a person has to read. */
export function unknownFor(scan: ForeignScan, key: ManagedKey): ForeignRule[] {
  return scan.unknown.filter(({ match }) => matchesPort(match, key))
}

export function matchesPort({ protocols, ports }: Match, key: ManagedKey): boolean {
  const parsed = parseManagedKey(key)
  if (parsed === undefined || protocols?.includes(parsed.protocol) === false) return false
  return ports?.some(({ from, to }) => from <= parsed.port && parsed.port <= to) ?? true
}

function isFromAnywhere({ sources }: Match): boolean {
  return sources?.some((source) => source.length === 0) ?? true
}

function narrowSources({ sources }: Match): readonly IpPrefix[] {
  return (sources ?? []).filter((source) => source.length > 0)
}

function keepId(key: ManagedKey, source: IpPrefix): ElementId | undefined {
  const parsed = parseManagedKey(key)
  if (parsed === undefined) return undefined
  return elementId({
    set: { kind: 'keep', family: source.family, length: source.length },
    bits: source.bits,
    ...parsed,
  })
}

export function describeSource({ sources, family }: Match): string {
  return sources === undefined
    ? family === undefined
      ? 'anywhere'
      : `any IPv${family} address`
    : sources.map(formatIpPrefix).join(', ')
}
