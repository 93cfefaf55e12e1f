/** Does something once what calls for it rests. What never rests is not put off for ever: others may write many times a second. */
import type { Millis } from '../../../domain/time.ts'

export interface OnceAtRest {
  readonly soon: () => void
  readonly stop: () => void
}

export interface RestTimes {
  readonly rest: Millis
  /** After the first call that it was not done for. */
  readonly atMost: Millis
}

export function onceAtRest(act: () => void, { rest, atMost }: RestTimes): OnceAtRest {
  let timer: NodeJS.Timeout | undefined
  let latest: number | undefined
  const run = (): void => {
    latest = undefined
    act()
  }
  return {
    soon: () => {
      const now = performance.now()
      latest ??= now + atMost
      clearTimeout(timer)
      timer = setTimeout(run, Math.min(rest, Math.max(latest - now, 0)))
      timer.unref()
    },
    stop: () => clearTimeout(timer),
  }
}
