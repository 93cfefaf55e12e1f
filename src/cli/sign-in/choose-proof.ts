/** How a program proves who it is, from what the command line says or from what its surroundings offer. */
import path from 'node:path'
import type { Proof } from '../contexts/context.ts'
import { usageFailure } from '../failure.ts'
import type { Io } from '../io.ts'

export interface ProofOptions {
  readonly clientSecretFile?: string
  readonly certificate?: string
  readonly federatedTokenFile?: string
  readonly audience?: string
}

/** `audience`: for whom GitHub makes its token, unless the command line says. */
export function chooseProof(options: ProofOptions, env: Io['env'], audience: string): Proof {
  const { clientSecretFile, certificate, federatedTokenFile } = options
  const given = [clientSecretFile, certificate, federatedTokenFile].filter((file) => file !== undefined)
  if (given.length > 1)
    throw usageFailure('prove it once: --client-secret-file, --certificate or --federated-token-file')
  // The commands that follow may be typed in another folder.
  if (clientSecretFile !== undefined) return { kind: 'secret', file: path.resolve(clientSecretFile) }
  if (certificate !== undefined) return { kind: 'certificate', file: path.resolve(certificate) }
  if (federatedTokenFile !== undefined) return { kind: 'federated', file: path.resolve(federatedTokenFile) }
  return offered(env, options.audience ?? audience)
}

function offered(env: Io['env'], audience: string): Proof {
  const is = (name: string): boolean => (env[name] ?? '') !== ''
  if (is('ACTIONS_ID_TOKEN_REQUEST_URL')) return { kind: 'github', audience }
  const { AZURE_FEDERATED_TOKEN_FILE: file = '' } = env
  if (file !== '') return { kind: 'federated', file }
  if (is('SALLYPORT_ID_TOKEN')) return { kind: 'variable', name: 'SALLYPORT_ID_TOKEN' }
  if (is('GITLAB_OIDC_TOKEN')) return { kind: 'variable', name: 'GITLAB_OIDC_TOKEN' }
  throw usageFailure(
    'nothing here proves who the program is',
    '--client-secret-file, --certificate or --federated-token-file; in GitHub: permissions: id-token: write; in GitLab: id_tokens: SALLYPORT_ID_TOKEN',
  )
}
