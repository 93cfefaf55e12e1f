/** The tables of permission as the queries see them. */
import type { PrincipalType } from '../domain/roles/role-assignment.ts'

export interface RoleDefinitionTable {
  name: string
  role_name: string
  /** Lower case. */
  role_name_key: string
  description: string
  permissions: string
  assignable_scopes: string
  created_at: number
  updated_at: number
  created_by: string
  updated_by: string
}

export interface RoleAssignmentTable {
  name: string
  scope: string
  scope_key: string
  role: string
  principal_id: string
  principal_key: string
  principal_type: PrincipalType
  description: string | null
  created_at: number
  created_by: string
}

export interface PlanTable {
  subscription_key: string
  tier: 'Free' | 'Standard'
  updated_at: number
}

export interface RoleVersionTable {
  one: number
  version: number
}

export interface RoleTables {
  role_definitions: RoleDefinitionTable
  role_assignments: RoleAssignmentTable
  plans: PlanTable
  role_version: RoleVersionTable
}
