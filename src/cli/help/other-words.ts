/** What is called otherwise in other programs (az, kubectl, gh): a command that somebody typed and that is not there. Reads only. */
import type { Command } from 'commander'
import { shownBelow } from './shown-commands.ts'

const MEANT: Readonly<Record<string, readonly string[]>> = {
  add: ['create', 'set', 'enroll'],
  cancel: ['close', 'end'],
  create: ['enroll', 'set'],
  delete: ['remove', 'delete'],
  describe: ['show'],
  get: ['show'],
  new: ['create', 'enroll'],
  open: ['create'],
  remove: ['delete'],
  revoke: ['close'],
  rm: ['delete'],
  start: ['create'],
  stop: ['close'],
  update: ['set', 'edit'],
}

/** More of them help nobody. */
const MOST = 4

export interface OtherWords {
  /** Below which the word is not there. */
  readonly below: Command
  /** Whole, as they are typed. */
  readonly lines: readonly string[]
}

export function otherWords(program: Command, args: readonly string[]): OtherWords | undefined {
  const words = args.filter((arg) => !arg.startsWith('-'))
  let below = program
  for (const word of words) {
    const next = below.commands.find((command) => command.name() === word || command.aliases().includes(word))
    if (next === undefined) return linesFor(word, below)
    below = next
  }
  return undefined
}

function linesFor(word: string, below: Command): OtherWords | undefined {
  const here = called(word, below)
  const found = here.length > 0 ? here : shownBelow(below).flatMap((group) => called(word, group))
  return found.length === 0 || found.length > MOST ? undefined : { below, lines: found.map(lineOf) }
}

/** `add` is `add-secret` too. */
function called(word: string, group: Command): Command[] {
  const names = [word, ...(Object.hasOwn(MEANT, word) ? (MEANT[word] ?? []) : [])]
  return shownBelow(group).filter((command) => names.includes(command.name()) || command.name().startsWith(`${word}-`))
}

function lineOf(command: Command): string {
  return command.parent === null ? command.name() : `${lineOf(command.parent)} ${command.name()}`
}
