/** Forgets, once an hour, what has ended: browser sessions, what the own issuer issued, and failed sign-ins of long ago. */
import type { App } from '../../app/app.ts'
import { HOUR } from '../../domain/time.ts'
import { FORGOTTEN_AFTER } from '../../issuer/lock-out.ts'

/** Returns how to stop. */
export function sweepIdentity({ store, clock, log }: Pick<App, 'store' | 'clock' | 'log'>): () => void {
  const sweep = (): void => {
    const now = clock.now()
    store
      .transaction((tx) => tx.identity.sweepIdentity(now, now - FORGOTTEN_AFTER))
      .catch((cause: unknown) => log.warn({ cause }, 'ended sessions could not be swept; tried again later'))
  }
  const timer = setInterval(sweep, HOUR).unref()
  return () => clearInterval(timer)
}
