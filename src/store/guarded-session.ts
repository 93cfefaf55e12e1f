/**
 * A transaction's session: after a failed statement it cannot commit, whatever the work makes of the failure, and when
 * it is over nothing can be done with it. PostgreSQL is like this by itself; SQLite would go on, half done.
 */
import type { Session } from './session.ts'

export interface GuardedSession extends Session {
  /** Throws when a statement failed: asked before a commit. */
  readonly mustBeWhole: () => void
  /** After it, every statement rejects. */
  readonly end: () => void
}

export function guardedSession({ flavour, run }: Session): GuardedSession {
  let over = false
  let failure: { readonly cause: unknown } | undefined
  const mustBeWhole = (): void => {
    if (failure !== undefined) throw new Error('a statement of this transaction failed; nothing changed', failure)
  }
  return {
    flavour,
    run: async (sql, values, take) => {
      if (over) throw new Error('the transaction is over; await everything inside its work')
      mustBeWhole()
      try {
        return await run(sql, values, take)
      } catch (cause) {
        failure ??= { cause }
        throw cause
      }
    },
    mustBeWhole,
    end: () => {
      over = true
    },
  }
}
