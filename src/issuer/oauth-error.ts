/** A refusal as OAuth's endpoints answer it (RFC 6749 §5.2), with the numbers that Microsoft's clients print. */
import type { Refusal } from '../domain/refusal.ts'

export interface OAuthError {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
}

interface Known {
  readonly error: string
  readonly status: number
  /** https://learn.microsoft.com/entra/identity-platform/reference-error-codes */
  readonly number: number
}

const KNOWN: Readonly<Record<string, Known>> = {
  InvalidForm: { error: 'invalid_request', status: 400, number: 900144 },
  InvalidScope: { error: 'invalid_scope', status: 400, number: 70011 },
  InvalidClient: { error: 'invalid_client', status: 401, number: 7000215 },
  ExpiredClientCredential: { error: 'invalid_client', status: 401, number: 7000222 },
  UnauthorizedClient: { error: 'unauthorized_client', status: 400, number: 700016 },
  InvalidGrant: { error: 'invalid_grant', status: 400, number: 50126 },
  UnknownTenant: { error: 'invalid_request', status: 400, number: 90002 },
}

export function oauthError(refusals: readonly Refusal[]): OAuthError {
  const [first] = refusals
  const known = KNOWN[first?.code ?? ''] ?? { error: 'invalid_request', status: 400, number: 90014 }
  return {
    status: known.status,
    body: { error: known.error, error_description: first?.message ?? '', error_codes: [known.number] },
  }
}

/** For the library's own errors, which have no number. */
export function numberOf(error: string): number | undefined {
  return Object.values(KNOWN).find((known) => known.error === error)?.number
}
