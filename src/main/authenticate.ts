/** Who a token belongs to: the bootstrap administrator, somebody whom a trusted issuer names, or nobody. */
import type { App } from '../app/app.ts'
import { createBreakGlassWitness } from '../app/witness-break-glass.ts'
import { ok } from '../domain/refusal.ts'
import type { TrustedIssuer } from '../server/auth/trusted-issuer.ts'
import { createTokenVerifier } from '../server/auth/verify-token.ts'
import type { ServerDeps } from '../server/deps.ts'
import { recogniseAdminToken } from './installation.ts'

type Deps = Pick<App, 'store' | 'clock' | 'log'>

export async function createAuthenticate(
  deps: Deps,
  issuers: readonly TrustedIssuer[],
): Promise<ServerDeps['authenticate']> {
  const recognise = await recogniseAdminToken(deps.store)
  const witness = createBreakGlassWitness(deps)
  const verify = createTokenVerifier({ issuers, clock: deps.clock, log: deps.log })
  return async (token, address) => {
    const administrator = recognise(token)
    if (administrator === undefined) return verify(token)
    await witness(administrator.name, address)
    return ok(administrator)
  }
}
