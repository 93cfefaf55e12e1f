import { expect, test } from 'vitest'
import { ioOf } from '../io.ts'
import { otherWords } from './other-words.ts'
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
