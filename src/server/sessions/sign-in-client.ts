/**
 * Signs browsers in at an OpenID Connect issuer: authorization code with PKCE, state and nonce, by the certified library.
 * What the issuer says is believed after its signature, its audience and the nonce were checked; who it is, is read by the
 * same rules as for tokens.
 */
import * as client from 'openid-client'
import type { Log } from '../../app/app.ts'
import type { Clock } from '../../app/ports/clock.ts'
import { ok, refusal, refused, type Result } from '../../domain/refusal.ts'
import { MINUTE, SECOND, type Instant } from '../../domain/time.ts'
import { principalFromClaims } from '../auth/principal-from-claims.ts'
import type { TrustedIssuer } from '../auth/trusted-issuer.ts'
import type { Principal } from '../deps.ts'

export interface SignInPlace {
  readonly trusted: Pick<TrustedIssuer, 'issuer' | 'claims' | 'prefix' | 'require'>
  readonly clientId: string
  /** Without it the client is a public one, which PKCE alone protects. */
  readonly clientSecret?: string
  readonly scope: string
  /** How the issuer is asked, when not over the network. */
  readonly fetch?: client.CustomFetch
}

/** What the browser keeps between going to the issuer and coming back. */
export interface Kept {
  readonly issuer: string
  readonly state: string
  readonly nonce: string
  readonly verifier: string
  readonly returnTo: string
}

export interface SignInClient {
  /** The issuers that browsers may sign in at, the usual one first. */
  readonly issuers: readonly string[]
  begin(asked: { readonly issuer: string | undefined; readonly returnTo: string }): Promise<Result<Begun>>
  /** `url`: as the issuer sent the browser back, with its query. */
  finish(kept: Kept, url: URL): Promise<Result<Principal>>
  /** Where the browser can be signed out at the issuer, where it says. */
  signOutPlace(issuer: string): Promise<string | undefined>
}

export interface Begun {
  readonly url: string
  readonly kept: Kept
}

interface Deps {
  /** As browsers know this server. */
  readonly origin: string
  readonly places: readonly SignInPlace[]
  readonly clock: Clock
  readonly log: Log
}

/** Endpoints and keys are asked for again after this time. */
const FRESH = 10 * MINUTE
const PATIENCE = 10 * SECOND

export function createSignInClient({ origin, places, clock, log }: Deps): SignInClient {
  const known = new Map<string, { readonly found: Promise<client.Configuration>; readonly at: Instant }>()
  const redirect_uri = `${origin}/auth/callback`

  /** Discovered once for all that ask meanwhile. */
  const found = (place: SignInPlace): Promise<client.Configuration> => {
    const { issuer } = place.trusted
    const last = known.get(issuer)
    if (last !== undefined && clock.now() - last.at < FRESH) return last.found
    const discovered = discover(place)
    known.set(issuer, { found: discovered, at: clock.now() })
    discovered.catch(() => known.delete(issuer)) // whoever asked hears of it; the next one asks anew
    return discovered
  }

  const placeOf = (issuer: string | undefined): SignInPlace | undefined =>
    issuer === undefined ? places[0] : places.find(({ trusted }) => trusted.issuer === issuer)

  return {
    issuers: places.map(({ trusted }) => trusted.issuer),
    begin: async ({ issuer, returnTo }) => {
      const place = placeOf(issuer)
      if (place === undefined) return refused(notThere(places))
      try {
        return ok(await begun(await found(place), { place, redirect_uri, returnTo }))
      } catch (cause) {
        return refused(failed(cause, place, log))
      }
    },
    finish: async (kept, url) => {
      const place = placeOf(kept.issuer)
      if (place === undefined) return refused(notThere(places))
      try {
        return principalFromClaims(place.trusted, await claimsFor(await found(place), kept, url))
      } catch (cause) {
        return refused(failed(cause, place, log))
      }
    },
    signOutPlace: async (issuer) => {
      const place = placeOf(issuer)
      const config = place === undefined ? undefined : await found(place).catch(() => undefined)
      return config?.serverMetadata().end_session_endpoint === undefined
        ? undefined
        : client.buildEndSessionUrl(config, { post_logout_redirect_uri: `${origin}/` }).href
    },
  }
}

async function discover(place: SignInPlace): Promise<client.Configuration> {
  const issuer = new URL(place.trusted.issuer)
  const auth = place.clientSecret === undefined ? client.None() : client.ClientSecretPost(place.clientSecret)
  const plain = issuer.protocol === 'http:' ? [client.allowInsecureRequests] : [] // the configuration allows it on loopback only
  return client.discovery(issuer, place.clientId, {}, auth, {
    execute: [client.enableNonRepudiationChecks, ...plain],
    timeout: PATIENCE / SECOND,
    ...(place.fetch && { [client.customFetch]: place.fetch }),
  })
}

interface Wish {
  readonly place: SignInPlace
  readonly redirect_uri: string
  readonly returnTo: string
}

async function begun(config: client.Configuration, { place, redirect_uri, returnTo }: Wish): Promise<Begun> {
  const [state, nonce, verifier] = [client.randomState(), client.randomNonce(), client.randomPKCECodeVerifier()]
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri,
    scope: place.scope,
    state,
    nonce,
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  })
  return { url: url.href, kept: { issuer: place.trusted.issuer, state, nonce, verifier, returnTo } }
}

async function claimsFor(config: client.Configuration, kept: Kept, url: URL): Promise<client.IDToken> {
  const tokens = await client.authorizationCodeGrant(config, url, {
    expectedState: kept.state,
    expectedNonce: kept.nonce,
    pkceCodeVerifier: kept.verifier,
    idTokenExpected: true,
  })
  const claims = tokens.claims()
  if (claims === undefined) throw new Error('the issuer gave no ID token; the library should have refused that')
  return claims
}

function notThere(places: readonly SignInPlace[]): ReturnType<typeof refusal> {
  const names = places.map(({ trusted }) => trusted.issuer).join(', ')
  return refusal('NoBrowserSignIn', `browsers sign in at: ${names}; choose one of them`, 'issuer')
}

/** What the issuer itself says is told; what went wrong between us and it is in the log. */
function failed(cause: unknown, { trusted: { issuer } }: SignInPlace, log: Log): ReturnType<typeof refusal> {
  if (cause instanceof client.AuthorizationResponseError) {
    const why = `${cause.error}${cause.error_description === undefined ? '' : `: ${cause.error_description}`}`
    return refusal('SignInFailed', `The issuer did not sign you in (${why.slice(0, 300)}).`)
  }
  log.warn({ cause, issuer }, 'a browser could not be signed in')
  const answered = cause instanceof client.ClientError && !ISSUER_DOWN.includes(cause.code ?? '')
  if (answered || cause instanceof client.ResponseBodyError)
    return refusal('SignInFailed', `What '${issuer}' answered does not fit this sign-in. Start again.`)
  return refusal('IssuerUnavailable', `'${issuer}' does not answer now. Try again in a minute.`)
}

const ISSUER_DOWN = ['OAUTH_TIMEOUT', 'OAUTH_RESPONSE_IS_NOT_CONFORM', 'OAUTH_RESPONSE_IS_NOT_JSON']
