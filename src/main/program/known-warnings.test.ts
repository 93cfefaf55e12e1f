import { expect, test } from 'vitest'
import { keepKnownWarningsQuiet } from './known-warnings.ts'

test('what Node.js 22 says of its SQLite is not said, and every other warning is, whole', () => {
  const said: unknown[][] = []
  const process = { emitWarning: (...words: unknown[]): void => void said.push(words) }
  keepKnownWarningsQuiet(process)
  process.emitWarning('SQLite is an experimental feature and might change at any time', 'ExperimentalWarning')
  process.emitWarning('MaxListenersExceeded', { code: 'X' })
  process.emitWarning(new Error('SQLite is gone'))
  expect(said).toEqual([['MaxListenersExceeded', { code: 'X' }], [new Error('SQLite is gone')]])
})
