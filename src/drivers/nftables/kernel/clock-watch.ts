/** Tells when the clock moved against the kernel's timers: a step of the clock, a slew, or a machine that stood still. */
import { SECOND, type Millis } from '../../../domain/time.ts'
import { CLOCK_TOLERANCE } from '../kernel-view.ts'

/** `offset`: the clock minus the process's time. Returns how to stop. */
export function watchClock(offset: () => Millis, onMove: (moved: Millis) => void, every: Millis = SECOND): () => void {
  let told = offset()
  const timer = setInterval(() => {
    const moved = Math.round(offset() - told)
    // What is less adds up.
    if (Math.abs(moved) <= CLOCK_TOLERANCE) return
    told += moved
    onMove(moved)
  }, every)
  timer.unref()
  return () => clearInterval(timer)
}
