/** What time it is. */
import type { Instant } from '../../domain/time.ts'

export interface Clock {
  /** Never goes back within a process, whatever the wall clock does: a hole may close early, never late. */
  now(): Instant
}
