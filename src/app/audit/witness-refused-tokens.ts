/**
 * Puts tokens that were not believed on record: the first of an issuer, a reason and an address at once, and what follows
 * within a minute as one event with a count. Whoever floods the server must not fill the disk or bury the trail, so there
 * is a limit to all of them together as well. Nothing that a token says is repeated: whoever forged it wrote it.
 */
import type { App } from '../app.ts'
import { MINUTE, type Instant } from '../../domain/time.ts'

export interface RefusedToken {
  /** One that is trusted; empty for any other. */
  readonly issuer: string
  /** The code of the refusal. */
  readonly reason: string
  readonly address: string
}

export interface RefusedTokenWitness {
  /** Resolves when it is on record, or counted. */
  saw(token: RefusedToken): Promise<void>
  /** Tells the counts of minutes that are over; to be called now and then, and at the end. */
  sweep(isEnd?: 'at the end'): Promise<void>
}

/** Beyond it, in one minute, they are told together, without an address. */
const MOST_KINDS = 100

interface Counted {
  readonly token: RefusedToken
  readonly since: Instant
  /** Not told yet. */
  count: number
}

export function createRefusedTokenWitness({ store, clock }: Pick<App, 'store' | 'clock'>): RefusedTokenWitness {
  const kinds = new Map<string, Counted>()

  const record = async (all: readonly Counted[]): Promise<void> => {
    const at = clock.now()
    const told = all.filter(({ count }) => count > 0)
    const events = told.map(({ token: { issuer, reason, address }, count }) => {
      const data = JSON.stringify({ issuer, by: 'token', reason, count })
      return { at, action: 'signin.failed', actor: '', address, target: issuer, data } as const
    })
    if (events.length > 0) await store.transaction((tx) => tx.append(events))
  }

  const sweep = async (isEnd?: 'at the end'): Promise<void> => {
    const over = [...kinds].filter(([, { since }]) => isEnd !== undefined || clock.now() - since >= MINUTE)
    for (const [key] of over) kinds.delete(key)
    await record(over.map(([, counted]) => counted)).catch((cause: unknown) => {
      for (const [key, counted] of over)
        kinds.set(key, { ...counted, count: counted.count + (kinds.get(key)?.count ?? 0) })
      throw cause
    })
  }

  return {
    sweep,
    saw: async (token) => {
      await sweep()
      const key = keyOf(token)
      const known = kinds.get(key) ?? (kinds.size < MOST_KINDS ? undefined : kinds.get(OTHERS))
      if (known !== undefined) return void (known.count += 1)
      const isOther = kinds.size >= MOST_KINDS
      const kind = { token: isOther ? NAMELESS : token, since: clock.now(), count: 1 }
      kinds.set(isOther ? OTHERS : key, kind)
      await record([{ ...kind }])
      kind.count -= 1
    },
  }
}

const OTHERS = ''
const NAMELESS: RefusedToken = { issuer: '', reason: 'many', address: '' }

function keyOf({ issuer, reason, address }: RefusedToken): string {
  return JSON.stringify([issuer, reason, address])
}
