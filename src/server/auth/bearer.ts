/** The bearer token of a request. Never logs it and never puts it in an answer. */
import { refusal, type Refusal } from '../../domain/refusal.ts'

/** RFC 6750 §2.1; the scheme's name has no case. */
export function bearerTokenFrom(header: string | undefined): string | undefined {
  return /^Bearer +([\w.~+/-]+=*) *$/i.exec(header ?? '')?.[1]
}

export function notAuthenticated(header: string | undefined): Refusal {
  return refusal(
    'AuthenticationFailed',
    header === undefined
      ? "Authentication failed. The 'Authorization' header is missing; send 'Authorization: Bearer <token>'."
      : "Authentication failed. The token in the 'Authorization' header is not valid here; sign in again.",
  )
}
