/**
 * Puts the use of the bootstrap administrator's token on record, loudly: at its first use from an address, and once an
 * hour for as long as it is used from there. Not for every call: a script would bury the trail that it must not hide in.
 * A new address is never quiet, and neither is a restart. The call waits for the record, so that there is no use without.
 */
import type { App } from '../app.ts'
import { HOUR, type Instant, type Millis } from '../../domain/time.ts'

const QUIET: Millis = HOUR
/** More addresses than anybody administers from; beyond it the oldest is forgotten, and told of again. */
const MOST_ADDRESSES = 1_000

type Deps = Pick<App, 'store' | 'clock' | 'log'>
type Witness = (actor: string, address: string) => Promise<void>

export function createBreakGlassWitness({ store, clock, log }: Deps): Witness {
  const told = new Map<string, { readonly at: Instant; readonly record: Promise<void> }>()
  const record = async (actor: string, address: string, at: Instant): Promise<void> => {
    log.warn({ actor, address }, 'the bootstrap administrator token is in use; sign in as yourself for daily work')
    const event = { at, action: 'signin.breakglass', actor, address, target: 'bootstrap-token', data: '{}' } as const
    await store.transaction((tx) => tx.append([event]))
  }
  return async (actor, address) => {
    const now = clock.now()
    const last = told.get(address)
    if (last !== undefined && now - last.at < QUIET) return last.record
    const begun = record(actor, address, now)
    told.delete(address)
    told.set(address, { at: now, record: begun })
    const [oldest] = told.keys()
    if (told.size > MOST_ADDRESSES && oldest !== undefined) told.delete(oldest)
    await begun.catch((cause: unknown) => {
      told.delete(address)
      throw cause
    })
  }
}
