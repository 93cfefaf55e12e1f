/** What may come at the end of an unfinished command line. Pure: it knows the program, not the server. */
import type { Argument, Command, Option } from 'commander'
import { completeOptions } from '../options/global-options.ts'
import { shownBelow } from '../help/shown-commands.ts'

export interface Candidate {
  readonly text: string
  readonly does: string
}

/** Names are the server's to tell; `before` is what is typed before one: `ada@`, `--machine=`. */
export type Next =
  | { readonly kind: 'words'; readonly words: readonly Candidate[] }
  | { readonly kind: 'names'; readonly noun: Noun; readonly command: Command; readonly before?: string }
  | { readonly kind: 'files' }
  | { readonly kind: 'nothing' }

const NOUNS = ['machine', 'host', 'policy', 'request', 'user', 'group', 'service-principal', 'role', 'context'] as const
export type Noun = (typeof NOUNS)[number]

/** `words` are what is typed so far, without the program's name; the last one is unfinished, and may be empty. */
export function whatsNext(program: Command, words: readonly string[]): Next {
  const typed = words.slice(0, -1)
  const unfinished = words.at(-1) ?? ''
  const place = walk(program, typed)
  if (place.pending !== undefined) return nextOfOption(place.pending, place.command)
  if (unfinished.startsWith('-') && !place.isPastOptions) return nextOfDashes(place.command, unfinished)
  const below = shownBelow(place.command)
  if (below.length > 0 && place.operands === 0) {
    return { kind: 'words', words: below.map((command) => ({ text: command.name(), does: command.description() })) }
  }
  return nextOfArgument(place, unfinished)
}

interface Place {
  readonly command: Command
  /** The option whose value comes next. */
  readonly pending: Option | undefined
  readonly operands: number
  readonly isPastOptions: boolean
}

function walk(program: Command, typed: readonly string[]): Place {
  let command = program
  let pending: Option | undefined
  let operands = 0
  let isPastOptions = false
  for (const word of typed) {
    if (pending !== undefined) {
      command.setOptionValue(pending.attributeName(), word)
      pending = undefined
    } else if (word === '--') isPastOptions = true
    else if (word.startsWith('-') && !isPastOptions) {
      const { name, value } = withValue(word)
      pending = takingValue(command, name)
      if (pending === undefined || value === undefined) continue
      command.setOptionValue(pending.attributeName(), value)
      pending = undefined
    } else {
      const below = operands === 0 ? childOf(command, word) : undefined
      if (below === undefined) operands++
      else command = below
      completeOptions(command)
    }
  }
  return { command, pending, operands, isPastOptions }
}

/** `--server=URL` brings its value along. */
function withValue(word: string): { readonly name: string; readonly value?: string } {
  const at = word.startsWith('--') ? word.indexOf('=') : -1
  return at < 0 ? { name: word } : { name: word.slice(0, at), value: word.slice(at + 1) }
}

function nextOfDashes(command: Command, unfinished: string): Next {
  const { name, value } = withValue(unfinished)
  if (value === undefined) return { kind: 'words', words: optionsAt(command) }
  const option = takingValue(command, name)
  return option === undefined ? { kind: 'nothing' } : behind(`${name}=`, nextOfOption(option, command))
}

function behind(before: string, next: Next): Next {
  if (next.kind === 'names') return { ...next, before }
  if (next.kind !== 'words') return next
  return { kind: 'words', words: next.words.map(({ text, does }) => ({ text: `${before}${text}`, does })) }
}

function takingValue(command: Command, word: string): Option | undefined {
  const option = command.options.find(({ long, short }) => long === word || short === word)
  return option !== undefined && (option.required || option.optional) ? option : undefined
}

function childOf(command: Command, word: string): Command | undefined {
  return command.commands.find((below) => below.name() === word || below.aliases().includes(word))
}

function optionsAt(command: Command): Candidate[] {
  const shown = command.createHelp().visibleOptions(command)
  return shown.map(({ long, short, description }) => ({ text: long ?? short ?? '', does: description }))
}

function nextOfOption({ argChoices, long = '' }: Option, command: Command): Next {
  if (argChoices !== undefined) return wordsOf(argChoices)
  const noun = nounOf((long ?? '').slice(2))
  if (noun !== undefined) return { kind: 'names', noun, command }
  return /file|dir|data|key|certificate|checkpoints/.test(long ?? '') ? { kind: 'files' } : { kind: 'nothing' }
}

function wordsOf(choices: readonly string[]): Next {
  return { kind: 'words', words: choices.map((text) => ({ text, does: '' })) }
}

const USER = '[user@]'

function nextOfArgument({ command, operands }: Place, unfinished: string): Next {
  const argument = argumentAt(command.registeredArguments, operands)
  if (argument === undefined) return { kind: 'nothing' }
  if (argument.argChoices !== undefined) return wordsOf(argument.argChoices)
  const noun = nounOf(argument.name().replace(USER, ''))
  const before = argument.name().startsWith(USER) ? unfinished.slice(0, unfinished.lastIndexOf('@') + 1) : ''
  if (noun !== undefined) return { kind: 'names', noun, command, before }
  return argument.name() === 'file' || argument.name() === 'arguments' ? { kind: 'files' } : { kind: 'nothing' }
}

/** The last one may be as many as are typed. */
function argumentAt(all: readonly Argument[], operands: number): Argument | undefined {
  const last = all.at(-1)
  return all[operands] ?? (last?.variadic === true ? last : undefined)
}

function nounOf(name: string): Noun | undefined {
  return NOUNS.find((noun) => noun === (name === 'gateway' ? 'host' : name))
}
