/**
 * What others did to the host's rules, and who was cut off, while nobody listened: kept until somebody does, for it belongs
 * on record. Of what piles up for days only the newest is kept.
 */
import type { Seen } from './teller.ts'

const MOST = 1_000

/** `tell` says whether anybody listened. */
export function keepUntold(tell: (seen: Seen) => boolean): (seen: Seen) => void {
  let waiting: Pick<Seen, 'drift' | 'cut'> = { drift: [], cut: [] }
  return (seen) => {
    const drift = [...waiting.drift, ...seen.drift].slice(-MOST)
    const cut = [...waiting.cut, ...seen.cut].slice(-MOST)
    waiting = tell({ ...seen, drift, cut }) ? { drift: [], cut: [] } : { drift, cut }
  }
}
