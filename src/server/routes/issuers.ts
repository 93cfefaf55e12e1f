/** The issuers whose tokens are taken, and whether each can be asked for its keys. */
import { authorize } from '../../app/identity/authorize.ts'
import type { WireIssuer, WireIssuerList } from '../../contract/issuer.ts'
import { READ_ASSESSMENTS } from '../../domain/roles/required-actions.ts'
import { formatInstant } from '../../domain/time.ts'
import { answered } from '../answer.ts'
import type { TrustedKeys } from '../auth/trusted-keys.ts'
import type { Handlers } from '../call.ts'
import type { ServerDeps } from '../deps.ts'
import { refusedAnswer } from '../errors.ts'

export function issuerRoutes({
  app,
  issuers = [],
}: Pick<ServerDeps, 'app' | 'issuers'>): Pick<Handlers, 'Issuers_List'> {
  const scope = `/subscriptions/${app.installation.subscriptionId}`
  return {
    Issuers_List: async ({ caller }) => {
      const denied = await authorize(app, caller, [{ anyOf: READ_ASSESSMENTS, scope }])
      if (denied.length > 0) return refusedAnswer(denied)
      const list: WireIssuerList = { value: await Promise.all(issuers.map(issuerFrom)) }
      return answered(list)
    },
  }
}

async function issuerFrom({ issuer: trusted, standing }: TrustedKeys): Promise<WireIssuer> {
  const { issuer, audiences, prefix, cliSignIn, browserSignIn } = trusted
  const isOwn = trusted.keys.kind === 'own'
  return {
    issuer,
    isOwn,
    audiences: [...audiences],
    prefix,
    signsIn: [
      ...(cliSignIn === undefined ? [] : ['commandLine' as const]),
      ...(browserSignIn === undefined && !isOwn ? [] : ['browser' as const]),
    ],
    keys: await keysFrom(standing),
  }
}

async function keysFrom(standing: TrustedKeys['standing']): Promise<WireIssuer['keys']> {
  if (standing === undefined) return { state: 'own' }
  const { readAt, problem } = await standing()
  return {
    state: problem === undefined ? 'read' : 'failing',
    ...(readAt !== undefined && { readAt: formatInstant(readAt) }),
    ...(problem !== undefined && { problem }),
  }
}
