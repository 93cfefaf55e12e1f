/** `docs/reference/commands.md`: every command, from the program itself. */
import type { Argument, Command, Option } from 'commander'
import { examplesOf } from '../src/cli/help/examples.ts'
import { shownBelow } from '../src/cli/help/shown-commands.ts'
import { theProgram } from './the-program.ts'

const GLOBAL = 'Global options:'

export function commandReference(): string {
  const program = theProgram()
  const parts = [
    '# Commands',
    'Written from the program itself; `sallyport help COMMAND` says the same in a terminal, and `man sallyport` where the manual pages are installed.',
    'Exit codes are in [exit-codes.md](exit-codes.md), what `-o json` prints in [cli-output.md](cli-output.md).',
    '## Every command takes',
    optionTable(globalOptions(program)),
    ...shownBelow(program).flatMap((command) => sections(command, 'sallyport', 2)),
  ]
  return `${parts.join('\n\n')}\n`
}

function sections(command: Command, parent: string, level: number): string[] {
  const path = `${parent} ${command.name()}`
  const aliases = command.aliases().map((alias) => `\`${parent} ${alias}\``)
  const own = ownOptions(command)
  return [
    `${'#'.repeat(level)} ${path}`,
    `${sentence(command.description())}${aliases.length > 0 ? ` Also ${aliases.join(', ')}.` : ''}`,
    ...(shownBelow(command).length > 0 ? [] : [`\`\`\`text\n${path} ${usageOf(command)}\n\`\`\``]),
    ...(command.registeredArguments.length > 0 ? [argumentTable(command.registeredArguments)] : []),
    ...(own.length > 0 ? [optionTable(own)] : []),
    ...examples(command),
    ...shownBelow(command).flatMap((below) => sections(below, path, Math.min(level + 1, 4))),
  ]
}

function usageOf(command: Command): string {
  return command.usage().replaceAll(/\s+/g, ' ').trim()
}

export function globalOptions(program: Command): Option[] {
  return program.options.filter(({ helpGroupHeading }) => helpGroupHeading === GLOBAL)
}

export function ownOptions(command: Command): Option[] {
  return command.options.filter(({ hidden, helpGroupHeading }) => !hidden && helpGroupHeading !== GLOBAL)
}

function argumentTable(all: readonly Argument[]): string {
  const rows = all.map((argument) => `| \`${argument.name()}\` | ${cell(argument.description)} |`)
  return ['| argument | |', '|---|---|', ...rows].join('\n')
}

function optionTable(options: readonly Option[]): string {
  const rows = options.map((option) => `| \`${cell(option.flags)}\` | ${cell(option.description)}${moreOf(option)} |`)
  return ['| option | |', '|---|---|', ...rows].join('\n')
}

export function moreOf({ argChoices, defaultValue, defaultValueDescription }: Option): string {
  const choices = argChoices === undefined ? [] : [`one of ${argChoices.join(', ')}`]
  const isTold = typeof defaultValue === 'string' || typeof defaultValue === 'number'
  const more = [...choices, ...(isTold ? [`default ${defaultValueDescription ?? defaultValue}`] : [])]
  return more.length === 0 ? '' : ` (${more.join('; ')})`
}

function examples(command: Command): string[] {
  const all = examplesOf(command)
  if (all.length === 0) return []
  return [`\`\`\`sh\n${all.map(({ does, line }) => `# ${does}\n${line}`).join('\n\n')}\n\`\`\``]
}

export function sentence(text: string): string {
  const first = text.charAt(0).toUpperCase() + text.slice(1)
  return /[.!?]$/.test(first) ? first : `${first}.`
}

/** A bar would end the cell. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}
