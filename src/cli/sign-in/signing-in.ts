/** What every way of signing in is given. */
import type { Io } from '../io.ts'

export interface SigningIn {
  readonly io: Pick<Io, 'env' | 'now' | 'pause' | 'outside'>
  /** A line for the person, on stderr. */
  readonly say: (line: string) => void
  /** Ctrl-C. */
  readonly signal: AbortSignal
}
