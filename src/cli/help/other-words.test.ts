import { expect, test } from 'vitest'
import { ioOf } from '../io.ts'
import { otherOption, otherWords } from './other-words.ts'
import { buildProgram } from '../program.ts'

const PROGRAM = buildProgram(ioOf(process, ''))
const linesFor = (line: string): readonly string[] | undefined => otherWords(PROGRAM, line.split(' '))?.lines

test.each([
  ['policy delete default', ['sallyport policy remove']],
  ['request cancel 3f2b -o json', ['sallyport request close']],
  ['user add ada', ['sallyport user create']],
  ['role definition remove Watcher', ['sallyport role definition delete']],
  ['host add web1', ['sallyport host enroll', 'sallyport host add-machine']],
  ['close 3f2b', ['sallyport request close']],
  ['role list', ['sallyport role definition list', 'sallyport role assignment list']],
  [
    'service-principal add deploy',
    [
      'sallyport service-principal create',
      'sallyport service-principal add-secret',
      'sallyport service-principal add-certificate',
      'sallyport service-principal add-federated',
    ],
  ],
])('«%s» is called otherwise here', (line, lines) => {
  expect(linesFor(line)).toEqual(lines)
})

test('what is there, what nobody knows and what could be many is left as it is', () => {
  for (const line of ['policy remove default', 'machine show web1', 'bananas', 'list', '--help'])
    expect([line, linesFor(line)]).toEqual([line, undefined])
})

test.each([
  ['audit list --limit 3', ['--top <number>']],
  ['request list -n 3', ['--top <number>']],
  ['apply -f x -o json --dry-run', ['--check']],
  ['machine list --json', ['-o, --output <format>']],
  ['request create web1 -p 22 --reason because', ['--justification <text>']],
  ['request create web1 --duration=2h', ['--for <time>']],
  ['policy remove default --force', ['-y, --yes']],
  ['request create -m web1 -p 22', ['sallyport request create [options] <machine...>']],
  ['machine show --name web1', ['sallyport machine show [options] <machine>']],
  ['policy list --limits 3', undefined],
  ['request create web1 -p 22 --for 1h', undefined],
])('an option of «%s» is called otherwise here', (line, lines) => {
  expect(otherOption(PROGRAM, line.split(' '))?.lines).toEqual(lines)
})
