/** The examples at the end of a command's help. */
import type { Command } from 'commander'

export interface Example {
  readonly does: string
  readonly line: string
}

export function withExamples(command: Command, examples: readonly Example[]): Command {
  const lines = examples.map(({ does, line }) => `  # ${does}\n  $ ${line}`)
  return command.addHelpText('after', `\nExamples:\n${lines.join('\n')}\n\nExit codes: sallyport --help`)
}
