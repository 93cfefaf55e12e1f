/** A user's new password, after it was proven who it is. Ends every session and token from before. */
import type { Clock } from '../app/ports/clock.ts'
import type { Store } from '../app/ports/store.ts'
import { checkPassword, hashPassword } from './password.ts'

export interface Choice {
  readonly user: string
  readonly password: string
  readonly again: string
  readonly address: string
}

/** What is wrong, by its name among the pages' messages; undefined when it is done. */
export type ChoiceProblem = 'passwordsDiffer' | 'passwordTooWeak'

export async function choosePassword(
  { store, clock }: { readonly store: Store; readonly clock: Clock },
  { user: id, password, again, address }: Choice,
): Promise<ChoiceProblem | undefined> {
  if (password !== again) return 'passwordsDiffer'
  const known = await store.reads.identity.user(id)
  const checked = checkPassword(password, known?.name ?? '')
  if (known === undefined || !checked.ok) return 'passwordTooWeak'
  const passwordHash = await hashPassword(checked.value)
  await store.transaction(async (tx) => {
    const user = await tx.identity.user(id)
    if (user === undefined) return
    const now = clock.now()
    await tx.identity.putUser({ ...user, passwordHash, mustChangePassword: false, validAfter: now })
    await tx.identity.removeArtefactsOfAccount(id)
    const event = { at: now, action: 'user.password-changed', actor: user.name, address, target: id } as const
    await tx.append([{ ...event, data: JSON.stringify({ name: user.name, by: 'the user' }) }])
  })
  return undefined
}
