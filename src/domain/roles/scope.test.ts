import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { scopeCovers } from '../../../test/support/plain-rbac.ts'
import { isWithin, MANAGEMENT_GROUP, parseScope, scopeKeyOf, scopesAbove, subscriptionOf } from './scope.ts'
import { aMachineId, SUBSCRIPTION, valueOf } from '../../../test/support/builders.ts'

const SUB = `/subscriptions/${SUBSCRIPTION}`
const WEB1 = aMachineId('web1')

describe('a scope', () => {
  it.each(['/', MANAGEMENT_GROUP, SUB, `${SUB}/resourceGroups/Prod`, `${SUB}/RESOURCEGROUPS/prod`, WEB1])(
    'may be %s, kept as written and compared without case',
    (text) => {
      expect(valueOf(parseScope(text))).toEqual({ id: text, key: text.toLowerCase() })
    },
  )

  it('may end with a slash, which says nothing', () => {
    expect(valueOf(parseScope(`${SUB}/`)).id).toBe(SUB)
    expect(valueOf(parseScope(`${WEB1}/`)).id).toBe(WEB1)
  })

  it.each([
    '',
    '//',
    '*',
    '/*',
    'subscriptions/x',
    '/subscriptions',
    '/subscriptions/',
    '/subscriptions/mine',
    `${SUB}/resourceGroups`,
    `${SUB}/resourceGroups/`,
    `${SUB}/resourceGroups/..`,
    `${SUB}/resourceGroups/a b`,
    `${SUB}/groups/prod`,
    `${SUB}/resourceGroups/prod/providers`,
    `${SUB}/resourceGroups/prod/providers/A.B/c`,
    '/providers/Microsoft.Management/managementGroups/other',
  ])('is not %j', (text) => {
    expect(parseScope(text).ok).toBe(false)
  })

  it('lies in itself, its group, its subscription, the management group and /', () => {
    expect(scopesAbove(scopeKeyOf(WEB1))).toEqual(
      expect.arrayContaining(
        ['/', MANAGEMENT_GROUP, SUB, WEB1.split('/').slice(0, 5).join('/'), WEB1].map((id) => id.toLowerCase()),
      ),
    )
    expect([subscriptionOf(scopeKeyOf(WEB1)), subscriptionOf(scopeKeyOf('/'))]).toEqual([SUBSCRIPTION, undefined])
  })

  it('covers what the plain rule of scopes covers, and is above what it covers', () => {
    const segments = fc.array(fc.constantFrom('a', 'ab', 'b'), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(segments, segments, (outer, inner) => {
        const [above, below] = [scopeKeyOf(`/${outer.join('/')}`), scopeKeyOf(`/${inner.join('/')}`)]
        expect(isWithin(below, above)).toBe(scopeCovers(above, below))
        expect(scopesAbove(below).includes(above)).toBe(scopeCovers(above, below))
      }),
    )
  })
})
