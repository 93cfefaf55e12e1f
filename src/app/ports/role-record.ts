/** Roles, assignments and plans as the store keeps them. */
import type { RoleAssignment } from '../../domain/roles/role-assignment.ts'
import type { RoleDefinition } from '../../domain/roles/role-definition.ts'
import type { Instant } from '../../domain/time.ts'

/** Everything that permission is decided by, as it stood at `version`. */
export interface AccessRecord {
  readonly version: number
  /** The built-in ones are not stored. */
  readonly definitions: readonly RoleDefinition[]
  readonly assignments: readonly RoleAssignment[]
  /** Subscriptions (lower case) whose plan somebody set. */
  readonly plans: readonly { readonly subscription: string; readonly tier: PlanTier }[]
}

export type PlanTier = 'Free' | 'Standard'

export interface RoleReads {
  /** Grows with every change to what {@link AccessRecord} holds. One row: cheap to ask often. */
  version(): Promise<number>
  all(): Promise<AccessRecord>
}

export interface RoleTx extends RoleReads {
  /** To be called before anything else here: waits for other changes, and returns the version of this one. */
  change(): Promise<number>
  definition(name: string): Promise<RoleDefinition | undefined>
  /** Without regard to case. */
  definitionCalled(roleName: string): Promise<RoleDefinition | undefined>
  isAssigned(role: string): Promise<boolean>
  putDefinition(definition: RoleDefinition): Promise<void>
  removeDefinition(name: string): Promise<void>
  assignment(name: string): Promise<RoleAssignment | undefined>
  /** The one of the same principal, scope and role. */
  assignmentLike(assignment: RoleAssignment): Promise<RoleAssignment | undefined>
  insertAssignment(assignment: RoleAssignment): Promise<void>
  removeAssignment(name: string): Promise<void>
  putPlan(subscription: string, tier: PlanTier, at: Instant): Promise<void>
}
