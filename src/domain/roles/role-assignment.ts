/** Who holds which role where, and an index of all of them that finds a caller's in a few look-ups. */
import { definitionGrants, type RoleDefinition } from './role-definition.ts'
import { isWithin, scopesAbove, type Scope, type ScopeKey } from './scope.ts'
import type { Instant } from '../time.ts'

export const PRINCIPAL_TYPES = ['User', 'Group', 'ServicePrincipal', 'ForeignGroup', 'Device'] as const
export type PrincipalType = (typeof PRINCIPAL_TYPES)[number]

export interface RoleAssignment {
  /** A GUID in lower case: the last part of its id. */
  readonly name: string
  readonly scope: Scope
  /** The name of its definition. */
  readonly role: string
  readonly principalId: string
  readonly principalType: PrincipalType
  readonly description?: string
  readonly createdAt: Instant
  readonly createdBy: string
}

/** GUIDs have no case; the ids of another issuer's people may differ by nothing else. */
export function principalKey(id: string): string {
  return GUID.test(id) ? id.toLowerCase() : id
}

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** An assignment together with what its role may do. */
export interface HeldRole {
  readonly assignment: RoleAssignment
  readonly definition: RoleDefinition
}

/** By principal, then by scope: a decision costs the depth of its scope, however many assignments there are. */
export type AssignmentIndex = ReadonlyMap<string, ReadonlyMap<ScopeKey, readonly HeldRole[]>>

type GrowingIndex = Map<string, Map<ScopeKey, readonly HeldRole[]>>

/** An assignment whose role is gone grants nothing. */
export function indexAssignments(
  assignments: Iterable<RoleAssignment>,
  definitions: ReadonlyMap<string, RoleDefinition>,
): GrowingIndex {
  const index: GrowingIndex = new Map()
  for (const assignment of assignments) {
    const definition = definitions.get(assignment.role)
    if (definition !== undefined) addHeld(index, { assignment, definition })
  }
  return index
}

/** Adding it again replaces it. */
export function addHeld(index: GrowingIndex, held: HeldRole): void {
  const { assignment } = held
  const principal = principalKey(assignment.principalId)
  const byScope = index.get(principal) ?? new Map<ScopeKey, readonly HeldRole[]>()
  index.set(principal, byScope)
  byScope.set(assignment.scope.key, [...others(byScope, assignment), held])
}

export function removeHeld(index: GrowingIndex, assignment: RoleAssignment): void {
  const byScope = index.get(principalKey(assignment.principalId))
  byScope?.set(assignment.scope.key, others(byScope, assignment))
}

function others(byScope: ReadonlyMap<ScopeKey, readonly HeldRole[]>, { scope, name }: RoleAssignment): HeldRole[] {
  return (byScope.get(scope.key) ?? []).filter((held) => held.assignment.name !== name)
}

/** Everything that any of the principals holds, wherever it is. */
export function heldBy(index: AssignmentIndex, principals: readonly string[]): HeldRole[] {
  return principals.flatMap((principal) => [...(index.get(principalKey(principal))?.values() ?? [])].flat())
}

export interface Question {
  readonly principals: readonly string[]
  readonly action: string
  readonly scope: ScopeKey
}

/** The union over all of the principals, at the scope and above it. No assignment, no permission. */
export function isGranted(index: AssignmentIndex, { principals, action, scope }: Question): boolean {
  const scopes = scopesAbove(scope)
  return principals.some((principal) => {
    const byScope = index.get(principalKey(principal))
    if (byScope === undefined) return false
    return scopes.some((above) => byScope.get(above)?.some(({ definition }) => definitionGrants(definition, action)))
  })
}

/** Whether it is granted at the scope or anywhere below it: whether a list there can have something to show. */
export function isGrantedSomewhereIn(index: AssignmentIndex, question: Question): boolean {
  return isGranted(index, question) || grantedWithin(index, question).length > 0
}

/** The scopes, from this one downwards, at which it was granted. */
export function grantedWithin(index: AssignmentIndex, { principals, action, scope: outer }: Question): ScopeKey[] {
  return principals.flatMap((principal) =>
    [...(index.get(principalKey(principal)) ?? [])]
      .filter(
        ([scope, held]) =>
          isWithin(scope, outer) && held.some(({ definition }) => definitionGrants(definition, action)),
      )
      .map(([scope]) => scope),
  )
}
