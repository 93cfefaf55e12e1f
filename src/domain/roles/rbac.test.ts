import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { actionMatches, roleGrants, type Role } from './rbac.ts'

const INITIATE = 'Microsoft.Security/locations/jitNetworkAccessPolicies/initiate/action'

const role = (actions: readonly string[], notActions: readonly string[] = []): Role => ({ actions, notActions })

describe('an action pattern', () => {
  it.each([
    ['*', INITIATE, true],
    ['**', INITIATE, true],
    [INITIATE, INITIATE, true],
    [INITIATE.toUpperCase(), INITIATE.toLowerCase(), true],
    ['Microsoft.Security/*', INITIATE, true],
    ['*/action', INITIATE, true],
    ['*/read', INITIATE, false],
    ['Microsoft.Security/*/initiate/action', INITIATE, true],
    ['Microsoft.Security/*/action', INITIATE, true],
    ['Microsoft.Security/locations/jitNetworkAccessPolicies', INITIATE, false],
    ['Microsoft.Security/locations/jitNetworkAccessPolicies/initiate/actio', INITIATE, false],
    ['icrosoft.Security/*', INITIATE, false],
    ['Microsoft?Security/*', INITIATE, false],
    ['Microsoft.*', 'MicrosoftXSecurity/read', false],
    ['', INITIATE, false],
    ['', '', true],
    ['ab*ba', 'aba', false],
    ['ab*ba', 'abba', true],
    ['a*b*c', 'abbc', true],
    ['a*b*c', 'acb', false],
    ['a*b*b', 'ab', false],
    ['a*b*b', 'abb', true],
  ])('%j grants %j: %s', (pattern, action, expected) => {
    expect(actionMatches(pattern, action)).toBe(expected)
  })

  it('matches what the same pattern as a regular expression matches', () => {
    const pattern = fc.string({ unit: fc.constantFrom('a', 'B', '/', '.', '*'), maxLength: 8 })
    const action = fc.string({ unit: fc.constantFrom('A', 'b', '/', '.'), maxLength: 8 })
    fc.assert(
      fc.property(pattern, action, (written, asked) => {
        const source = written.replaceAll('.', String.raw`\.`).replaceAll('*', '.*')
        expect(actionMatches(written, asked)).toBe(new RegExp(`^${source}$`, 'i').test(asked))
      }),
      { numRuns: 5_000 },
    )
  })

  it('of many stars and a long action is judged at once', () => {
    const started = performance.now()
    expect(actionMatches(`${'*a'.repeat(10_000)}b`, 'a'.repeat(100_000))).toBe(false)
    expect(performance.now() - started).toBeLessThan(1_000)
  })
})

describe('a role', () => {
  it('grants nothing when it lists nothing', () => {
    expect(roleGrants(role([]), INITIATE)).toBe(false)
  })

  it('does not grant what its own notActions leave out', () => {
    expect(roleGrants(role(['*'], ['*/action']), INITIATE)).toBe(false)
    expect(roleGrants(role(['*'], ['*/action']), 'Microsoft.Security/pricings/read')).toBe(true)
  })
})
