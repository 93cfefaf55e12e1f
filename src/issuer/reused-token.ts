/**
 * A refresh token that comes back after it was used is in two hands. Whatever came from that sign-in ends, and it is put on
 * record in the same transaction, before the OpenID library, which would end it without a word, sees the token.
 */
import type { Clock } from '../app/ports/clock.ts'
import type { Store } from '../app/ports/store.ts'
import { hashOf, isUsedUp } from './artefact-adapter.ts'

interface Shown {
  readonly token: string
  readonly address: string
}

export async function endIfReused(
  { store, clock }: { readonly store: Store; readonly clock: Clock },
  { token, address }: Shown,
): Promise<void> {
  const idHash = hashOf(token)
  const found = await store.reads.identity.artefact('RefreshToken', idHash)
  if (found === undefined || !isUsedUp(found, clock.now())) return
  const { account = '', grantId } = found
  const user = await store.reads.identity.user(account)
  await store.transaction(async (tx) => {
    // Of two that come at once, one is told of.
    if ((await tx.identity.artefact('RefreshToken', idHash)) === undefined) return
    await tx.identity.removeArtefact('RefreshToken', idHash)
    if (grantId !== undefined) await tx.identity.removeArtefactsOfGrant(grantId)
    const data = JSON.stringify({ name: user?.name, by: 'refresh token', reason: 'UsedBefore' })
    const who = { actor: user?.name ?? '', address, target: account }
    await tx.append([{ at: clock.now(), action: 'signin.failed', ...who, data }])
  })
}
