/** Numbers the reports, also over restarts: by what goes back, a cloned key is noticed. Written down rarely, so gaps are left. */
import type { StateFolder } from './state-folder.ts'

const BLOCK = 1_000

export function createSequence(files: Pick<StateFolder, 'reserveSequence'>): () => number {
  let next = files.reserveSequence(BLOCK)
  let end = next + BLOCK
  return () => {
    if (next === end) {
      next = files.reserveSequence(BLOCK)
      end = next + BLOCK
    }
    next += 1
    return next - 1
  }
}
