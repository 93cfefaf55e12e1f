/**
 * Waits until the server's observation says that something is done. A server that is away for a moment is asked again;
 * Ctrl-C ends the waiting, never the request.
 */
import type { Instant, Millis } from '../../domain/time.ts'
import { EXIT } from '../exit-codes.ts'
import { Failure } from '../failure.ts'
import type { Io } from '../io.ts'
import { startProgress } from '../show/progress.ts'

export interface Waiting<T> {
  readonly io: Io
  readonly deadline: Instant
  readonly signal: AbortSignal
  readonly first: T
  readonly again: (signal: AbortSignal) => Promise<T>
  readonly isDone: (seen: T) => boolean
  /** "waiting for 22 on web1 to open": shown while it is not done. */
  readonly describe: (seen: T) => string
}

export interface Waited<T> {
  readonly seen: T
  readonly ended: 'done' | 'timed out' | 'interrupted'
}

const FIRST_PAUSE: Millis = 50
const LONGEST_PAUSE: Millis = 1_000

export async function waitFor<T>({
  io,
  deadline,
  signal,
  first,
  again,
  isDone,
  describe,
}: Waiting<T>): Promise<Waited<T>> {
  const progress = startProgress(io)
  let seen = first
  let pause = FIRST_PAUSE
  try {
    while (!isDone(seen)) {
      if (signal.aborted) return { seen, ended: 'interrupted' }
      if (io.now() >= deadline) return { seen, ended: 'timed out' }
      progress.update(describe(seen))
      await io.pause(Math.min(pause, Math.max(1, deadline - io.now())), signal)
      pause = Math.min(pause * 2, LONGEST_PAUSE)
      seen = (await askAgain(again, signal)) ?? seen
    }
    return { seen, ended: 'done' }
  } finally {
    progress.stop()
  }
}

/** Undefined when there was no answer this time. */
async function askAgain<T>(again: Waiting<T>['again'], signal: AbortSignal): Promise<T | undefined> {
  try {
    return await again(signal)
  } catch (error) {
    if (signal.aborted || (error instanceof Failure && error.exit === EXIT.server)) return undefined
    throw error
  }
}

/**
 * Runs `work` with a signal that Ctrl-C aborts, instead of dying in the middle of it. Pressed again it ends the program
 * as everywhere else: what does not heed the signal keeps nobody waiting.
 */
export async function interruptible<T>(io: Io, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const interrupted = new AbortController()
  const stop = io.onInterrupt(() => {
    stop()
    interrupted.abort()
  })
  try {
    return await work(interrupted.signal)
  } finally {
    stop()
  }
}
