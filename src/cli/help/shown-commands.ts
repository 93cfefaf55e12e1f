/** The commands below one that people are told of; not those that only other programs call, nor `help` in each group. */
import type { Command } from 'commander'

export function shownBelow(command: Command): Command[] {
  const visible = new Set(command.createHelp().visibleCommands(command))
  return command.commands.filter((below) => visible.has(below))
}
