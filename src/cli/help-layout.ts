/** How help is laid out: in two columns where there is room, what a word does below it on a narrow terminal. */
import { Help, type Command, type HelpConfiguration } from 'commander'
import { wrapTo } from './text-width.ts'

/** Columns in which it is still worth standing beside the word. */
const NARROWEST = 28
const MARGIN = 2
const GAP = 2
const BELOW = ' '.repeat(6)
/** Commander's own for what is no terminal. */
const USUAL_WIDTH = 80

export const HELP_LAYOUT: HelpConfiguration = {
  minWidthToWrap: 16,
  subcommandTerm: shortTerm,
  formatItem(term, termWidth, description, helper) {
    const width = helper.helpWidth ?? USUAL_WIDTH
    if (description === '' || width - termWidth - MARGIN - GAP >= NARROWEST)
      return Help.prototype.formatItem.call(helper, term, termWidth, description, helper)
    const lines = wrapTo(description, Math.max(NARROWEST, width - BELOW.length))
    return [`${' '.repeat(MARGIN)}${term}`, ...lines.map((line) => `${BELOW}${line}`)].join('\n')
  },
}

/** In a list of commands their arguments would leave no room for what they do; their own help has them. */
function shortTerm(command: Command): string {
  return [command.name(), ...command.aliases().slice(0, 1)].join('|')
}
