/**
 * How help is laid out: what a command does and takes before what every command takes; in two columns where there is room,
 * what a word does below it on a narrow terminal.
 */
import { Help, type Command, type HelpConfiguration } from 'commander'
import { GLOBAL_OPTIONS } from '../options/global-options.ts'
import { wrapTo } from '../show/text-width.ts'

/** Columns in which it is still worth standing beside the word. */
const NARROWEST = 28
const MARGIN = 2
const GAP = 2
const BELOW = ' '.repeat(6)
/** Commander's own for what is no terminal. */
const USUAL_WIDTH = 80

export const HELP_LAYOUT: HelpConfiguration = {
  minWidthToWrap: 16,
  formatHelp: (command, helper) => inOrder(Help.prototype.formatHelp.call(helper, command, helper)),
  subcommandTerm: shortTerm,
  formatItem(term, termWidth, description, helper) {
    const width = helper.helpWidth ?? USUAL_WIDTH
    if (description === '' || width - termWidth - MARGIN - GAP >= NARROWEST)
      return Help.prototype.formatItem.call(helper, term, termWidth, description, helper)
    const lines = wrapTo(description, Math.max(NARROWEST, width - BELOW.length))
    return [`${' '.repeat(MARGIN)}${term}`, ...lines.map((line) => `${BELOW}${line}`)].join('\n')
  },
}

/** What is a command's own comes first, what every command takes last. */
const ORDER = ['Arguments:', 'Commands:', 'Options:', GLOBAL_OPTIONS]

/** Parts stand apart by an empty line, and begin with their title; usage and description have none. */
function inOrder(help: string): string {
  const parts = help.trimEnd().split('\n\n')
  const place = (part: string): number => ORDER.indexOf(part.split('\n', 1)[0] ?? '')
  return `${parts.toSorted((a, b) => place(a) - place(b)).join('\n\n')}\n`
}

/** In a list of commands their arguments would leave no room for what they do; their own help has them. */
function shortTerm(command: Command): string {
  return [command.name(), ...command.aliases().slice(0, 1)].join('|')
}
