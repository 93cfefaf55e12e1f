/**
 * Who can sign in at an installation's own issuer: users, groups, service principals and what proves who they are. Data
 * and judgements only; nothing here hashes, signs or asks the time.
 */
import { briefly, ok, quoted, refusal, refused, withFacts, type Result } from '../refusal.ts'
import type { Instant } from '../time.ts'

/** A GUID; what role assignments and the token's `oid` name. Never used again after removal. */
export type PrincipalId = string

export interface User {
  readonly id: PrincipalId
  /** What is typed to sign in, `ada@example.org`; compared by {@link nameKey}. */
  readonly name: string
  readonly displayName: string
  /** As `issuer/password.ts` writes it; empty for a user who cannot sign in by password. */
  readonly passwordHash: string
  readonly mustChangePassword: boolean
  /** A one-time-code secret, sealed; absent when none is asked for. */
  readonly totp?: { readonly sealed: string; /** Codes up to this step are spent. */ readonly lastStep: number }
  readonly disabledAt?: Instant
  /** Tokens and sessions from before are worth nothing: set by a new password, disabling and signing out everywhere. */
  readonly validAfter: Instant
  readonly createdAt: Instant
}

export interface Group {
  readonly id: PrincipalId
  readonly name: string
  readonly createdAt: Instant
}

export interface ServicePrincipal {
  readonly id: PrincipalId
  /** The client id it signs in with; another GUID than its id, as in Microsoft Entra ID. */
  readonly appId: string
  readonly name: string
  readonly disabledAt?: Instant
  readonly createdAt: Instant
}

export type Proof =
  | { readonly kind: 'secret'; /** SHA-256 in hex: the secret has 256 random bits. */ readonly hash: string }
  | { readonly kind: 'certificate'; readonly pem: string; readonly sha1: string; readonly sha256: string }
  | { readonly kind: 'federated'; readonly issuer: string; readonly subject: string; readonly audience: string }

export interface Credential {
  readonly id: string
  readonly principal: PrincipalId
  /** What a person tells it apart by: the first characters of a secret, a certificate's thumbprint, an issuer. */
  readonly hint: string
  readonly proof: Proof
  readonly createdAt: Instant
  readonly endsAt: Instant
}

/** Failed sign-ins under a name, whether there is such a user or not: the two must not be told apart. */
export interface SignInAttempts {
  /** A keyed hash of the name: whatever is typed there may be a password in the wrong field. */
  readonly nameKey: string
  readonly failures: number
  readonly lockedUntil: Instant
  readonly lastAt: Instant
}

export interface SigningKey {
  /** The `kid`. */
  readonly id: string
  /** JWK as JSON. */
  readonly publicKey: string
  /** JWK as JSON, sealed. */
  readonly sealedPrivateKey: string
  readonly createdAt: Instant
  /** Published before it signs, so that caches elsewhere know it. */
  readonly signsFrom: Instant
}

/** A session, code, token or grant of the issuer, as the OpenID library keeps it. */
export interface Artefact {
  readonly kind: string
  /** A hash of what the client holds: reading the table gives nobody a token. */
  readonly idHash: string
  /** JSON, sealed. */
  readonly payload: string
  readonly grantId?: string
  readonly uid?: string
  readonly userCode?: string
  readonly account?: PrincipalId
  readonly consumedAt?: Instant
  readonly endsAt: Instant
}

/** Names differ when people see that they differ: neither case nor Unicode's compatibility forms count. */
export function nameKey(name: string): string {
  return name.normalize('NFKC').toLowerCase()
}

const USER_NAME = /^[\p{L}\p{N}][\p{L}\p{M}\p{N}._+@-]{0,112}$/u

export function parseUserName(text: string): Result<string> {
  const name = text.normalize('NFKC')
  if (USER_NAME.test(name)) return ok(name)
  const expected = 'letters, digits and . _ + @ -, at most 113 of them, such as ada@example.org'
  const reason = refusal('InvalidUserName', `a user's name is ${expected}; got ${quoted(text)}`, 'name')
  return refused(withFacts(reason, { got: briefly(text) }))
}

/** For groups, service principals and people's own names. */
export function parseDisplayName(text: string, target: string): Result<string> {
  const name = text.normalize('NFC').trim()
  if (name !== '' && name.length <= 128 && !/[\p{Cc}\p{Cf}\p{Cs}]/u.test(name)) return ok(name)
  const reason = refusal('InvalidDisplayName', `a name is 1 to 128 visible characters; got ${quoted(text)}`, target)
  return refused(withFacts(reason, { got: briefly(text) }))
}
