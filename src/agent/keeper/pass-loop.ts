/**
 * Runs passes one at a time, for as long as there is something to do; a failed one again, after a while that doubles. What
 * failed is never given up.
 */
import type { Millis } from '../../domain/time.ts'
import { isDue, NOTHING_DUE, withMore, type Due } from './due.ts'
import { createDueTimer } from './due-timer.ts'

export interface PassLoop {
  /** The next pass is for this too. */
  add(more: Partial<Due>): void
  /** Nothing waits for a pass. */
  isCaughtUp(): boolean
  /** Waits for what is under way. */
  stop(): Promise<void>
}

export interface PassLoopDeps {
  readonly pass: (work: Due, signal: AbortSignal) => Promise<void>
  /** Called before it is due again: a kernel that always fails must not keep the server from hearing so. */
  readonly onFailure: (work: Due, error: unknown, wait: Millis) => void
}

const FIRST_RETRY: Millis = 50
const LAST_RETRY: Millis = 5_000

export function createPassLoop({ pass, onFailure }: PassLoopDeps): PassLoop {
  const over = new AbortController()
  let due = NOTHING_DUE
  let running: Promise<void> | undefined
  let failures = 0
  const retry = createDueTimer(() => wake())

  const wake = (): void => {
    if (over.signal.aborted || running !== undefined) return
    running = passes().finally(() => {
      running = undefined
      // What came after the loop had looked for the last time.
      if (failures === 0 && isDue(due)) wake()
    })
  }

  const passes = async (): Promise<void> => {
    while (isDue(due) && !over.signal.aborted) {
      const work = due
      due = NOTHING_DUE
      try {
        await pass(work, over.signal)
        failures = 0
      } catch (error) {
        if (!over.signal.aborted) failed(work, error)
        return
      }
    }
  }

  const failed = (work: Due, error: unknown): void => {
    const wait = Math.min(LAST_RETRY, FIRST_RETRY * 2 ** failures)
    failures += 1
    onFailure(work, error, wait)
    due = withMore(due, { ...work, answers: [], everything: true, isReshaped: true })
    retry.setIn(wait)
  }

  return {
    add: (more) => {
      due = withMore(due, more)
      wake()
    },
    isCaughtUp: () => !isDue(due),
    stop: async () => {
      over.abort()
      retry.stop()
      await running
    },
  }
}
