/**
 * Drift: an enforcement point is not as it was left, and nothing that we know of asked for it. One finding lasts from when
 * it is seen until the point is as it should be again; seeing the same once more is no new finding.
 */
import type { Sentence } from '../sentence.ts'
import type { Instant } from '../time.ts'

export interface FoundDrift {
  /** Who, where the platform tells: "process 4711 (nft)". */
  readonly by: readonly string[]
  /** What it would take to put it right. */
  readonly steps: readonly Sentence[]
}

export interface Drift extends FoundDrift {
  readonly since: Instant
}

/** Whether something is in it that nobody was told of yet. */
export function isNews(known: Drift | undefined, found: FoundDrift): boolean {
  return known === undefined || newSteps(known, found).length > 0
}

/** The finding as it goes on: since it was first seen, with everything that was found since. */
export function driftAfter(known: Drift | undefined, found: FoundDrift, now: Instant): Drift {
  if (known === undefined) return { since: now, ...found }
  return {
    since: known.since,
    by: [...new Set([...known.by, ...found.by])],
    steps: [...known.steps, ...newSteps(known, found)].slice(-MOST_STEPS),
  }
}

function newSteps(known: FoundDrift, found: FoundDrift): Sentence[] {
  const told = new Set(known.steps.map(({ text }) => text))
  return found.steps.filter(({ text }) => !told.has(text))
}

/** As it was kept: once the sentences alone. */
export function driftOnRecord(kept: KeptDrift): Drift {
  return { ...kept, steps: kept.steps.map((step) => (typeof step === 'string' ? { text: step } : step)) }
}

export type KeptDrift = Omit<Drift, 'steps'> & { readonly steps: readonly (string | Sentence)[] }

const MOST_STEPS = 100
