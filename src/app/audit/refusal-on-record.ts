/**
 * A write that was refused is on record as one that was made is: who wanted it, what, and every reason why not. Its own
 * transaction, after the one that was undone. Must not be told a secret: what was written is not repeated here.
 */
import { actorOf } from './actor-of.ts'
import type { App } from '../app.ts'
import type { Caller } from '../ports/caller.ts'
import { toldBy } from './told-by.ts'
import type { AuditFacts } from '../../domain/audit/audit-facts.ts'
import type { AuditAction } from '../../domain/audit/audit.ts'
import type { Refusal, Result } from '../../domain/refusal.ts'

export interface RefusedWrite {
  readonly action: Extract<AuditAction, `${string}.refused`>
  /** A scope where there is one: who may read it there is shown it. */
  readonly target: string
  readonly request?: string
  readonly caller: Caller
  readonly facts: AuditFacts
}

/** Enough for anybody to understand; what somebody sends by the thousand is not kept by the thousand. */
const MOST_TOLD = 20
const LONGEST_TARGET = 600

/** Gives the outcome back as it came. */
export async function refusalOnRecord<T>(
  app: Pick<App, 'store' | 'clock'>,
  write: RefusedWrite,
  outcome: Promise<Result<T>>,
): Promise<Result<T>> {
  const result = await outcome
  if (!result.ok) await recordRefusal(app, write, result.refusals)
  return result
}

export async function recordRefusal(
  app: Pick<App, 'store' | 'clock'>,
  { action, target, request, caller, facts }: RefusedWrite,
  refusals: readonly Refusal[],
): Promise<void> {
  const [first] = refusals
  // Less the facts, which the sentences say.
  const told = refusals.slice(0, MOST_TOLD).map(({ facts: _facts, ...reason }) => reason)
  const why = { code: first?.code, message: first?.message, refusals: told }
  const by = { at: app.clock.now(), actor: actorOf(caller), address: caller.address }
  const about = { target: target.slice(0, LONGEST_TARGET), ...(request !== undefined && { request }) }
  const event = { ...by, ...about, action, data: toldBy(caller, { ...why, ...facts }) }
  await app.store.transaction((tx) => tx.append([event]))
}

/** The first of many, for the facts of an event. */
export function someOf<T>(items: Iterable<T>): T[] {
  return [...new Set(items)].slice(0, MOST_TOLD)
}
