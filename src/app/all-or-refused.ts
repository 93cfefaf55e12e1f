/** A transaction that a refusal undoes: nothing of it stays, and the reasons come out. */
import type { App } from './app.ts'
import type { Tx } from './ports/store.ts'
import { ok, refused, type Refusal, type Result } from '../domain/refusal.ts'

export async function allOrRefused<T>(
  app: Pick<App, 'store'>,
  work: (tx: Tx) => Promise<Result<T>>,
): Promise<Result<T>> {
  try {
    return await app.store.transaction(async (tx) => {
      const done = await work(tx)
      if (!done.ok) throw new Undo(done.refusals)
      return ok(done.value)
    })
  } catch (cause) {
    if (cause instanceof Undo) return refused(...cause.refusals)
    throw cause
  }
}

/** Thrown to undo the transaction; carries the refusals out of it. */
class Undo extends Error {
  readonly refusals: readonly Refusal[]
  constructor(refusals: readonly Refusal[]) {
    super('refused')
    this.refusals = refusals
  }
}
