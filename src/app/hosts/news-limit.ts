/**
 * How often a host may say in a minute what goes on record without anybody having asked: enough for one whose firewall others
 * rewrite all the time, and little enough that one that is not its own master any more cannot fill the record for all.
 */
import type { App } from '../app.ts'
import type { HostId } from '../../domain/hosts/host.ts'
import { MINUTE } from '../../domain/time.ts'

const MOST = 120

/** What it returns says whether the host may once more. */
export function createNewsLimit({ clock, log }: Pick<App, 'clock' | 'log'>): (host: HostId) => boolean {
  let since = clock.now()
  let told = new Map<HostId, number>()
  return (host) => {
    // Also when somebody has set the clock back.
    if (Math.abs(clock.now() - since) >= MINUTE) {
      since = clock.now()
      told = new Map()
    }
    const count = (told.get(host) ?? 0) + 1
    told.set(host, count)
    if (count === MOST + 1)
      log.warn({ host }, 'a host tells more than is kept on record; what else it tells in this minute is not')
    return count <= MOST
  }
}
