/**
 * What other tables allow, kept current: read when nothing is known of it, and again once they rest after a change. A
 * repair does not wait for it: whoever watches is told when it turns out that something else is kept open now.
 */
import type { Millis } from '../../../domain/time.ts'
import { readBeside } from './beside.ts'
import { keepsFor, scanForeign, type ForeignScan } from './foreign.ts'
import { keepsBehind } from './foreign-forward.ts'
import { readForeignRuleset } from './foreign-reader.ts'
import { onceAtRest } from './once-at-rest.ts'
import type { Mirror } from '../mirror.ts'

export interface ForeignWatch {
  /** What is known of it while somebody watches, else a reading. */
  scan(known: ForeignScan | undefined): Promise<ForeignScan> | ForeignScan
  /** Other tables changed; `by` whom, when that is known. */
  soon(by: string | undefined): void
  /** Returns how to stop being told. */
  onDifference(tell: Tell): () => void
  stop(): void
}

type Tell = (by: string | undefined) => void

const REST: Millis = 100
const AT_MOST: Millis = 1_000

export function createForeignWatch({ mirror }: { readonly mirror: () => Mirror | undefined }): ForeignWatch {
  const watchers = new Set<Tell>()
  let lastBy: string | undefined
  const compare = async (): Promise<void> => {
    const by = lastBy
    lastBy = undefined
    // A reading that fails tells nothing; the next change or the next heartbeat reads again.
    const fresh = await read().catch(() => undefined)
    const known = mirror()
    if (fresh === undefined || known === undefined) return
    const isSame = keptIds(fresh, known) === keptIds(known.foreign, known)
    known.foreign = fresh
    if (!isSame) for (const tell of watchers) tell(by)
  }
  const resting = onceAtRest(() => void compare(), { rest: REST, atMost: AT_MOST })
  const soon = (by: string | undefined): void => {
    lastBy = by ?? lastBy
    resting.soon()
  }
  return {
    soon,
    scan: (known) => {
      if (known === undefined || watchers.size === 0) return read()
      soon(undefined)
      return known
    },
    onDifference: (tell) => {
      watchers.add(tell)
      return () => watchers.delete(tell)
    },
    stop: resting.stop,
  }
}

async function read(): Promise<ForeignScan> {
  const [listing, beside] = await Promise.all([readForeignRuleset(), readBeside()])
  return { ...scanForeign(listing), beside }
}

function keptIds(scan: ForeignScan, { managed, behind }: Pick<Mirror, 'managed' | 'behind'>): string {
  return [...keepsFor(scan, managed), ...keepsBehind(scan.forward, behind)]
    .map(({ id }) => id)
    .sort()
    .join(' ')
}
