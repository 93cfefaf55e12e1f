/** Takes a session back at its issuer (RFC 7009), then forgets its tokens, whatever the issuer said. */
import type { Context } from '../contexts/context.ts'
import { forgetTokens, readTokens } from '../contexts/token-store.ts'
import { Failure } from '../failure.ts'
import type { Io } from '../io.ts'
import { prepareTransport } from '../calls/transport.ts'
import { placeOf } from './token-place.ts'

/** False when the issuer could not be told. A program's tokens end by themselves: there is no session. */
export async function endSignIn(context: Context, io: Pick<Io, 'env' | 'outside'>): Promise<boolean> {
  const { signedIn } = context
  if (signedIn === undefined || signedIn.by === 'token file') return true
  const tokens = await readTokens(placeOf(io), context)
  try {
    if (signedIn.by !== 'person' || tokens?.refresh === undefined) return true
    prepareTransport(context.ca, io.env)
    const { refresh } = tokens
    const { atIssuer, openIssuer } = await import('./oidc.ts')
    const { oidc, config } = await openIssuer(signedIn)
    if (config.serverMetadata().revocation_endpoint === undefined) return false
    await atIssuer(signedIn.issuer, () => oidc.tokenRevocation(config, refresh, { token_type_hint: 'refresh_token' }))
    return true
  } catch (error) {
    if (error instanceof Failure) return false
    throw error
  } finally {
    await forgetTokens(placeOf(io), context)
  }
}
