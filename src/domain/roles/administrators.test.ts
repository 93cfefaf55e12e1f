import { describe, expect, it } from 'vitest'
import { isAdministrative } from './administrators.ts'
import { BUILT_IN_ROLES } from './built-in-roles.ts'

const [reader] = BUILT_IN_ROLES.filter(({ roleName }) => roleName === 'Reader')

function aRole(actions: readonly string[], notActions: readonly string[] = []): Parameters<typeof isAdministrative>[0] {
  if (reader === undefined) throw new Error('Reader is built in')
  return { ...reader, name: 'own', permissions: [{ actions, notActions, dataActions: [], notDataActions: [] }] }
}

describe('a role of one’s own decides over others', () => {
  it.each([
    ['everything', ['*']],
    ['giving roles', ['Microsoft.Authorization/roleAssignments/write']],
    ['everything about rights', ['microsoft.authorization/*']],
    ['giving passwords', ['Microsoft.Authorization/users/*']],
    ['widening roles', ['Microsoft.Authorization/roleDefinitions/write']],
    ['joining groups', ['Microsoft.Authorization/groups/write']],
    ['giving secrets', ['Microsoft.Authorization/servicePrincipals/write']],
  ])('when it allows %s', (_, actions) => {
    expect(isAdministrative(aRole(actions))).toBe(true)
  })

  it.each([
    ['reading', ['*/read'], []],
    ['everything but rights', ['*'], ['Microsoft.Authorization/*']],
    ['requesting', ['Microsoft.Security/locations/jitNetworkAccessPolicies/initiate/action'], []],
  ])('not when it allows %s', (_, actions, notActions) => {
    expect(isAdministrative(aRole(actions, notActions))).toBe(false)
  })
})
