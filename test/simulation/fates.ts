/** What may befall one call to the store or a driver. Chosen from the seed, only while trouble is wanted. */
import type { Random } from './random.ts'
import type { Fault } from '../support/with-faults.ts'

export type Fate =
  | 'well'
  /** The process dies before anything happens. */
  | 'crash before'
  /** The process dies in the middle of a transaction. */
  | 'crash inside'
  /** It is done, and the process dies before it learns so. */
  | 'crash after'
  /** The store says no; nothing changed. */
  | 'store fails'
  /** Others run before the answer arrives. */
  | 'late answer'

export interface Fates {
  /** False in calm times. */
  trouble: boolean
  store(kind: 'read' | 'transaction' | 'claim'): Fate
  driver(operation: 'observe' | 'apply'): Fate
  fault(operation: 'observe' | 'apply'): Fault | undefined
}

/** Every run has its own mood: some see mostly crashes, some mostly failing drivers. */
export function chooseFates(random: Random): Fates {
  const crash = random.pick([0, 0.01, 0.04])
  const failing = random.pick([0, 0.05, 0.15])
  const late = random.pick([0.1, 0.3])
  const crashing = (): Fate => random.pick(['crash before', 'crash inside', 'crash after'])
  const fates: Fates = {
    trouble: true,
    store(kind) {
      if (!fates.trouble) return 'well'
      if (random.chance(crash)) return crashing()
      if (random.chance(failing / 4)) return 'store fails'
      return kind !== 'read' && random.chance(late) ? 'late answer' : 'well'
    },
    driver(operation) {
      if (!fates.trouble) return 'well'
      if (random.chance(operation === 'apply' ? crash * 4 : crash)) return crashing()
      return random.chance(late) ? 'late answer' : 'well'
    },
    fault(operation) {
      if (!fates.trouble || !random.chance(failing * (operation === 'apply' ? 2 : 1))) return undefined
      const kind = random.pick(['error before effect', 'error after effect', 'lost answer', 'slow'] as const)
      return kind === 'slow' ? { kind, millis: random.pick([50, 3_000, 9_000, 15_000]) } : { kind }
    },
  }
  return fates
}
