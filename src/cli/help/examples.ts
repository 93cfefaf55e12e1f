/** The examples of a command: at the end of its help, in its manual page and in the reference, from one place. */
import type { Command } from 'commander'

export interface Example {
  readonly does: string
  readonly line: string
}

const EXAMPLES = new WeakMap<Command, readonly Example[]>()

export function withExamples(command: Command, examples: readonly Example[]): Command {
  EXAMPLES.set(command, examples)
  const lines = examples.map(({ does, line }) => `  # ${does}\n  $ ${line}`)
  return command.addHelpText('after', `\nExamples:\n${lines.join('\n')}\n\nExit codes: sallyport --help`)
}

export function examplesOf(command: Command): readonly Example[] {
  return EXAMPLES.get(command) ?? []
}
