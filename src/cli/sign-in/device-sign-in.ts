/** A person signs in on another device (RFC 8628): types the code that is shown here into a page that is opened there. */
import type { DeviceAuthorizationResponse, TokenEndpointResponse } from 'openid-client'
import { SECOND } from '../../domain/time.ts'
import type { IssuerClient } from '../contexts/context.ts'
import type { Tokens } from '../contexts/token-store.ts'
import { EXIT } from '../exit-codes.ts'
import { Failure } from '../failure.ts'
import { atIssuer, openIssuer, tokensFrom, type OpenIssuer } from './oidc.ts'
import type { SigningIn } from './signing-in.ts'

const GRANT = 'urn:ietf:params:oauth:grant-type:device_code'
/** RFC 8628 §3.5: between two questions, where the issuer says nothing, and what is added when it says that we ask too often. */
const USUAL_PAUSE_SECONDS = 5
const SLOWER_SECONDS = 5

export async function signInByDevice(signIn: IssuerClient, signingIn: SigningIn): Promise<Tokens> {
  const { io, say, signal } = signingIn
  const issuer = await openIssuer(signIn, { signal })
  const { oidc, config } = issuer
  return atIssuer(signIn.issuer, async () => {
    const asked = await oidc.initiateDeviceAuthorization(config, { scope: signIn.scope })
    say('Open this page on any device, and type the code:')
    say(`  ${asked.verification_uri}`)
    say(`  ${asked.user_code}`)
    return tokensFrom(await whenConfirmed(issuer, asked, signingIn), io.now())
  })
}

/** Asks again and again. Between two questions Ctrl-C ends it at once, for which the library's own waiting takes seconds. */
async function whenConfirmed(
  issuer: OpenIssuer,
  { device_code, expires_in, interval = USUAL_PAUSE_SECONDS }: DeviceAuthorizationResponse,
  { io, signal }: SigningIn,
): Promise<TokenEndpointResponse> {
  const end = io.now() + expires_in * SECOND
  let pause = interval * SECOND
  while (io.now() < end) {
    await io.pause(pause, signal)
    signal.throwIfAborted()
    const answer = await askedOnce(issuer, device_code)
    if (typeof answer === 'object') return answer
    if (answer === 'slow_down') pause += SLOWER_SECONDS * SECOND
  }
  throw new Failure(EXIT.timedOut, 'nobody typed the code in time', { remedy: 'the same command again' })
}

async function askedOnce(
  { oidc, config }: OpenIssuer,
  device_code: string,
): Promise<TokenEndpointResponse | 'authorization_pending' | 'slow_down'> {
  try {
    return await oidc.genericGrantRequest(config, GRANT, { device_code })
  } catch (error) {
    const said = error instanceof oidc.ResponseBodyError ? error.error : undefined
    if (said === 'authorization_pending' || said === 'slow_down') return said
    throw error
  }
}
