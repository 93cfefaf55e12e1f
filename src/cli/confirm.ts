/**
 * Asks before something changes, on a terminal. Without one the command line is the decision: a script that does not
 * want the change says `--dry-run`.
 */
import { EXIT } from './exit-codes.ts'
import { Failure } from './failure.ts'
import type { Io } from './io.ts'

export async function confirm(io: Io, question: string): Promise<void> {
  if (!io.stdin.isTerminal || !io.stderr.isTerminal) return
  const answer = await io.stdin.ask(`${question} [y/N] `)
  if (/^y(?:es)?$/i.test((answer ?? '').trim())) return
  throw new Failure(EXIT.interrupted, 'nothing was changed')
}
