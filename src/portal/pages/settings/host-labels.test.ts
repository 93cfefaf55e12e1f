import { expect, it } from 'vitest'
import { labelsFrom, labelsText } from './host-labels.ts'

it('labels are read with spaces, commas or lines between, and written one on each line', () => {
  const { labels, issues } = labelsFrom(' env=prod,tier=web\nteam=a owner= ')
  expect(issues).toEqual([])
  expect(labels).toEqual({ env: 'prod', tier: 'web', team: 'a', owner: '' })
  expect(labelsFrom(labelsText(labels))).toEqual({ labels, issues: [] })
})

it('nothing typed is no label at all', () => {
  expect(labelsFrom(' ')).toEqual({ labels: {}, issues: [] })
})

it.each([
  ['a word alone', 'prod', /name=value/],
  ['the same name twice', 'env=a env=b', /twice/],
  ['a name with a sign in it', 'en*v=a', /not the name of a label/],
])('%s is not taken', (_, text, why) => {
  expect(labelsFrom(text).issues[0]?.message).toMatch(why)
})
