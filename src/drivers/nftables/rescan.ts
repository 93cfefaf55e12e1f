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
}

export interface Rescan {
  soon(onDifference: () => void): void
  stop(): void
}

export function createRescan({ mirror, scan, after }: RescanOptions): Rescan {
  let timer: NodeJS.Timeout | undefined
  const compare = async (onDifference: () => void): Promise<void> => {
    const known = mirror()
    if (known === undefined || known.managed.size === 0) return
    // A reading that failed tells nothing, so that the next pass looks for itself.
    const fresh = await scan().catch(() => undefined)
    if (fresh === undefined || keptIds(fresh, known) !== keptIds(known.foreign, known)) onDifference()
  }
  return {
    soon: (onDifference) => {
      clearTimeout(timer)
      timer = setTimeout(() => void compare(onDifference), after)
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
