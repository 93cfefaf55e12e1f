/**
 * The OpenID client, loaded when somebody signs in or a token is renewed, and never otherwise. Its failures become
 * sentences here; a token or a secret is in none of them.
 */
import type { ClientAuth, Configuration, CustomFetch, TokenEndpointResponse } from 'openid-client'
import { SECOND, type Instant } from '../../domain/time.ts'
import { certificateFailure } from '../calls/certificate-failure.ts'
import type { IssuerClient } from '../contexts/context.ts'
import type { Tokens } from '../contexts/token-store.ts'
import { EXIT } from '../exit-codes.ts'
import { Failure } from '../failure.ts'
import { networkReason } from '../calls/network-reason.ts'

export type Oidc = typeof import('openid-client')

export interface OpenIssuer {
  readonly oidc: Oidc
  readonly config: Configuration
}

const PATIENCE_SECONDS = 20

interface Opening {
  /** Without it, it is a public client, as RFC 8252 wants of programs that people run. */
  readonly auth?: (oidc: Oidc) => ClientAuth
  /** Ends every call to this issuer. */
  readonly signal?: AbortSignal
}

/** Reads the issuer's discovery document. */
export async function openIssuer(
  { issuer, clientId }: Pick<IssuerClient, 'issuer' | 'clientId'>,
  { auth = (oidc) => oidc.None(), signal }: Opening = {},
): Promise<OpenIssuer> {
  const oidc = await import('openid-client')
  return atIssuer(issuer, async () => {
    const execute = isThisMachine(issuer) ? [oidc.allowInsecureRequests] : []
    const options = { execute, timeout: PATIENCE_SECONDS, [oidc.customFetch]: fetchUntil(signal) }
    const config = await oidc.discovery(new URL(issuer), clientId, undefined, auth(oidc), options)
    return { oidc, config }
  })
}

function fetchUntil(signal: AbortSignal | undefined): CustomFetch {
  return (url, { body, ...options }) => {
    const signals = [options.signal, signal].filter((one) => one !== undefined)
    return fetch(url, { ...options, body: body ?? null, signal: AbortSignal.any(signals) })
  }
}

/** Plain HTTP leaves this machine never: whoever listens would have the token. */
function isThisMachine(issuer: string): boolean {
  const { protocol, hostname } = new URL(issuer)
  return protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(hostname)
}

/** Runs what talks to the issuer, and says what went wrong in words. */
export async function atIssuer<T>(issuer: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw error instanceof Failure
      ? error
      : (certificateFailure(new URL(issuer).origin, error) ?? issuerFailure(issuer, error))
  }
}

function issuerFailure(issuer: string, error: unknown): Failure {
  const said = (name: string): string | undefined => {
    const value: unknown = error instanceof Error ? Reflect.get(error, name) : undefined
    return typeof value === 'string' && value !== '' ? value : undefined
  }
  const refused = said('error')
  if (refused !== undefined) {
    const why = said('error_description') ?? refused
    return new Failure(EXIT.notSignedIn, `${issuer} did not sign you in: ${why}`, {
      remedy: REMEDIES[refused],
      cause: error,
    })
  }
  return new Failure(EXIT.server, `the issuer ${issuer} does not answer as it should (${networkReason(error)})`, {
    remedy: 'is it reachable from here, and is its address right?',
    cause: error,
  })
}

const REMEDIES: Readonly<Record<string, string>> = {
  invalid_grant: 'the same command again',
  access_denied: 'the same command again, and say yes',
  expired_token: 'the same command again, and type the code in time',
  invalid_client: 'check --client-id and what proves it; an administrator can add a new credential',
  unauthorized_client: 'an administrator lets this client sign in so at the issuer',
}

export function tokensFrom(answer: TokenEndpointResponse, now: Instant, before?: Tokens): Tokens {
  const refresh = answer.refresh_token ?? before?.refresh
  return {
    access: answer.access_token,
    endsAt: now + (answer.expires_in ?? SHORT_LIFE_SECONDS) * SECOND,
    ...(refresh === undefined ? {} : { refresh }),
  }
}

/** RFC 6749 §5.1 lets an issuer leave the end out. */
const SHORT_LIFE_SECONDS = 300
