import { describe, expect, it } from 'vitest'
import { formatSelector, isChosen, issuesOfLabels, parseSelector } from './label-selector.ts'

const codes = (text: string): string[] => {
  const parsed = parseSelector(text)
  return parsed.ok ? [] : parsed.refusals.map(({ code }) => code)
}

describe('a selector', () => {
  it('chooses what has every pair of it, whatever else that has', () => {
    const selector = { env: 'prod', tier: 'web' }
    expect(isChosen({ env: 'prod', tier: 'web', note: 'x' }, selector)).toBe(true)
    expect(isChosen({ env: 'prod' }, selector)).toBe(false)
    expect(isChosen({ env: 'prod', tier: 'db' }, selector)).toBe(false)
    expect(isChosen(undefined, selector)).toBe(false)
  })

  it('chooses nothing when it is empty, and nothing by what every object has', () => {
    expect(isChosen({ env: 'prod' }, {})).toBe(false)
    expect(isChosen({}, { constructor: String(Object) })).toBe(false)
  })

  it('is read as it is written, in order', () => {
    const parsed = parseSelector(' tier=web , env=prod')
    expect(parsed.ok && formatSelector(parsed.value)).toBe('env=prod,tier=web')
  })

  it.each(['', 'env', 'env=prod,', 'env=a=b', '=prod', 'env=two words', '__proto__=x'])('refuses %j', (text) => {
    expect(codes(text)).toEqual(['InvalidSelector'])
  })
})

describe('labels', () => {
  it('have names and values of letters, digits and few signs, at most fifty of them', () => {
    expect(issuesOfLabels({ 'example.org/env': 'prod-1', empty: '' }, 'labels')).toEqual([])
    expect(issuesOfLabels({ '-env': 'a b' }, 'labels')).toHaveLength(2)
    const many = Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`l${n}`, 'x']))
    expect(issuesOfLabels(many, 'labels').map(({ code }) => code)).toEqual(['InvalidLabels'])
  })
})
