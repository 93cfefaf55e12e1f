/** What is called otherwise in other programs (az, kubectl, gh): a command or an option that somebody typed and that is not there. Reads only. */
import type { Command } from 'commander'
import { completeOptions } from '../options/global-options.ts'
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

const MEANT_OPTIONS: Readonly<Record<string, readonly string[]>> = {
  '--cidr': ['--from'],
  '--dry-run': ['--check'],
  '--duration': ['--for'],
  '--force': ['--yes'],
  '--format': ['--output'],
  '--json': ['--output'],
  '--limit': ['--top'],
  '--max-items': ['--top'],
  '--name': ['--machine'],
  '--reason': ['--justification'],
  '--source': ['--from'],
  '--source-ip': ['--from'],
  '--ttl': ['--for'],
  '--vm': ['--machine'],
  '-L': ['--top'],
  '-n': ['--top', '--machine'],
}

/** What elsewhere is said by an option, and here by the word itself. */
const OF_THE_MACHINE = new Set(['--machine', '--name', '--vm', '-m', '-n'])

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

/** An option of the command that is named whole. */
export function otherOption(program: Command, args: readonly string[]): OtherWords | undefined {
  const dashes = args.flatMap((arg) => (arg.startsWith('-') ? [arg.split('=')[0] ?? arg] : []))
  const elsewhere = dashes.filter((name) => Object.hasOwn(MEANT_OPTIONS, name) || OF_THE_MACHINE.has(name))
  if (elsewhere.length === 0) return undefined
  const below = namedBy(program, args)
  completeOptions(below)
  const unknown = elsewhere.find((name) => !below.options.some(({ long, short }) => long === name || short === name))
  if (unknown === undefined) return undefined
  const meant = Object.hasOwn(MEANT_OPTIONS, unknown) ? (MEANT_OPTIONS[unknown] ?? []) : []
  const [option] = meant.flatMap((name) => below.options.filter(({ long }) => long === name))
  if (option !== undefined) return { below, lines: [option.flags] }
  const isArgument = OF_THE_MACHINE.has(unknown) && below.registeredArguments.some((one) => one.name() === 'machine')
  return isArgument ? { below, lines: [`${lineOf(below)} ${below.usage()}`] } : undefined
}

function namedBy(program: Command, args: readonly string[]): Command {
  let below = program
  for (const word of args.filter((arg) => !arg.startsWith('-'))) {
    const next = below.commands.find((command) => command.name() === word || command.aliases().includes(word))
    if (next === undefined) break
    below = next
  }
  return below
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
