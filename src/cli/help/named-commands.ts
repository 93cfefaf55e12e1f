/**
 * Adds commands to a program. Of a command line it builds only the commands that are named in it; the others get their
 * names, by which a typo is still mended. A word that is a command's name by chance costs the time of building that one.
 */
import type { Command } from 'commander'
import { ASK } from '../completion/shell-scripts.ts'

/** A command with everything below it. */
export interface Buildable<In> {
  readonly name: string
  readonly alias?: string
  readonly add: (program: Command, parts: In) => void
}

/** These look at the others. */
const LOOKING_AROUND: readonly string[] = ['help', '-h', '--help', ASK]

/** Without `words`, or where they name nothing, everything is built. */
export function addNamed<In>(
  program: Command,
  all: readonly Buildable<In>[],
  { parts, words }: { readonly parts: In; readonly words: readonly string[] | undefined },
): void {
  const said = new Set(words)
  const isNamed = ({ name, alias }: Buildable<In>): boolean =>
    said.has(name) || (alias !== undefined && said.has(alias))
  const isWhole = LOOKING_AROUND.some((word) => said.has(word)) || !all.some(isNamed)
  for (const one of all) {
    if (isWhole || isNamed(one)) one.add(program, parts)
    else addName(program, one)
  }
}

function addName(program: Command, { name, alias }: Pick<Buildable<never>, 'name' | 'alias'>): void {
  const command = program.createCommand(name)
  if (alias !== undefined) command.alias(alias)
  program.addCommand(command)
}
