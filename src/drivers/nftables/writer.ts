/**
 * Carries out a plan's operations: looks up what must be fresh, computes the remaining times as each batch is written,
 * and runs one transaction after the other. What closes goes first.
 */
import type { Clock } from '../../app/ports/clock.ts'
import type { Instant, Millis } from '../../domain/time.ts'
import { managedKey, type ManagedKey } from './element.ts'
import type { Weight } from './kernel/engine.ts'
import type { NftOperation, Session, Statement } from './operation.ts'
import { isLoopback } from './kernel/sessions.ts'

/** Elements in one transaction: half a millisecond of work, so that the event loop and the ends stay punctual. */
const ELEMENTS_PER_BATCH = 100

/**
 * The kernel starts an element's timer when it reads it, which is later than now by the work before it: that much is
 * taken off. So is what the clock does not tell: it counts whole milliseconds, and the time is past the last one. The
 * kernel's own ticks only ever make a timer early, and often by nothing at all: they cover none of this.
 */
const ELEMENTS_PER_MILLI = 50
const HEAVY: Millis = 3
const WAY: Millis = 1
const UNTOLD: Millis = 1

export interface Batch {
  readonly statements: readonly Statement[]
  /** The wanted ends of the upserts, by their place in `statements`. */
  readonly ends: readonly (Instant | undefined)[]
  readonly weight: Weight
  /** How long the transaction may take without a timer that starts too late. */
  readonly allowance: Millis
}

/** The operations of one transaction each; structure first, in one with the first elements. */
export function groupOperations(operations: readonly NftOperation[]): NftOperation[][] {
  const isElement = ({ kind }: NftOperation): boolean => kind === 'create' || kind === 'upsert' || kind === 'revoke'
  const structural = operations.filter((operation) => !isElement(operation))
  const elements = operations.filter(isElement).sort((a, b) => orderOf(a) - orderOf(b))
  const groups: NftOperation[][] = []
  for (let index = 0; index < elements.length; index += ELEMENTS_PER_BATCH) {
    groups.push(elements.slice(index, index + ELEMENTS_PER_BATCH))
  }
  if (structural.length > 0) groups[0] = [...structural, ...(groups[0] ?? [])]
  return groups
}

function orderOf({ kind }: NftOperation): number {
  return kind === 'revoke' ? 0 : 1
}

export interface BatchInput {
  readonly operations: readonly NftOperation[]
  readonly sessions: readonly Session[]
  readonly clock: Clock
  /** The engine's. */
  readonly lead: Millis
}

/** Computes the timeouts: call it immediately before the text is handed over. */
export function batchOf({ operations, sessions, clock, lead }: BatchInput): Batch {
  const weight = operations.some(({ kind }) => kind === 'structure' || kind === 'remove' || kind === 'seed')
    ? 'heavy'
    : 'light'
  const work = WAY + lead + Math.ceil(operations.length / ELEMENTS_PER_MILLI) - 1 + (weight === 'heavy' ? HEAVY : 0)
  const latest = clock.now() + UNTOLD + work
  const statements = operations.map((operation) => statementOf(operation, sessions, latest))
  const ends = operations.map((operation, index) =>
    'until' in operation && statements[index]?.kind === operation.kind ? operation.until : undefined,
  )
  return { statements, ends, weight, allowance: work }
}

function statementOf(operation: NftOperation, sessions: readonly Session[], latest: Instant): Statement {
  switch (operation.kind) {
    case 'seed':
      return { kind: 'sessions', sessions: sessionsOn(operation.ports, sessions) }
    case 'create':
    case 'upsert': {
      const timeout = Math.floor(operation.until - latest)
      return timeout > 0 ? { kind: operation.kind, id: operation.id, timeout } : { kind: 'revoke', id: operation.id }
    }
    case 'structure':
    case 'keep':
    case 'unkeep':
    case 'revoke':
    case 'remove':
      return operation
  }
}

function sessionsOn(ports: readonly ManagedKey[], sessions: readonly Session[]): Session[] {
  const managed = new Set(ports)
  return sessions.filter((session) => !isLoopback(session) && managed.has(managedKey(6, session.localPort)))
}
