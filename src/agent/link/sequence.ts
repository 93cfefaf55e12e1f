/**
 * Numbers the reports, also over restarts: by what goes back, a cloned key is noticed. Written down rarely, so gaps are left.
 * Throws where no more can be set aside.
 */
import type { StateFolder } from '../state/state-folder.ts'

const BLOCK = 1_000

export function createSequence(files: Pick<StateFolder, 'reserveSequence'>): () => number {
  let [next, end] = [0, 0]
  return () => {
    if (next === end) {
      next = files.reserveSequence(BLOCK)
      end = next + BLOCK
    }
    next += 1
    return next - 1
  }
}
