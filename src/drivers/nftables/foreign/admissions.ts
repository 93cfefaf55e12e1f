/**
 * Whom the rules of others let in at one port of this host, or through it to one of a machine behind: every chain of that
 * hook in turn, each rule in its order. Pure. What cannot be understood counts as letting in; that it keeps out is never
 * assumed.
 */
import { formatIpPrefix, prefixContains, type Family, type IpPrefix } from '../../../domain/net.ts'
import type { ManagedKey } from '../element.ts'
import { chainsIn, familyMatch, matchesPort, setLookup, type Chain } from './foreign.ts'
import { destinationIn } from './foreign-forward.ts'
import { effectOf, narrowed, type Match, type SetLookup } from './foreign-match.ts'
import { isObject, listAt, objectAt, textAt } from '../kernel/json.ts'
import { TABLE } from '../nft-text.ts'
import { isTranslation } from './published-elsewhere.ts'

export interface Admission {
  readonly source: IpPrefix
  /** `maybe`: a rule on the way cannot be reduced to source, protocol and port. */
  readonly letIn: 'yes' | 'maybe'
  /** From the first chain to the last. */
  readonly through: readonly Passage[]
  /** Of those, the first that cannot be read. */
  readonly unread?: Passage
}

export interface Passage {
  /** `handle 12`, `policy accept`. */
  readonly rule: string
  /** `table inet filter, chain input`. */
  readonly of: string
}

/** At this host, of one family; empty when nobody gets in. */
export function admissions(listing: unknown, key: ManagedKey, family: Family): Admission[] {
  return admitted(listing, { key, family, hook: 'input' })
}

/** Through this host to an address behind it. */
export function admissionsBehind(listing: unknown, key: ManagedKey, destination: IpPrefix): Admission[] {
  return admitted(listing, { key, family: destination.family, hook: 'forward', destination })
}

type Door = Pick<Walk, 'key' | 'family' | 'destination'> & { readonly hook: 'input' | 'forward' }

function admitted(listing: unknown, { hook, ...door }: Door): Admission[] {
  const chains = chainsIn(listing)
  const base = chains.filter((chain) => chain.hook === hook && isOfFamily(chain, door.family))
  const translates = translatesIn(listing)
  if (base.length === 0) return [{ source: anywhere(door.family), letIn: 'yes', through: [noChain(hook)] }]
  return base
    .map((chain) => widest(walkBase({ chain, chains, listing, translates, ...door })))
    .reduce((all, next) => widest(all.flatMap((a) => next.flatMap((b) => both(a, b)))))
}

function noChain(hook: string): Passage {
  return { rule: 'default accept', of: `the kernel, which has no ${hook} filter` }
}

function anywhere(family: Family): IpPrefix {
  return { family, bits: 0n, length: 0 }
}

function isOfFamily({ family }: Chain, wanted: Family): boolean {
  return family === 'inet' || family === (wanted === 4 ? 'ip' : 'ip6')
}

/** Whoever two chains let in, one after the other. */
function both(a: Admission, b: Admission): Admission[] {
  const source = prefixContains(a.source, b.source)
    ? b.source
    : prefixContains(b.source, a.source)
      ? a.source
      : undefined
  if (source === undefined) return []
  const letIn = a.letIn === 'yes' && b.letIn === 'yes' ? 'yes' : 'maybe'
  // A chain that lets everybody pass by its policy explains nothing that another rule does not explain better.
  const told = [...a.through, ...b.through]
  const rules = told.filter(({ rule }) => rule !== POLICY)
  const unread = a.unread ?? b.unread
  return [{ source, letIn, through: rules.length === 0 ? told : rules, ...(unread !== undefined && { unread }) }]
}

/** Without those that another one includes and is as sure of. */
function widest(all: readonly Admission[]): Admission[] {
  return all.filter(
    (one, index) =>
      !all.some(
        (other, place) =>
          place !== index &&
          prefixContains(other.source, one.source) &&
          (other.letIn === 'yes' || one.letIn === 'maybe') &&
          (place < index || formatIpPrefix(other.source) !== formatIpPrefix(one.source) || other.letIn !== one.letIn),
      ),
  )
}

const POLICY = 'policy accept'

interface Walk {
  readonly chain: Chain
  readonly chains: readonly Chain[]
  readonly listing: unknown
  readonly key: ManagedKey
  readonly family: Family
  /** Of a machine behind. */
  readonly destination?: IpPrefix
  /** Whether some rule of others sends packets on: only then any may have been. */
  readonly translates: boolean
}

/** What a chain does with whoever its caller sends there: some are let in on the way, and then it ends, or goes on. */
interface Fate {
  readonly verdict: 'accept' | 'drop' | 'return' | 'goes on'
  readonly admitted: readonly Admission[]
}

function walkBase(walk: Walk): Admission[] {
  const { verdict, admitted } = walkChain(walk, everybody(walk), 0)
  const isOpen = verdict !== 'drop' && verdict !== 'accept' && walk.chain.policy !== 'drop'
  return isOpen
    ? [
        ...admitted,
        { source: anywhere(walk.family), letIn: 'yes', through: [{ rule: POLICY, of: placeOf(walk.chain) }] },
      ]
    : [...admitted]
}

function everybody({ chain }: Walk): Match {
  return familyMatch(chain.family)
}

function placeOf({ family, table, name }: Chain): string {
  return `table ${family} ${table}, chain ${name}`
}

/** Jumps deeper than the kernel allows (NFT_JUMP_STACK_SIZE) cannot be. */
const MAX_DEPTH = 16

function walkChain(walk: Walk, incoming: Match, depth: number): Fate {
  const admitted: Admission[] = []
  for (const rule of walk.chain.rules) {
    const fate = walkRule(walk, rule, { incoming, depth })
    admitted.push(...fate.admitted)
    if (fate.verdict !== 'goes on') return { verdict: fate.verdict, admitted }
  }
  return { verdict: 'goes on', admitted }
}

const ON: Fate = { verdict: 'goes on', admitted: [] }

function walkRule(
  walk: Walk,
  { handle, statements }: Chain['rules'][number],
  { incoming, depth }: { readonly incoming: Match; readonly depth: number },
): Fate {
  const lookup = setLookup(walk.listing, walk.chain.family, walk.chain.table)
  const passage = { rule: `handle ${handle}`, of: placeOf(walk.chain) }
  let match = incoming
  for (const statement of statements) {
    const effect = effectOf(statement)
    if (effect.kind === 'match' && !walk.translates && isOfTranslated(effect.condition)) return ON
    const way = effect.kind === 'match' ? leads(walk, effect.condition, lookup) : undefined
    if (way === 'elsewhere') return ON
    if (effect.kind === 'match' && way === undefined) match = narrowed(match, effect.condition, lookup)
    if ((effect.kind === 'unknown' && !isReject(statement)) || mayDecide(statement))
      match = { ...match, isUnknown: true }
    if (match.isIrrelevant || match.wantsMark || !matchesPort(match, walk.key) || isOtherFamily(match, walk)) return ON
    if (mayDecide(statement)) return { verdict: 'goes on', admitted: admittedBy(match, walk, passage) }
    const ground = { match, incoming, walk }
    if (effect.kind === 'accept')
      return decided(ground, { verdict: 'accept', admitted: admittedBy(match, walk, passage) })
    if (effect.kind === 'drop' || isReject(statement)) return decided(ground, { verdict: 'drop', admitted: [] })
    if (effect.kind === 'return') return decided(ground, { verdict: 'return', admitted: [] })
    if (effect.kind === 'jump') return jump(ground, effect, depth)
  }
  return ON
}

/** What a condition on the destination says of the one in question; undefined for any other condition, and one not understood. */
function leads({ destination }: Walk, condition: unknown, lookup: SetLookup): 'here' | 'elsewhere' | undefined {
  const named = destination === undefined ? undefined : destinationIn(condition, lookup)
  if (destination === undefined || named?.sources === undefined || named.isUnknown) return undefined
  return named.sources.some((one) => prefixContains(one, destination)) ? 'here' : 'elsewhere'
}

/** `ct status dnat`: packets that were sent on to this port from another one. */
function isOfTranslated(condition: unknown): boolean {
  const [left, right] = isObject(condition) ? [condition['left'], condition['right']] : []
  return textAt(objectAt(left, 'ct'), 'key') === 'status' && right === 'dnat'
}

function translatesIn(listing: unknown): boolean {
  const rules = (listAt(listing, 'nftables') ?? []).map((item) => objectAt(item, 'rule'))
  return rules.some((rule) => !isOurs(rule) && (listAt(rule, 'expr') ?? []).some(isTranslation))
}

function isOurs(rule: unknown): boolean {
  return textAt(rule, 'family') === 'inet' && textAt(rule, 'table') === TABLE
}

/** Targets of iptables after which the next rule has its turn. */
const PASSING = new Set(['LOG', 'NFLOG', 'MARK', 'CONNMARK', 'TCPMSS', 'AUDIT'])

/** A verdict map, or a target of iptables that is not known: it may let in. */
function mayDecide(statement: unknown): boolean {
  const target = targetOf(statement)
  return (
    objectAt(statement, 'vmap') !== undefined || (target !== undefined && target !== 'REJECT' && !PASSING.has(target))
  )
}

function isReject(statement: unknown): boolean {
  return targetOf(statement) === 'REJECT'
}

function targetOf(statement: unknown): string | undefined {
  const target = objectAt(statement, 'xt')
  return textAt(target, 'type') === 'target' ? (textAt(target, 'name') ?? '') : undefined
}

function isOtherFamily({ family }: Match, walk: Walk): boolean {
  return family !== undefined && family !== walk.family
}

function admittedBy({ sources, isUnknown }: Match, { family }: Walk, passage: Passage): Admission[] {
  const from = (sources ?? [anywhere(family)]).filter((source) => source.family === family)
  const told = isUnknown ? ({ letIn: 'maybe', unread: passage } as const) : ({ letIn: 'yes' } as const)
  return from.map((source) => ({ source, through: [passage], ...told }))
}

interface Ground {
  readonly walk: Walk
  /** Of whoever gets to the chain. */
  readonly incoming: Match
  /** Of whoever gets to the verdict. */
  readonly match: Match
}

/** A verdict for some of those who get to the chain decides nothing for all of them. */
function decided({ match, incoming, walk }: Ground, fate: Fate): Fate {
  const isOfAnybody = match.sources?.some(({ length, family }) => length === 0 && family === walk.family) ?? true
  const isForAll = match.isUnknown === incoming.isUnknown && (isOfAnybody || match.sources === incoming.sources)
  return isForAll ? fate : { ...fate, verdict: 'goes on' }
}

type Jump = Extract<ReturnType<typeof effectOf>, { kind: 'jump' }>

function jump(ground: Ground, { target, isGoto }: Jump, depth: number): Fate {
  const { walk, match } = ground
  const { table, family } = walk.chain
  const chain = walk.chains.find((other) => other.name === target && other.table === table && other.family === family)
  if (chain === undefined || depth >= MAX_DEPTH)
    return {
      verdict: 'goes on',
      admitted: admittedBy({ ...match, isUnknown: true }, walk, { rule: target, of: placeOf(walk.chain) }),
    }
  const fate = walkChain({ ...walk, chain }, match, depth + 1)
  const isOver = fate.verdict === 'accept' || fate.verdict === 'drop'
  if (isOver) return decided(ground, fate)
  return isGoto ? decided(ground, { verdict: 'return', admitted: fate.admitted }) : { ...fate, verdict: 'goes on' }
}
