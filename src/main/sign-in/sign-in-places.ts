/** What a client is told before anybody is signed in: issuers that let the command line in, and nothing else of them. */
import type { SignInPlace } from '../../contract/sign-in.ts'
import type { TrustedIssuer } from '../../server/auth/trusted-issuer.ts'

export function signInPlacesOf(issuers: readonly TrustedIssuer[]): SignInPlace[] {
  return issuers.flatMap(({ issuer, cliSignIn, keys }) =>
    cliSignIn === undefined ? [] : [{ issuer, ...cliSignIn, isOwn: keys.kind === 'own' }],
  )
}
