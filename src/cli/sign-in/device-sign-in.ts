/** A person signs in on another device (RFC 8628): types the code that is shown here into a page that is opened there. */
import type { IssuerClient } from '../contexts/context.ts'
import type { Tokens } from '../contexts/token-store.ts'
import { EXIT } from '../exit-codes.ts'
import { Failure } from '../failure.ts'
import { atIssuer, openIssuer, tokensFrom } from './oidc.ts'
import type { SigningIn } from './signing-in.ts'

export async function signInByDevice(signIn: IssuerClient, { io, say, signal }: SigningIn): Promise<Tokens> {
  const { oidc, config } = await openIssuer(signIn)
  return atIssuer(signIn.issuer, async () => {
    const asked = await oidc.initiateDeviceAuthorization(config, { scope: signIn.scope })
    say(`Open ${asked.verification_uri} on any device, and type the code ${asked.user_code}`)
    const answer = await oidc
      .pollDeviceAuthorizationGrant(config, asked, undefined, { signal })
      .catch((error: unknown) => {
        throw signal.aborted ? new Failure(EXIT.interrupted, 'interrupted; you are not signed in') : error
      })
    return tokensFrom(answer, io.now())
  })
}
