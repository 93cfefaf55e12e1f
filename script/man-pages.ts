/**
 * Manual pages from the program itself: one for the program, one for each of its commands with what is below it.
 * https://man7.org/linux/man-pages/man7/man-pages.7.html
 */
import type { Command, Option } from 'commander'
import { examplesOf } from '../src/cli/help/examples.ts'
import { EXIT_MEANINGS } from '../src/cli/exit-codes.ts'
import { shownBelow } from '../src/cli/help/shown-commands.ts'
import { globalOptions, moreOf, ownOptions, sentence } from './command-reference.ts'
import type { GeneratedFile } from './generated-files.ts'
import { theProgram } from './the-program.ts'

export function manPages(): GeneratedFile[] {
  const program = theProgram()
  const pages = shownBelow(program).map((command) => ({
    path: `docs/man/sallyport-${command.name()}.1`,
    make: () => commandPage(command),
  }))
  return [{ path: 'docs/man/sallyport.1', make: () => programPage(program) }, ...pages]
}

function programPage(program: Command): string {
  const commands = shownBelow(program)
  return page('sallyport', 'just-in-time network access from the command line', [
    '.SH SYNOPSIS',
    `.B sallyport\n${roff('COMMAND [OPTION…] [ARGUMENT…]')}`,
    '.SH DESCRIPTION',
    roff(program.description()),
    '.SH COMMANDS',
    ...commands.map((command) => tagged(`sallyport-${command.name()}(1)`, sentence(command.description()))),
    '.SH OPTIONS',
    'Every command takes these, before or after its own words.',
    ...globalOptions(program).map(optionText),
    '.SH EXIT STATUS',
    ...EXIT_MEANINGS.map(({ code, meaning }) => tagged(String(code), sentence(meaning))),
    '.SH ENVIRONMENT',
    'SALLYPORT_SERVER, SALLYPORT_TOKEN_FILE, SALLYPORT_TOKEN, SALLYPORT_CONTEXT, SALLYPORT_CA_FILE, SALLYPORT_OUTPUT: as the options of that name. NO_COLOR: no colours.',
    '.SH SEE ALSO',
    commands.map((command) => `.BR sallyport-${roff(command.name())} (1)`).join(',\n'),
  ])
}

function commandPage(command: Command): string {
  const name = `sallyport-${command.name()}`
  return page(name, command.description(), [
    '.SH SYNOPSIS',
    synopses(command, 'sallyport').join('\n.br\n'),
    '.SH DESCRIPTION',
    ...described(command, 'sallyport', false),
    '.SH SEE ALSO',
    '.BR sallyport (1),\nwhich has the options that every command takes, and the exit codes',
  ])
}

function page(name: string, does: string, parts: readonly string[]): string {
  const head = `.TH ${name.toUpperCase().replaceAll('-', '\\-')} 1 "" "Sallyport" "Sallyport manual"`
  return `${[`.\\" Written by npm run generate; a change here is lost.`, head, '.SH NAME', `${roff(name)} \\- ${roff(does)}`, ...parts].join('\n')}\n`
}

function synopses(command: Command, parent: string): string[] {
  const path = `${parent} ${command.name()}`
  const below = shownBelow(command)
  if (below.length > 0) return below.flatMap((one) => synopses(one, path))
  return [`.B ${roff(path)}\n${roff(command.usage().replaceAll(/\s+/g, ' ').trim())}`]
}

function described(command: Command, parent: string, titled: boolean): string[] {
  const path = `${parent} ${command.name()}`
  const below = shownBelow(command)
  return [
    ...(titled ? [`.SS ${roff(path)}`] : []),
    roff(sentence(command.description())),
    ...command.registeredArguments.map((argument) =>
      tagged(argument.name().toUpperCase(), sentence(argument.description)),
    ),
    ...ownOptions(command).map(optionText),
    ...(below.length > 0 ? [] : exampleText(command)),
    ...below.flatMap((one) => described(one, path, true)),
  ]
}

function optionText(option: Option): string {
  return tagged(option.flags, sentence(`${option.description}${moreOf(option)}`))
}

function tagged(tag: string, text: string): string {
  return `.TP\n.B ${roff(tag)}\n${roff(text)}`
}

function exampleText(command: Command): string[] {
  const all = examplesOf(command).map(
    ({ does, line }) => `${roff(sentence(does))}\n.PP\n.nf\n${roff(`    ${line}`)}\n.fi`,
  )
  return all.length === 0 ? [] : ['.PP\nExamples:', ...all.map((text) => `.PP\n${text}`)]
}

/** A backslash and a dot at the start of a line mean something to roff; a hyphen shall stay one when it is copied. */
function roff(text: string): string {
  const escaped = text.replaceAll('\\', '\\e').replaceAll('-', '\\-').replaceAll("'", '\\(aq')
  return /^[.]/.test(escaped) ? `\\&${escaped}` : escaped
}
