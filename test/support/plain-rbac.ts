/**
 * Azure's rule of who may do what, as plainly as it can be said: a role of an assignment holds at its scope and everything
 * below. The index of the product is held to it, and the imagined Azure judges by it.
 */
import { roleGrants, type Role } from '../../src/domain/roles/rbac.ts'

export interface Assignment {
  readonly scope: string
  readonly role: Role
}

/**
 * True if some assignment above or at `scope` carries a role that grants `action`. notActions subtract within their own
 * role only: another role may still grant what they leave out. No assignment, no permission.
 */
export function can(assignments: readonly Assignment[], action: string, scope: string): boolean {
  return assignments.some((assignment) => scopeCovers(assignment.scope, scope) && roleGrants(assignment.role, action))
}

/** `/` covers everything; otherwise whole path segments, without case. What is not a path covers nothing. */
export function scopeCovers(outer: string, inner: string): boolean {
  if (!outer.startsWith('/') || !inner.startsWith('/')) return false
  if (outer === '/') return true
  const above = segmentsOf(outer)
  const below = segmentsOf(inner)
  return above.every((segment, index) => segment === below[index])
}

function segmentsOf(scope: string): string[] {
  const segments = scope.toLowerCase().slice(1).split('/')
  return segments.at(-1) === '' ? segments.slice(0, -1) : segments
}
