/**
 * Azure role-based access control as pure functions: a permission is granted by a role when one of its actions matches
 * and none of its notActions does. Where a role is held is said by `role-assignment.ts`.
 */

export interface Role {
  readonly actions: readonly string[]
  readonly notActions: readonly string[]
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
