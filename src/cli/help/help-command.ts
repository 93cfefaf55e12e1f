/** `help request create`: commander's own help command looks only one level deep. And `version`, which is an option here. */
import type { Command } from 'commander'
import { withExamples } from './examples.ts'
import { usageFailure, type Failure } from '../failure.ts'
import { shownBelow } from './shown-commands.ts'
import { similarTo } from '../names/similar.ts'
import { completeOptions } from '../options/global-options.ts'

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
    if (found === undefined) throw unknown(path, name, parent)
    completeOptions(found)
    return found
  }, program)
}

function unknown(path: readonly string[], name: string, parent: Command): Failure {
  const meant = similarTo(
    name,
    shownBelow(parent).map((command) => command.name()),
  )
  const hint = meant.length === 0 ? '' : `; did you mean ${meant.join(', ')}?`
  return usageFailure(`there is no command '${path.join(' ')}'${hint}`, 'sallyport help')
}

/** What fingers type that know other programs. */
export function addVersion(program: Command, version: string, write: (text: string) => void): void {
  program.command('version', { hidden: true }).action(() => write(`${version}\n`))
}
