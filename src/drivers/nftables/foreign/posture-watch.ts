/**
 * What tells who gets in at this host, kept current: read at the start, after somebody changed the ruleset, and now and then,
 * because a program that begins to listen tells nobody. What cannot be read is not known: then nobody is said to be safe.
 */
import type { Millis } from '../../../domain/time.ts'
import type { HostReading } from './host-exposures.ts'
import { onceAtRest } from './once-at-rest.ts'

export interface PostureWatchOptions {
  readonly read: () => Promise<HostReading>
  readonly every: Millis
  /** After every reading that differs from the one before. */
  readonly onChange?: () => void
  readonly onFailure: (cause: unknown) => void
}

export interface PostureWatch {
  /** Undefined where the last reading failed, and before the first. */
  now(): HostReading | undefined
  /** Somebody changed something: read once it rests. */
  soon(): void
  /** Resolves after the reading under way. */
  settled(): Promise<void>
  stop(): void
}

const REST: Millis = 300
const AT_MOST: Millis = 3_000

export function watchPosture({ read, every, onChange, onFailure }: PostureWatchOptions): PostureWatch {
  let latest: HostReading | undefined
  let told: string | undefined
  let running: Promise<void> = Promise.resolve()
  const look = async (): Promise<void> => {
    latest = await read().catch((cause: unknown) => {
      onFailure(cause)
      return undefined
    })
    const text = textOf(latest)
    if (text !== told) onChange?.()
    told = text
  }
  const start = (): void => {
    running = running.then(look)
  }
  const resting = onceAtRest(start, { rest: REST, atMost: AT_MOST })
  const timer = setInterval(start, every)
  timer.unref()
  start()
  return {
    now: () => latest,
    soon: resting.soon,
    settled: () => running,
    stop: () => {
      clearInterval(timer)
      resting.stop()
    },
  }
}

/** Without what counts by itself: packets are no change. */
function textOf(reading: HostReading | undefined): string | undefined {
  if (reading === undefined) return undefined
  const counts = (key: string, value: unknown): unknown => (key === 'counter' || key === 'metainfo' ? undefined : value)
  return JSON.stringify({ ...reading, managed: [...reading.managed], behind: [...reading.behind] }, counts)
}
