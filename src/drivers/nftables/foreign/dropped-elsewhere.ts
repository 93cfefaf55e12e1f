/**
 * "Granted here, but table X drops it": an accept of ours is final only in our own chain, a drop anywhere is final.
 * Pure over `nft -j list ruleset`: follows a granted packet, from anywhere, through every other input chain.
 */
import { parseManagedKey, protocolName, type ManagedKey } from '../element.ts'
import { chainsIn, familyMatch, matchesPort, setLookup, type Chain } from './foreign.ts'
import { effectOf, narrowed, type Match } from './foreign-match.ts'
import { GRANTED_MARK } from '../nft-text.ts'

export interface DroppedElsewhere {
  /** `table inet filter, chain input`. */
  readonly place: string
  readonly port: string
  /** True when some packets may pass before: a rule that lets in some sources, or that could not be read. */
  readonly onlySome: boolean
  /** The one rule that lets every granted packet pass, to be put first. */
  readonly remedy: string
}

/** `hook`: where granted packets pass: to this host itself, or to machines behind it. */
export function droppedElsewhere(
  listing: unknown,
  managed: Iterable<ManagedKey>,
  hook: 'input' | 'forward' = 'input',
): DroppedElsewhere[] {
  const chains = chainsIn(listing)
  const passed = chains.filter((chain) => chain.hook === hook)
  return [...managed].flatMap((key) =>
    passed.flatMap((chain) => {
      const fate = fateIn({ chain, chains, listing, key })
      return fate.verdict === 'drop' ? [finding(chain, key, fate.maybeAccepted)] : []
    }),
  )
}

function finding(chain: Chain, key: ManagedKey, onlySome: boolean): DroppedElsewhere {
  const parsed = parseManagedKey(key)
  const mark = `0x${GRANTED_MARK.toString(16)}`
  return {
    place: `table ${chain.family} ${chain.table}, chain ${chain.name}`,
    port: parsed === undefined ? key : `${parsed.port}/${protocolName(parsed.protocol)}`,
    onlySome,
    remedy: `nft insert rule ${chain.family} ${chain.table} ${chain.name} meta mark '&' ${mark} != 0 accept`,
  }
}

interface Walk {
  readonly chain: Chain
  readonly chains: readonly Chain[]
  readonly listing: unknown
  readonly key: ManagedKey
}

interface Fate {
  readonly verdict: 'accept' | 'drop' | 'goes on'
  /** Some packets, or some that we cannot tell, were let in on the way. */
  readonly maybeAccepted: boolean
}

function fateIn(walk: Walk): Fate {
  const fate = walkChain(walk, 0)
  if (fate.verdict !== 'goes on') return fate
  return { ...fate, verdict: walk.chain.policy === 'drop' ? 'drop' : 'accept' }
}

const MAX_DEPTH = 16

function walkChain(walk: Walk, depth: number): Fate {
  let maybeAccepted = false
  for (const { statements } of walk.chain.rules) {
    const step = walkRule(walk, statements, depth)
    maybeAccepted ||= step.maybeAccepted
    if (step.verdict === 'return') break
    if (step.verdict !== 'goes on') return { verdict: step.verdict, maybeAccepted }
  }
  return { verdict: 'goes on', maybeAccepted }
}

type Step = Fate | { readonly verdict: 'return'; readonly maybeAccepted: boolean }

const ON: Step = { verdict: 'goes on', maybeAccepted: false }

function walkRule(walk: Walk, statements: readonly unknown[], depth: number): Step {
  const lookup = setLookup(walk.listing, walk.chain.family, walk.chain.table)
  let match = familyMatch(walk.chain.family)
  for (const statement of statements) {
    const effect = effectOf(statement)
    if (effect.kind === 'match') match = narrowed(match, effect.condition, lookup)
    if (effect.kind === 'unknown') match = { ...match, isUnknown: true }
    if (match.isIrrelevant || !matchesPort(match, walk.key)) return ON
    if (effect.kind === 'jump') return jump(walk, { match, target: effect.target, depth })
    if (effect.kind === 'accept' || effect.kind === 'drop' || effect.kind === 'return')
      return verdict(walk.chain, match, effect.kind)
  }
  // A verdict that we cannot read may let something in; that it drops everything is not assumed.
  return match.isUnknown ? { ...ON, maybeAccepted: true } : ON
}

/** A rule for some packets alone decides nothing for all of them. */
function verdict(chain: Chain, match: Match, kind: 'accept' | 'drop' | 'return'): Step {
  if (isForAll(chain, match)) return { verdict: kind, maybeAccepted: false }
  return { ...ON, maybeAccepted: kind === 'accept' }
}

function isForAll(chain: Chain, { sources, family, isUnknown }: Match): boolean {
  const everywhere = sources?.some(({ length }) => length === 0) ?? true
  return !isUnknown && everywhere && family === familyMatch(chain.family).family
}

function jump(walk: Walk, { match, target, depth }: { match: Match; target: string; depth: number }): Step {
  const chain = walk.chains.find(
    ({ name, table, family }) => name === target && table === walk.chain.table && family === walk.chain.family,
  )
  if (chain === undefined || depth >= MAX_DEPTH) return ON
  const fate = walkChain({ ...walk, chain }, depth + 1)
  if (isForAll(walk.chain, match) || fate.verdict === 'goes on') return fate
  return { ...ON, maybeAccepted: fate.maybeAccepted || fate.verdict === 'accept' }
}
