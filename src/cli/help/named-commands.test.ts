import { Command } from 'commander'
import { expect, test } from 'vitest'
import { addNamed, type Buildable } from './named-commands.ts'

const ALL: readonly Buildable<undefined>[] = [
  { name: 'fruit', alias: 'f', add: (program) => void program.command('fruit').alias('f').description('apples') },
  { name: 'stone', add: (program) => void program.command('stone').description('granite') },
]

function built(words?: readonly string[]): string[] {
  const program = new Command()
  addNamed(program, ALL, { parts: undefined, words })
  expect(program.commands.map((command) => [command.name(), command.alias()])).toEqual([
    ['fruit', 'f'],
    ['stone', undefined],
  ])
  return program.commands.filter((command) => command.description() !== '').map((command) => command.name())
}

test('only the command that is named is built, wherever it stands and by either name', () => {
  expect(built(['stone', 'throw'])).toEqual(['stone'])
  expect(built(['--colour', 'grey', 'f'])).toEqual(['fruit'])
})

test('everything is built for who names nothing, asks for help or completes', () => {
  for (const words of [undefined, [], ['stoen'], ['stone', '-h'], ['--help', 'fruit'], ['help', 'stone']])
    expect(built(words)).toEqual(['fruit', 'stone'])
  expect(built(['__complete', '--', 'stone'])).toEqual(['fruit', 'stone'])
})
