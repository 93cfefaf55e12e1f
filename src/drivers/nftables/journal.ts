/**
 * What the driver must remember across its own death: for which ports the connections older than protection were
 * already let go on. Healing somebody's flush must not let in what sneaked in meanwhile; a port newly protected must
 * not lose the sessions it has. Pure.
 */
import type { JournalEntry } from '../../app/ports/driver.ts'
import type { BehindKey, ManagedKey } from './element.ts'
import { parseBehindKey, parseManagedKey } from './element.ts'
import { isObject } from './kernel/json.ts'

const KEY = 'sessions'
const BEHIND_KEY = 'behind'

/** `due`: must be let go on, or may already have been. `done`: the kernel was seen with the port protected since. */
export type SessionsState = 'due' | 'done'

export function sessionsFrom(journal: readonly JournalEntry[]): Map<ManagedKey, SessionsState> {
  const entry = journal.find(({ key }) => key === KEY)
  const value: unknown = entry === undefined ? {} : JSON.parse(entry.value)
  if (!isObject(value)) throw new Error(`expected the journal entry '${KEY}' to be a JSON object, got ${entry?.value}`)
  const states = new Map<ManagedKey, SessionsState>()
  for (const [text, state] of Object.entries(value)) {
    const key = text as ManagedKey // checked by the parser right here
    if (parseManagedKey(key) !== undefined) states.set(key, state === 'done' ? 'done' : 'due')
  }
  return states
}

export function journalOf(states: ReadonlyMap<ManagedKey, SessionsState>): JournalEntry[] {
  if (states.size === 0) return []
  const sorted = [...states].sort(([a], [b]) => (a < b ? -1 : 1))
  return [{ key: KEY, value: JSON.stringify(Object.fromEntries(sorted)) }]
}

/** The ports behind a gateway that were seen closed: one that is open after that was opened by somebody else. */
export function behindFrom(journal: readonly JournalEntry[]): Set<BehindKey> {
  const entry = journal.find(({ key }) => key === BEHIND_KEY)
  const value: unknown = entry === undefined ? [] : JSON.parse(entry.value)
  if (!Array.isArray(value))
    throw new Error(`expected the journal entry '${BEHIND_KEY}' to be a list, got ${entry?.value}`)
  const keys = value.map((text) => String(text) as BehindKey) // checked by the parser right here
  return new Set(keys.filter((key) => parseBehindKey(key) !== undefined))
}

export function journalOfBehind(keys: Iterable<BehindKey>): JournalEntry[] {
  const sorted = [...keys].sort()
  return sorted.length === 0 ? [] : [{ key: BEHIND_KEY, value: JSON.stringify(sorted) }]
}
