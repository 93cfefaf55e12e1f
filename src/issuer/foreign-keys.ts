/**
 * The keys of other issuers, whose tokens stand for a service principal's secret. Found by OpenID Connect Discovery, kept
 * and renewed by jose. Only an issuer that an administrator wrote down is ever asked.
 */
import { createRemoteJWKSet, type JWTVerifyGetKey } from 'jose'
import { z } from 'zod'

export interface ForeignKeys {
  /** Rejects when the issuer does not answer, or answers as another. */
  of(issuer: string): Promise<JWTVerifyGetKey>
}

const PATIENCE = 5_000
const discovery = z.object({ issuer: z.string(), jwks_uri: z.url() })

export function createForeignKeys(): ForeignKeys {
  const known = new Map<string, Promise<JWTVerifyGetKey>>()
  return {
    of(issuer) {
      const keys = known.get(issuer) ?? find(issuer)
      known.set(issuer, keys)
      keys.catch(() => known.delete(issuer)) // asked anew next time; whoever waits hears of it
      return keys
    },
  }
}

async function find(issuer: string): Promise<JWTVerifyGetKey> {
  const address = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
  const answer = await fetch(address, { redirect: 'error', signal: AbortSignal.timeout(PATIENCE) })
  if (!answer.ok) throw new Error(`${address} answered ${answer.status}; it should be the issuer's discovery document`)
  const document = discovery.parse(await answer.json())
  if (document.issuer !== issuer) throw new Error(`${address} says it is '${document.issuer}', not '${issuer}'`)
  if (!isSafe(document.jwks_uri)) throw new Error(`${document.jwks_uri} should be an https address`)
  return createRemoteJWKSet(new URL(document.jwks_uri), { timeoutDuration: PATIENCE })
}

/** Keys that came over a network in the clear prove nothing. */
function isSafe(address: string): boolean {
  const { protocol, hostname } = new URL(address)
  return protocol === 'https:' || (protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(hostname))
}
