/**
 * What must be on record before the rules of a security group are touched: where each foreign rule stood before we moved
 * it, and which deny rules were seen in place (so that a missing one is known to have been removed by somebody).
 *
 * `at` lists every number we may have given a rule: after a crash nobody knows whether the last change arrived. `base`
 * is the version of the group that the last change was planned on: while the group still has that version, a change
 * whose answer never came may yet arrive, and the entry must not be forgotten.
 */
import type { SecurityRule } from './security-rule.ts'

export interface JournalLine {
  readonly key: string
  readonly value: string
}

export interface Move {
  readonly name: string
  readonly original: number
  readonly at: readonly number[]
  readonly base: string
}

export interface SeenDeny {
  /** Of the rule as it should be. */
  readonly print: string
  /** True once it was observed in place. */
  readonly held: boolean
}

export interface RuleJournal {
  /** By the rule's name in lower case. */
  readonly moves: ReadonlyMap<string, Move>
  /** By the deny rule's name in lower case. */
  readonly denies: ReadonlyMap<string, SeenDeny>
}

const MOVE = 'moved|'
const DENY = 'deny|'

export function readJournal(lines: readonly JournalLine[]): RuleJournal {
  const moves = new Map<string, Move>()
  const denies = new Map<string, SeenDeny>()
  for (const { key, value } of lines) {
    if (key.startsWith(MOVE)) moves.set(key.slice(MOVE.length), JSON.parse(value) as Move) // written below, read back
    if (key.startsWith(DENY)) denies.set(key.slice(DENY.length), JSON.parse(value) as SeenDeny) // written below, read back
  }
  return { moves, denies }
}

export function writeJournal({ moves, denies }: RuleJournal): JournalLine[] {
  return [
    ...[...denies].map(([name, seen]) => ({ key: DENY + name, value: JSON.stringify(seen) })),
    ...[...moves].map(([name, move]) => ({ key: MOVE + name, value: JSON.stringify(move) })),
  ].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
}

/**
 * The number a foreign rule's owner gave it. One that stands where neither its owner nor we put it has been moved by
 * somebody since: that is its own number now.
 */
export function originalOf(rule: SecurityRule, journal: RuleJournal): number {
  const move = journal.moves.get(rule.name.toLowerCase())
  if (move === undefined || !move.at.includes(rule.priority)) return rule.priority
  return move.original
}

export interface MovesInput {
  readonly foreign: readonly SecurityRule[]
  readonly layout: ReadonlyMap<string, number>
  readonly journal: RuleJournal
  readonly version: string
  /** True if the plan changes anything. */
  readonly pending: boolean
  /** True if nothing is protected any more, so that whatever could not be restored is left where it is. */
  readonly final: boolean
}

/** The moves as they must stand on record before the plan is applied; without changes, what is left of them. */
export function nextMoves(input: MovesInput): Map<string, Move> {
  const next = new Map<string, Move>()
  for (const rule of input.foreign) {
    const name = rule.name.toLowerCase()
    const move = nextMove(rule, input.layout.get(rule.name) ?? rule.priority, input)
    if (move !== undefined) next.set(name, move)
  }
  return next
}

function nextMove(rule: SecurityRule, target: number, input: MovesInput): Move | undefined {
  const { journal, version, pending, final } = input
  const before = journal.moves.get(rule.name.toLowerCase())
  const original = originalOf(rule, journal)
  const mayArriveLate = before?.base === version
  const atHome = rule.priority === original && target === original
  if (!mayArriveLate && (atHome || (final && !pending))) return undefined
  if (atHome && before === undefined) return undefined
  const known = pending || mayArriveLate ? [...(before?.at ?? []), rule.priority, target] : [rule.priority]
  const at = [...new Set(known)].filter((number) => number !== original).sort((a, b) => a - b)
  return { name: rule.name, original, at, base: pending ? version : (before?.base ?? version) }
}

/** True if an earlier change may still arrive and undo what is about to be forgotten: the version must change first. */
export function needsFence(
  moves: Iterable<Move>,
  foreign: ReadonlyMap<string, SecurityRule>,
  version: string,
): boolean {
  for (const move of moves) {
    const rule = foreign.get(move.name.toLowerCase())
    if (move.base === version && rule !== undefined && rule.priority === move.original) return true
  }
  return false
}
