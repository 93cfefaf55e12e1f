/** Where the keys of each trusted issuer come from, and how it stands with them. */
import type { Log } from '../../app/app.ts'
import type { Clock } from '../../app/ports/clock.ts'
import { fetchDiscoveredKeys, fetchKeySet } from './fetch-keys.ts'
import { IssuerKeys, type FindKey, type KeyStanding } from './issuer-keys.ts'
import { ownKeys } from './own-keys.ts'
import type { TrustedIssuer } from './trusted-issuer.ts'

export interface TrustedKeys {
  readonly issuer: TrustedIssuer
  readonly find: FindKey
  /** Undefined for the installation's own, which need not be asked for. Never rejects. */
  readonly standing?: () => Promise<KeyStanding>
}

interface Deps {
  readonly clock: Clock
  readonly log: Log
}

/** Throws when one issuer is trusted twice: the rules of the second would loosen those of the first unseen. */
export function trustedKeysOf(issuers: readonly TrustedIssuer[], deps: Deps): readonly TrustedKeys[] {
  if (new Set(issuers.map(({ issuer }) => issuer)).size < issuers.length)
    throw new Error(
      `an issuer is trusted twice (the installation's own counts): ${issuers.map(({ issuer }) => issuer).join(', ')}`,
    )
  return issuers.map((trusted) => keysOf(trusted, deps))
}

function keysOf(trusted: TrustedIssuer, deps: Deps): TrustedKeys {
  const { issuer, keys: source } = trusted
  if (source.kind === 'own') return { issuer: trusted, find: ownKeys(source.read) }
  const fetchKeys = () => (source.kind === 'uri' ? fetchKeySet(source.uri) : fetchDiscoveredKeys(issuer))
  const keys = new IssuerKeys({ issuer, fetchKeys, ...deps })
  return { issuer: trusted, find: keys.find, standing: () => keys.standing() }
}
