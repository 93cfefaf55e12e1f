/**
 * Drift: an enforcement point is not as it was left, and nothing that we know of asked for it. One finding lasts from when
 * it is seen until the point is as it should be again; seeing the same once more is no new finding.
 */
import type { Instant } from '../time.ts'

export interface FoundDrift {
  /** Who, where the platform tells: "process 4711 (nft)". */
  readonly by: readonly string[]
  /** What it would take to put it right, as sentences. */
  readonly steps: readonly string[]
}

export interface Drift extends FoundDrift {
  readonly since: Instant
}

/** Whether something is in it that nobody was told of yet. */
export function isNews(known: Drift | undefined, found: FoundDrift): boolean {
  return known === undefined || found.steps.some((step) => !known.steps.includes(step))
}

/** The finding as it goes on: since it was first seen, with everything that was found since. */
export function driftAfter(known: Drift | undefined, found: FoundDrift, now: Instant): Drift {
  if (known === undefined) return { since: now, ...found }
  const union = (a: readonly string[], b: readonly string[]): string[] => [...new Set([...a, ...b])]
  return {
    since: known.since,
    by: union(known.by, found.by),
    steps: union(known.steps, found.steps).slice(-MOST_STEPS),
  }
}

const MOST_STEPS = 100
