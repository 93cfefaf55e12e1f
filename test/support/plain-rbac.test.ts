import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Role } from '../../src/domain/roles/rbac.ts'
import { SUBSCRIPTION } from './builders.ts'
import { can, scopeCovers } from './plain-rbac.ts'

const INITIATE = 'Microsoft.Security/locations/jitNetworkAccessPolicies/initiate/action'
const GROUP = `/subscriptions/${SUBSCRIPTION}/resourceGroups/prod`

const role = (actions: readonly string[], notActions: readonly string[] = []): Role => ({ actions, notActions })

describe('an assignment', () => {
  const requester = (scope: string) => [{ scope, role: role([INITIATE]) }]

  it('does not put the action of one role together with the scope of another', () => {
    const assignments = [
      { scope: GROUP, role: role(['*/read']) },
      { scope: `${GROUP}/providers/A.B/c/web1`, role: role([INITIATE]) },
    ]
    expect(can(assignments, INITIATE, GROUP)).toBe(false)
  })

  it('does not take away what another role grants', () => {
    const everythingBut = { scope: '/', role: role(['*'], ['*/action']) }
    const requester = { scope: GROUP, role: role([INITIATE]) }
    expect(can([everythingBut], INITIATE, GROUP)).toBe(false)
    expect(can([everythingBut, requester], INITIATE, GROUP)).toBe(true)
    expect(can([requester, everythingBut], INITIATE, GROUP)).toBe(true)
  })

  it('is needed for anything at all', () => {
    expect(can([], INITIATE, '/')).toBe(false)
  })

  it('holds at its scope and below, and nowhere else', () => {
    expect(can(requester(GROUP), INITIATE, GROUP)).toBe(true)
    expect(can(requester(GROUP), INITIATE, `${GROUP}/providers/A.B/c/web1`)).toBe(true)
    expect(can(requester(GROUP), INITIATE, `/subscriptions/${SUBSCRIPTION}`)).toBe(false)
  })

  it.each([
    ['/', GROUP, true],
    ['/', '/', true],
    [GROUP, GROUP, true],
    [`${GROUP}/`, GROUP, true],
    [GROUP, `${GROUP}/`, true],
    [GROUP.toUpperCase(), GROUP, true],
    [GROUP, `${GROUP}/providers/A.B/c/web1`, true],
    [GROUP, `${GROUP}-2`, false],
    [GROUP, `${GROUP}2/providers/A.B/c/web1`, false],
    [`${GROUP}/providers`, GROUP, false],
    ['/subscriptions', GROUP, true],
    ['', GROUP, false],
    ['', '', false],
    ['/', '', false],
    ['//', GROUP, false],
    ['*', GROUP, false],
    ['/*', GROUP, false],
    [GROUP.slice(1), GROUP, false],
    [GROUP, GROUP.slice(1), false],
    [' /', GROUP, false],
    [GROUP, `/x${GROUP}`, false],
  ])('at %j covers %j: %s', (outer, inner, expected) => {
    expect(scopeCovers(outer, inner)).toBe(expected)
  })

  it('covers by whole segments', () => {
    const segments = fc.array(fc.constantFrom('a', 'A', 'ab', 'b'), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(segments, segments, (outer, inner) => {
        const leads = outer.every((segment, index) => segment.toLowerCase() === inner[index]?.toLowerCase())
        expect(scopeCovers(`/${outer.join('/')}`, `/${inner.join('/')}`)).toBe(leads)
      }),
    )
  })

  it('at a path of a hundred thousand slashes is judged at once', () => {
    const started = performance.now()
    expect(scopeCovers(GROUP, `${'/'.repeat(100_000)}x`)).toBe(false)
    expect(performance.now() - started).toBeLessThan(1_000)
  })
})
