/**
 * Who counts as an administrator: who could take rights or give them, so that a password alone must not be enough to
 * become them. Pure.
 */
import { definitionGrants, type RoleDefinition } from './role-definition.ts'

/** Owner, User Access Administrator, Security Admin; by their public ids. */
const ADMINISTRATIVE = new Set([
  '8e3af657-a8ff-443c-a75c-2fe8c4bcb635',
  '18d7d88d-d35e-4fb5-a5c3-7773c20a72d9',
  'fb1c8493-542b-48eb-b624-b4c8fea62acd',
])

/** Whoever may give or widen roles, join groups, or set passwords and secrets may get the rights of those who have them. */
const DECISIVE = [
  'Microsoft.Authorization/roleAssignments/write',
  'Microsoft.Authorization/roleDefinitions/write',
  'Microsoft.Authorization/users/write',
  'Microsoft.Authorization/groups/write',
  'Microsoft.Authorization/servicePrincipals/write',
]

export function isAdministrative(definition: RoleDefinition): boolean {
  return ADMINISTRATIVE.has(definition.name) || DECISIVE.some((action) => definitionGrants(definition, action))
}
