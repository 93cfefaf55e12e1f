import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BUILT_IN_ROLES } from './built-in-roles.ts'
import { explain } from './explain.ts'
import { can } from '../../../test/support/plain-rbac.ts'
import {
  addHeld,
  heldBy,
  indexAssignments,
  isGranted,
  isGrantedSomewhereIn,
  removeHeld,
  type RoleAssignment,
} from './role-assignment.ts'
import { definitionGrants, parseRoleDefinition, type RoleDefinition } from './role-definition.ts'
import { scopeKeyOf } from './scope.ts'
import { SUBSCRIPTION } from '../../../test/support/builders.ts'

const SUB = `/subscriptions/${SUBSCRIPTION}`
const GUID = 'aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa'
const SCOPES = ['/', SUB, `${SUB}/resourceGroups/a`, `${SUB}/resourceGroups/ab`]
const ACTIONS = ['A.B/c/read', 'A.B/c/write', 'A.B/d/read', 'X.Y/c/action']
const DEFINITIONS = new Map(BUILT_IN_ROLES.map((role) => [role.name, role]))

const roleCalled = (roleName: string): RoleDefinition => {
  const found = BUILT_IN_ROLES.find((role) => role.roleName === roleName)
  if (found === undefined) throw new Error(`there is no role '${roleName}'`)
  return found
}
const held = (roleName: string, principalId: string, scope: string): RoleAssignment => ({
  name: `${roleName} ${principalId} ${scope}`,
  scope: { id: scope, key: scopeKeyOf(scope) },
  role: roleCalled(roleName).name,
  principalId,
  principalType: 'User',
  createdAt: 0,
  createdBy: '',
})
const asking = (principals: readonly string[], action: string, scope: string) => ({
  principals,
  action,
  scope: scopeKeyOf(scope),
})

describe('the index of assignments', () => {
  const assignment = fc.record({
    roleName: fc.constantFrom('Owner', 'Contributor', 'Reader', 'Security Admin'),
    principal: fc.constantFrom('a', 'B', GUID.toUpperCase()),
    scope: fc.constantFrom(...SCOPES),
  })
  const question = fc.record({
    principals: fc.subarray(['a', 'b', GUID]),
    action: fc.constantFrom(...ACTIONS, 'Microsoft.Security/x/write', 'Microsoft.Authorization/x/write'),
    scope: fc.constantFrom(...SCOPES),
  })

  it('decides as going through every assignment would', () => {
    fc.assert(
      fc.property(fc.array(assignment, { maxLength: 6 }), question, (given, { principals, action, scope }) => {
        const assignments = given.map(({ roleName, principal, scope: at }) => held(roleName, principal, at))
        const mine = assignments
          .filter(({ principalId }) =>
            principals.some((id) => id === principalId || (id === GUID && principalId === GUID.toUpperCase())),
          )
          .flatMap(
            (each) => DEFINITIONS.get(each.role)?.permissions.map((role) => ({ scope: each.scope.id, role })) ?? [],
          )
        const index = indexAssignments(assignments, DEFINITIONS)
        expect(isGranted(index, asking(principals, action, scope))).toBe(can(mine, action, scope))
        const below = SCOPES.some(
          (at) => (at === scope || at.startsWith(scope === '/' ? '/' : `${scope}/`)) && can(mine, action, at),
        )
        expect(isGrantedSomewhereIn(index, asking(principals, action, scope))).toBe(below)
      }),
      { numRuns: 1_000 },
    )
  })

  it('takes in and forgets one assignment without another', () => {
    const [one, other] = [held('Reader', 'a', SUB), held('Owner', 'a', SUB)]
    const index = indexAssignments([one, other], DEFINITIONS)
    const write = asking(['a'], 'A.B/c/write', SUB)
    removeHeld(index, other)
    expect([isGranted(index, write), isGranted(index, asking(['a'], 'A.B/c/read', SUB))]).toEqual([false, true])
    addHeld(index, { assignment: other, definition: roleCalled('Owner') })
    expect(isGranted(index, write)).toBe(true)
    expect(heldBy(index, ['a'])).toHaveLength(2)
  })

  it('grants nothing by a role that is gone', () => {
    const orphan = { ...held('Owner', 'a', '/'), role: 'gone' }
    expect(isGranted(indexAssignments([orphan], DEFINITIONS), asking(['a'], 'A.B/c/read', '/'))).toBe(false)
  })
})

describe('a role definition', () => {
  it('grants what one of its permissions grants, though another leaves it out', () => {
    const none = { notActions: [], dataActions: [], notDataActions: [] }
    const permissions = [
      { ...none, actions: ['*'], notActions: ['*/write'] },
      { ...none, actions: ['A.B/c/write'] },
    ]
    expect(definitionGrants({ permissions }, 'A.B/c/write')).toBe(true)
    expect(definitionGrants({ permissions }, 'A.B/d/write')).toBe(false)
  })

  it('grants nothing by data actions, and leaves nothing out by them', () => {
    const none = { actions: [], notActions: [], dataActions: [], notDataActions: [] }
    expect(definitionGrants({ permissions: [{ ...none, dataActions: ['*'] }] }, 'A.B/c/write')).toBe(false)
    expect(definitionGrants({ permissions: [{ ...none, actions: ['*'], notDataActions: ['*'] }] }, 'A.B/c/write')).toBe(
      true,
    )
  })

  it('that is built in has no data action, as in Azure', () => {
    const all = BUILT_IN_ROLES.flatMap(({ permissions }) => permissions)
    expect(all.flatMap(({ dataActions, notDataActions }) => [...dataActions, ...notDataActions])).toEqual([])
  })

  it('is refused with every issue at once', () => {
    const parsed = parseRoleDefinition({
      roleName: '',
      description: 'x'.repeat(3_000),
      permissions: [{ actions: ['ok/read', 'no spaces allowed', ''], notActions: ['single'] }],
      assignableScopes: ['nowhere', '/'],
    })
    expect(parsed.ok ? [] : parsed.refusals.map(({ code, target }) => `${code} ${target}`)).toEqual([
      'InvalidRoleName roleName',
      'DescriptionTooLong description',
      'InvalidActionOrNotAction permissions[0].actions',
      'InvalidActionOrNotAction permissions[0].actions',
      'InvalidActionOrNotAction permissions[0].notActions',
      'InvalidScope assignableScopes[0]',
    ])
  })
})

describe('the built-in roles', () => {
  it('have names and ids of their own', () => {
    expect(new Set(BUILT_IN_ROLES.map(({ name }) => name)).size).toBe(BUILT_IN_ROLES.length)
    expect(new Set(BUILT_IN_ROLES.map(({ roleName }) => roleName)).size).toBe(BUILT_IN_ROLES.length)
    for (const { name } of BUILT_IN_ROLES) expect(name).toMatch(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
  })

  it('of JIT write nothing and give no roles', () => {
    for (const role of BUILT_IN_ROLES.filter(({ roleName }) => roleName.startsWith('JIT'))) {
      expect(definitionGrants(role, 'Microsoft.Authorization/roleAssignments/write')).toBe(false)
      expect(definitionGrants(role, 'Microsoft.Compute/virtualMachines/write')).toBe(false)
      expect(definitionGrants(role, 'Microsoft.Security/locations/jitNetworkAccessPolicies/write')).toBe(false)
      expect(definitionGrants(role, 'Microsoft.Security/pricings/write')).toBe(false)
    }
  })
})

describe('an explanation', () => {
  const asked = {
    principals: ['a'],
    action: 'Microsoft.Authorization/x/write',
    scope: { id: SUB, key: scopeKeyOf(SUB) },
  }
  const of = (...assignments: RoleAssignment[]) =>
    explain(heldBy(indexAssignments(assignments, DEFINITIONS), ['a']), asked)

  it('says which assignment allows, and why the others do not', () => {
    const explained = of(held('Reader', 'a', SUB), held('Owner', 'a', '/'), held('Contributor', 'a', SUB))
    expect(explained.findings.map(({ verdict }) => verdict)).toEqual(['allows', 'excluded', 'lacks the action'])
    expect(explained.text).toBe("Owner of a at / allows it by '*'")
    expect(explained.findings[1]?.text).toContain("notAction 'Microsoft.Authorization/*/Write'")
  })

  it('agrees with the decision for every built-in role', () => {
    for (const { roleName } of BUILT_IN_ROLES) {
      const assignment = held(roleName, 'a', SUB)
      const granted = isGranted(indexAssignments([assignment], DEFINITIONS), { ...asked, scope: asked.scope.key })
      expect([roleName, of(assignment).allowed]).toEqual([roleName, granted])
    }
  })
})
