/**
 * Reads other tables' rules again after they changed, once they rest, and tells when that changes what is kept open.
 */
import { keepsFor, type ForeignScan } from './foreign.ts'
import type { Mirror } from './mirror.ts'
import type { Millis } from '../../domain/time.ts'

export interface RescanOptions {
  readonly mirror: () => Pick<Mirror, 'foreign' | 'managed'> | undefined
  readonly scan: () => Promise<ForeignScan>
  readonly after: Millis
  /** `by`: who changed them last, when that is known. */
  readonly onDifference: (scan: ForeignScan, by: string | undefined) => void
}

export interface Rescan {
  soon(by: string | undefined): void
  stop(): void
}

export function createRescan({ mirror, scan, after, onDifference }: RescanOptions): Rescan {
  let timer: NodeJS.Timeout | undefined
  const compare = async (by: string | undefined): Promise<void> => {
    // A reading that fails tells nothing; the next change or the next heartbeat reads again.
    const fresh = await scan().catch(() => undefined)
    const known = mirror()
    if (fresh === undefined || known === undefined) return
    if (keptIds(fresh, known) !== keptIds(known.foreign, known)) onDifference(fresh, by)
    else known.foreign = fresh
  }
  return {
    soon: (by) => {
      clearTimeout(timer)
      timer = setTimeout(() => void compare(by), after)
      timer.unref()
    },
    stop: () => clearTimeout(timer),
  }
}

function keptIds(scan: ForeignScan, { managed }: Pick<Mirror, 'managed'>): string {
  return keepsFor(scan, managed)
    .map(({ id }) => id)
    .sort()
    .join(' ')
}
