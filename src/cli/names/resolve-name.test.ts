import { expect, test } from 'vitest'
import { Failure } from '../failure.ts'
import { resolveName } from './resolve-name.ts'

const among = [
  { name: 'web1', id: '/sub/a/web1' },
  { name: 'web10', id: '/sub/a/web10' },
  { name: 'db', id: '/sub/a/db' },
  { name: 'twin', id: '/sub/a/twin' },
  { name: 'twin', id: '/sub/b/twin' },
]
const pick = (typed: string): string =>
  resolveName({ what: 'machine', typed, among, list: 'sallyport machine list' }).id

function failureOf(work: () => unknown): Failure {
  try {
    work()
  } catch (error) {
    if (error instanceof Failure) return error
  }
  throw new Error('expected a failure')
}

test('an exact name wins over longer ones', () => {
  expect(pick('web1')).toBe('/sub/a/web1')
})

test('case does not matter, for names and for ids', () => {
  expect([pick('DB'), pick('/SUB/B/Twin')]).toEqual(['/sub/a/db', '/sub/b/twin'])
})

test('the beginning of a name is enough when only one begins so', () => {
  expect([pick('d'), pick('web10')]).toEqual(['/sub/a/db', '/sub/a/web10'])
})

test('an ambiguous name lists every candidate and exits with 2', () => {
  const failure = failureOf(() => pick('twin'))
  expect(failure.exit).toBe(2)
  expect(failure.details.map(({ message }) => message)).toEqual(['a/twin  /sub/a/twin', 'b/twin  /sub/b/twin'])
})

test('what the candidates of an ambiguous name are called is what finds each of them', () => {
  expect([pick('a/twin'), pick('b/twin')]).toEqual(['/sub/a/twin', '/sub/b/twin'])
})

test('candidates that have no names are told by what they are about', () => {
  const requests = ['0199-1', '0199-2'].map((id, n) => ({ id, name: id, about: `web${n} 22/TCP` }))
  const failure = failureOf(() => resolveName({ what: 'request', typed: '0199', among: requests, list: 'x' }))
  expect(failure.details.map(({ message }) => message)).toEqual(['0199-1  web0 22/TCP', '0199-2  web1 22/TCP'])
})

test('an unknown name exits with 3 and says how to see what there is', () => {
  for (const typed of ['mail', '']) {
    const failure = failureOf(() => pick(typed))
    expect([failure.exit, failure.remedy]).toEqual([3, 'sallyport machine list'])
  }
})
