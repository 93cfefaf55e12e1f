/** `help request create`: commander's own help command looks only one level deep. */
import type { Command } from 'commander'
import { withExamples } from './examples.ts'
import { usageFailure } from './failure.ts'
import { completeOptions } from './global-options.ts'

export function addHelp(program: Command): void {
  const help = program
    .helpCommand(false)
    .command('help')
    .description('show help for a command')
    .argument('[command...]', 'such as request create')
  withExamples(help, [{ does: 'how do I ask for access?', line: 'sallyport help request create' }])
  help.action((path: readonly string[]) => commandAt(program, path).outputHelp())
}

function commandAt(program: Command, path: readonly string[]): Command {
  return path.reduce((parent, name) => {
    const found = parent.commands.find((command) => command.name() === name || command.aliases().includes(name))
    if (found === undefined) throw usageFailure(`there is no command '${path.join(' ')}'`, 'sallyport help')
    completeOptions(found)
    return found
  }, program)
}
