/** From the options of `login` to the way of signing in that a context keeps. */
import path from 'node:path'
import type { SignedIn } from '../contexts/context.ts'
import { usageFailure } from '../failure.ts'
import type { Io } from '../io.ts'
import { chooseProof, type ProofOptions } from './choose-proof.ts'
import { issuerFor, type Wanted } from './sign-in-places.ts'

export interface WayOptions extends ProofOptions, Wanted {
  readonly tokenFile?: string
  readonly servicePrincipal?: boolean
  readonly workloadIdentity?: boolean
}

/** What Entra ID and our own issuer expect of a token that stands for a program's secret. */
const EXCHANGE = 'api://AzureADTokenExchange'

export async function howToSignIn(options: WayOptions, server: string, env: Io['env']): Promise<SignedIn> {
  const { tokenFile, servicePrincipal, workloadIdentity } = options
  if (tokenFile !== undefined) return { by: 'token file', file: path.resolve(tokenFile) }
  if (servicePrincipal !== true && workloadIdentity !== true)
    return { by: 'person', ...(await issuerFor(server, options)) }
  const { clientId = env['AZURE_CLIENT_ID'] ?? '' } = options
  if (clientId !== '') {
    const proof = chooseProof(options, env, EXCHANGE)
    return { by: 'program', proof, ...(await issuerFor(server, { ...options, clientId })) }
  }
  if (workloadIdentity === true) return { by: 'foreign token', proof: chooseProof(options, env, server) }
  throw usageFailure('a program signs in with its client id', '--client-id ID, as service-principal create showed it')
}
