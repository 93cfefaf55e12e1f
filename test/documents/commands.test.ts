import { Option, type Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { theProgram } from '../../script/the-program.ts'
import { readPages, type Page } from './pages.ts'

const SHELLS = ['sh', 'console', 'yaml', 'hcl']
/** Whatever stands before a command in a shell, a workflow or a table. */
const BEFORE = /(?:^|[|;&({"]|[$#] |run: |sudo )\s*(?:bin\/)?sallyport (?!development)/

interface Shown {
  readonly path: string
  readonly line: string
}

/** Each command line of `sallyport` that a page shows: in a block of shell, or in passing between backticks. */
function shownIn({ path, prose, blocks }: Page): Shown[] {
  const inBlocks = blocks.filter(({ language }) => SHELLS.includes(language)).flatMap(({ lines }) => lines)
  const inPassing = [...prose.matchAll(/`(sallyport [^`]+)`/g)].map(([, text = '']) => text)
  return [...inBlocks, ...inPassing].flatMap((text) =>
    text
      .split(BEFORE)
      .slice(1)
      .map((line) => ({ path, line: line.split(/\s[|;&#>]|[`"]$|\)"/)[0] ?? '' })),
  )
}

/** What is wrong with a command line: a command or an option that the program does not have. */
function faultIn(line: string, program: Command): string | undefined {
  let command = program
  let isValue = false
  for (const word of line.trim().split(/\s+/)) {
    const flag: string | undefined = isValue ? undefined : /^--?[a-zA-Z][\w-]*/.exec(word)?.[0]
    const below = isValue || flag !== undefined ? undefined : commandBelow(command, word)
    const option: Option | undefined = flag === undefined ? undefined : optionOf(command, flag)
    if (word === '--' || word === '…' || (passesOn(command) && below === undefined)) return undefined
    if (flag !== undefined && option === undefined) return `'${pathOf(command)}' has no option ${flag}`
    if (below === undefined && !isValue && isVerb(word) && isNoun(command))
      return `'${pathOf(command)}' has no command ${word}`
    command = below ?? command
    isValue = option !== undefined && (option.required || option.optional) && !word.includes('=')
  }
  return undefined
}

function commandBelow(command: Command, word: string): Command | undefined {
  return command.commands.find((one) => one.name() === word || one.aliases().includes(word))
}

/** Not NAME, not `show|remove`, not `1111…`. */
function isVerb(word: string): boolean {
  return /^[a-z][a-z-]+$/.test(word)
}

/** One that does nothing by itself. */
function isNoun({ commands, registeredArguments }: Command): boolean {
  return commands.length > 0 && registeredArguments.length === 0
}

/** Options of another program may stand among its own. */
function passesOn(command: Command): boolean {
  return ['sallyport ssh', 'sallyport scp', 'sallyport rdp', 'sallyport winrm'].includes(pathOf(command))
}

function optionOf(command: Command | null, flag: string): Option | undefined {
  if (command === null) return flag === '--help' || flag === '-h' ? new Option('-h, --help') : undefined
  return command.options.find(({ short, long }) => short === flag || long === flag) ?? optionOf(command.parent, flag)
}

function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`
}

describe('a command that a document shows', () => {
  const program = theProgram()

  it('is one that the program has, with options that it takes', () => {
    const shown = readPages().flatMap(shownIn)
    expect(shown.length).toBeGreaterThan(200)
    const faults = shown.flatMap(({ path, line }) => {
      const fault = faultIn(line, program)
      return fault === undefined ? [] : [`${path}: sallyport ${line}: ${fault}`]
    })
    expect(faults).toEqual([])
  })

  it.each([
    ['host shwo web1', "'sallyport host' has no command shwo"],
    ['request create web1 --fro me', "'sallyport request create' has no option --fro"],
    ['polcy list', "'sallyport' has no command polcy"],
  ])('would be found if it were %s', (line, fault) => {
    expect(faultIn(line, program)).toBe(fault)
  })
})
