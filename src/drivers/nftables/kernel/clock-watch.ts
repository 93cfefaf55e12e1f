/** Tells when the clock moved against the kernel's timers: a step of the clock, or a machine that was paused. */
import type { Millis } from '../../../domain/time.ts'
import { CLOCK_TOLERANCE } from '../kernel-view.ts'

const EVERY: Millis = 1000

/** `offset`: the clock minus the process's time. Returns how to stop. */
export function watchClock(offset: () => Millis, onMove: (moved: Millis) => void): () => void {
  let last = offset()
  const timer = setInterval(() => {
    const moved = Math.round(offset() - last)
    last = offset()
    if (Math.abs(moved) > CLOCK_TOLERANCE) onMove(moved)
  }, EVERY)
  timer.unref()
  return () => clearInterval(timer)
}
