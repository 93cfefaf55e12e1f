/** Whether a user must sign in with a one-time code: by the rights that they have now, themselves or through a group. */
import type { App } from '../app.ts'
import { isAdministrative } from '../../domain/roles/administrators.ts'
import type { PrincipalId } from '../../domain/roles/identity.ts'
import { heldBy } from '../../domain/roles/role-assignment.ts'

/** Of whom one-time codes are asked; a user who has set one up is always asked. */
export type CodeRule = 'administrators' | 'everybody' | 'optional'

export async function mustHaveCode(
  { store, access }: Pick<App, 'store' | 'access'>,
  rule: CodeRule,
  user: PrincipalId,
): Promise<boolean> {
  if (rule !== 'administrators') return rule === 'everybody'
  const groups = await store.reads.identity.groupsOf(user)
  const { index } = await access.now()
  const held = heldBy(index, [user, ...groups.map(({ id }) => id)])
  return held.some(({ definition }) => isAdministrative(definition))
}
