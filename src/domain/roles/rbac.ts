/**
 * Azure role-based access control as pure functions: a permission is granted by a role when one of its actions matches
 * and none of its notActions does; an assignment holds at its scope and everything below.
 */

export interface Role {
  readonly actions: readonly string[]
  readonly notActions: readonly string[]
}

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

export function roleGrants(role: Role, action: string): boolean {
  const matches = (pattern: string): boolean => actionMatches(pattern, action)
  return role.actions.some(matches) && !role.notActions.some(matches)
}

/** `*` stands for any run of characters, slashes too; case carries no meaning. */
export function actionMatches(pattern: string, action: string): boolean {
  const parts = pattern.toLowerCase().split('*')
  const text = action.toLowerCase()
  const [head = '', ...rest] = parts
  const tail = rest.pop()
  if (tail === undefined) return text === head
  if (!text.startsWith(head) || text.length < head.length + tail.length || !text.endsWith(tail)) return false
  return inOrder(text.slice(head.length, text.length - tail.length), rest)
}

/** Leftmost matches suffice when only `*` separates the parts, and cannot backtrack without end. */
function inOrder(text: string, parts: readonly string[]): boolean {
  let from = 0
  return parts.every((part) => {
    const found = text.indexOf(part, from)
    from = found + part.length
    return found >= 0
  })
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
