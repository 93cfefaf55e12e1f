import { expect, test } from 'vitest'
import { similarTo } from './similar.ts'

const NAMES = ['web1', 'web2', 'database', 'prod-web-7', 'jump']

test.each([
  ['wbe1', ['web1']],
  ['web3', ['web1', 'web2']],
  ['databse', ['database']],
  ['DATABASE', ['database']],
  ['web-7', ['prod-web-7', 'web1', 'web2']],
  ['jmp', ['jump']],
  ['x', []],
  ['something', []],
])('who types %s may mean %s', (typed, meant) => {
  expect(similarTo(typed, NAMES)).toEqual(meant)
})
