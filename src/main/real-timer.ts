/** The timer of a running server; tests and the simulation own theirs. */
import { setTimeout as pause } from 'node:timers/promises'
import type { Timer } from '../app/convergence/reconciler.ts'

export const REAL_TIMER: Timer = {
  async sleep(millis, signal) {
    await pause(millis, undefined, { signal }).catch(() => {}) // waking early is what the signal is for
  },
}
