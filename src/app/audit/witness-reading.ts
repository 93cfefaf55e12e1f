/**
 * Puts on record that somebody reads the audit trail: once for a list, not for every page of it. A page counts as
 * followed when this process handed out the link to it to the same caller; any other place to begin is a list of its own.
 */
import { actorOf } from './actor-of.ts'
import type { App } from '../app.ts'
import type { Caller } from '../ports/caller.ts'
import { toldBy } from './told-by.ts'

/** Links that are remembered; beyond it the oldest is forgotten, and following it is told of again. */
const MOST_LINKS = 10_000

export interface ReadWitness {
  /** Resolves when it is on record. To be awaited before anything that was read leaves. */
  tell(caller: Caller, asked: { readonly after: number | undefined; readonly filter: object }): Promise<void>
  handedOut(caller: Caller, next: number): void
}

export function createReadWitness({ store, clock }: Pick<App, 'store' | 'clock'>): ReadWitness {
  const links = new Set<string>()
  const linkOf = (caller: Caller, after: number): string => JSON.stringify([caller.name, caller.principals[0], after])
  return {
    async tell(caller, { after, filter }) {
      if (after !== undefined && links.has(linkOf(caller, after))) return
      const { address } = caller
      const actor = actorOf(caller)
      const data = toldBy(caller, { filter, ...(after === undefined ? {} : { first: after + 1 }) })
      const event = { at: clock.now(), action: 'audit.read', actor, address, target: 'audit', data } as const
      await store.transaction((tx) => tx.append([event]))
    },
    handedOut(caller, next) {
      links.add(linkOf(caller, next))
      const [oldest] = links
      if (links.size > MOST_LINKS && oldest !== undefined) links.delete(oldest)
    },
  }
}
