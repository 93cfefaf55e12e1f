/**
 * Asks before something changes, on a terminal. Without one the command line is the decision: a script that does not
 * want the change says `--dry-run`. A person who would not see the question is not taken for a script.
 */
import { EXIT } from './exit-codes.ts'
import { Failure, usageFailure } from './failure.ts'
import type { Io } from './io.ts'

export interface Asking {
  readonly stdin: Pick<Io['stdin'], 'isTerminal' | 'ask'>
  readonly stderr: Pick<Io['stderr'], 'isTerminal'>
}

export async function confirm({ stdin, stderr }: Asking, question: string): Promise<void> {
  if (!stdin.isTerminal) return
  if (!stderr.isTerminal) {
    throw usageFailure(
      `'${question}' cannot be asked, because standard error goes elsewhere; nothing was changed`,
      '--yes, or the same command with standard error on the terminal',
    )
  }
  const answer = await stdin.ask(`${question} [y/N] `)
  if (/^y(?:es)?$/i.test((answer ?? '').trim())) return
  throw new Failure(EXIT.interrupted, 'nothing was changed')
}
