/**
 * Whose token it is. A token is believed only when every check holds: an issuer that is trusted, one of its own keys, an
 * algorithm from the list, our audience, its time. Any doubt denies; what a forged token says is never repeated.
 */
import { decodeJwt, errors, jwtVerify, type JWTPayload } from 'jose'
import type { Clock } from '../../app/ports/clock.ts'
import { refusal, refused, type Refusal, type Result } from '../../domain/refusal.ts'
import { SECOND, type Millis } from '../../domain/time.ts'
import type { Principal } from '../deps.ts'
import { IssuerDown, type FindKey } from './issuer-keys.ts'
import { principalFromClaims } from './principal-from-claims.ts'
import type { TrustedIssuer } from './trusted-issuer.ts'
import type { TrustedKeys } from './trusted-keys.ts'

/** How far another machine's clock may be from ours. */
const CLOCK_SKEW: Millis = 60 * SECOND
/** Longer than any header that the server takes. */
const LONGEST_TOKEN = 16_384

interface Deps {
  readonly keys: readonly TrustedKeys[]
  readonly clock: Clock
}

export type VerifyToken = (token: string) => Promise<Result<Principal>>

export function createTokenVerifier({ keys, clock }: Deps): VerifyToken {
  const trusted = new Map(keys.map((known) => [known.issuer.issuer, known]))
  return async (token) => {
    const known = trusted.get(issuerIn(token) ?? '')
    if (known === undefined) return refused(NOT_VALID)
    const claims = await verified(token, { ...known, now: clock.now() })
    if (!claims.ok) return claims
    const taken = await known.issuer.judge?.(claims.value)
    return taken === undefined ? principalFromClaims(known.issuer, claims.value) : refused(taken)
  }
}

/** Not verified yet: it only says whose keys to try. */
export function issuerIn(token: string): string | undefined {
  if (token.length > LONGEST_TOKEN) return undefined
  try {
    return decodeJwt(token).iss
  } catch {
    return undefined
  }
}

interface Checks {
  readonly issuer: TrustedIssuer
  readonly find: FindKey
  readonly now: number
}

async function verified(token: string, { issuer, find, now }: Checks): Promise<Result<JWTPayload>> {
  try {
    const { payload } = await jwtVerify(token, find, {
      issuer: issuer.issuer,
      audience: withAndWithoutSlash(issuer.audiences),
      algorithms: [...issuer.algorithms],
      requiredClaims: ['exp'],
      clockTolerance: CLOCK_SKEW / SECOND,
      currentDate: new Date(now),
    })
    return { ok: true, value: payload }
  } catch (error) {
    return refused(refusalOf(error, issuer))
  }
}

function withAndWithoutSlash(audiences: readonly string[]): string[] {
  return audiences.map((audience) => audience.replace(/\/+$/, '')).flatMap((bare) => [bare, `${bare}/`])
}

const NOT_VALID = refusal(
  'AuthenticationFailed',
  "Authentication failed. The token in the 'Authorization' header is not valid here; sign in again.",
)

/** jose looks at the claims only after the signature, so what is told of them is told to their owner. */
function refusalOf(error: unknown, { issuer, audiences }: TrustedIssuer): Refusal {
  if (error instanceof IssuerDown)
    return refusal(
      'IssuerUnavailable',
      `Whether this token is good cannot be checked: the keys of '${issuer}' cannot be read now. Try again in a minute.`,
    )
  if (error instanceof errors.JWTExpired)
    return refusal('ExpiredAuthenticationToken', 'The access token expired. Sign in again, or renew it.')
  if (error instanceof errors.JWTClaimValidationFailed && error.claim === 'aud')
    return refusal(
      'InvalidAuthenticationTokenAudience',
      `The access token is for another audience; ask '${issuer}' for one of: ${audiences.join(', ')}.`,
    )
  if (error instanceof errors.JWTClaimValidationFailed && error.claim === 'nbf')
    return refusal('InvalidAuthenticationToken', 'The access token is not valid yet; compare the clocks.')
  if (error instanceof errors.JOSEError) return NOT_VALID
  throw error
}
