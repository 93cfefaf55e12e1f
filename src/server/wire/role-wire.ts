/** Roles and role assignments as Azure writes them. Pure. */
import type { WireRoleAssignment, WireRoleDefinition } from '../../contract/authorization.ts'
import type { RoleAssignment } from '../../domain/roles/role-assignment.ts'
import type { RoleDefinition } from '../../domain/roles/role-definition.ts'
import { subscriptionOf, type Scope } from '../../domain/roles/scope.ts'
import { formatInstant } from '../../domain/time.ts'

const PROVIDER = '/providers/Microsoft.Authorization'

/**
 * With the subscription that was asked at, for roles and assignments alike: clients look a role up by this id, text by
 * text.
 */
function roleIdAt(asked: Scope, role: string): string {
  const subscription = subscriptionOf(asked.key)
  const prefix = subscription === undefined ? '' : asked.id.split('/').slice(0, 3).join('/')
  return `${prefix}${PROVIDER}/roleDefinitions/${role}`
}

export function wireDefinition(role: RoleDefinition, asked: Scope): WireRoleDefinition {
  return {
    properties: {
      roleName: role.roleName,
      type: role.type,
      description: role.description,
      assignableScopes: role.assignableScopes.map(({ id }) => id),
      permissions: role.permissions.map((permission) => ({
        actions: [...permission.actions],
        notActions: [...permission.notActions],
        dataActions: [...permission.dataActions],
        notDataActions: [...permission.notDataActions],
      })),
      createdOn: formatInstant(role.createdAt),
      updatedOn: formatInstant(role.updatedAt),
      createdBy: role.createdBy === '' ? null : role.createdBy,
      updatedBy: role.updatedBy === '' ? null : role.updatedBy,
    },
    id: roleIdAt(asked, role.name),
    type: 'Microsoft.Authorization/roleDefinitions',
    name: role.name,
  }
}

export function wireAssignment(assignment: RoleAssignment, asked: Scope): WireRoleAssignment {
  const { name, scope, principalId, principalType, description, createdAt, createdBy } = assignment
  return {
    properties: {
      roleDefinitionId: roleIdAt(asked, assignment.role),
      principalId,
      principalType,
      scope: scope.id,
      condition: null,
      conditionVersion: null,
      createdOn: formatInstant(createdAt),
      updatedOn: formatInstant(createdAt),
      createdBy: createdBy === '' ? null : createdBy,
      updatedBy: createdBy === '' ? null : createdBy,
      delegatedManagedIdentityResourceId: null,
      description: description ?? null,
    },
    id: assignmentId(assignment),
    type: 'Microsoft.Authorization/roleAssignments',
    name,
  }
}

export function assignmentId({ scope, name }: RoleAssignment): string {
  return `${scope.id === '/' ? '' : scope.id}${PROVIDER}/roleAssignments/${name}`
}
