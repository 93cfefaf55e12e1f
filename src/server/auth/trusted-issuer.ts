/** Whose tokens are believed, and how far: configuration as data. Nothing here talks to anybody. */
import type { JSONWebKeySet, JWTPayload } from 'jose'
import type { Refusal } from '../../domain/refusal.ts'

/** Only asymmetric ones: with a shared secret, whoever can check a token could make one (RFC 8725 §3.1). */
export const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'EdDSA'] as const

export type Algorithm = (typeof ALGORITHMS)[number]

export type KeySource =
  /** OpenID Connect Discovery: the issuer's `/.well-known/openid-configuration` names its keys. */
  | { readonly kind: 'discovery' }
  | { readonly kind: 'uri'; readonly uri: string }
  /** The installation's own issuer. The same object is taken for the same keys. */
  | { readonly kind: 'own'; readonly read: () => Promise<JSONWebKeySet> }

export interface TrustedIssuer {
  /** Compared with `iss` character by character. */
  readonly issuer: string
  /** A slash at the end counts neither here nor in the token. */
  readonly audiences: readonly string[]
  readonly algorithms: readonly Algorithm[]
  readonly keys: KeySource
  /** Names of claims; of several the first that is there counts. */
  readonly claims: {
    readonly objectId: readonly string[]
    readonly name: readonly string[]
    readonly groups: string
  }
  /** Put before every id that this issuer names, so that it cannot name another issuer's people. */
  readonly prefix: string
  /** Claims that must be exactly so: an issuer that serves the whole world signs for strangers too. */
  readonly require: Readonly<Record<string, string>>
  /** As which public client the command line signs people in there, where it may. */
  readonly cliSignIn?: { readonly clientId: string; readonly scope: string; readonly name: string }
  /** As which client this server signs browsers in there, where it may. Without a secret the client is a public one. */
  readonly browserSignIn?: {
    readonly clientId: string
    readonly scope: string
    readonly clientSecretFile?: string
  }
  /** A last word on a token that is otherwise good: whether it was taken back meanwhile. */
  readonly judge?: (claims: JWTPayload) => Promise<Refusal | undefined>
}
