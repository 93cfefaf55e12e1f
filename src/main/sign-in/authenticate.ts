/** Who a token belongs to: the bootstrap administrator, somebody whom a trusted issuer names, or nobody. */
import type { App } from '../../app/app.ts'
import { createBreakGlassWitness } from '../../app/audit/witness-break-glass.ts'
import { createRefusedTokenWitness } from '../../app/audit/witness-refused-tokens.ts'
import { ok } from '../../domain/refusal.ts'
import { MINUTE } from '../../domain/time.ts'
import type { TrustedKeys } from '../../server/auth/trusted-keys.ts'
import { createTokenVerifier, issuerIn } from '../../server/auth/verify-token.ts'
import type { ServerDeps } from '../../server/deps.ts'
import { recogniseAdminToken } from '../installation/admin-token.ts'

type Deps = Pick<App, 'store' | 'clock' | 'log'>

interface Authentication {
  readonly authenticate: ServerDeps['authenticate']
  /** Tells what is counted and not told yet. */
  stop(): Promise<void>
}

export async function openAuthentication(deps: Deps, keys: readonly TrustedKeys[]): Promise<Authentication> {
  const recognise = recogniseAdminToken(deps)
  const witness = createBreakGlassWitness(deps)
  const refused = createRefusedTokenWitness(deps)
  const verify = createTokenVerifier({ keys, clock: deps.clock })
  const trusted = new Set(keys.map(({ issuer }) => issuer.issuer))
  const sweep = (isEnd?: 'at the end'): Promise<void> =>
    refused
      .sweep(isEnd)
      .catch((cause: unknown) =>
        deps.log.warn({ cause }, 'refused tokens could not be put on record; tried again later'),
      )
  const timer = setInterval(() => void sweep(), MINUTE).unref()
  return {
    authenticate: async (token, address) => {
      const administrator = await recognise(token)
      if (administrator !== undefined) {
        await witness(administrator.name, address)
        return ok(administrator)
      }
      const known = await verify(token)
      if (known.ok) return known
      const named = issuerIn(token) ?? ''
      const issuer = trusted.has(named) ? named : ''
      await refused.saw({ issuer, reason: known.refusals[0]?.code ?? '', address })
      return known
    },
    stop: async () => {
      clearInterval(timer)
      await sweep('at the end')
    },
  }
}
