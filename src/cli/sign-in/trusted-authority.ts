/**
 * Which authority a context trusts for its server: what the command line says, else what it or another context of
 * that server trusted before. An authority that nobody vouched for is shown with its fingerprint, and never taken by itself.
 */
import { EXIT } from '../exit-codes.ts'
import { Failure, usageFailure } from '../failure.ts'
import { caOf } from '../calls/find-server.ts'
import type { Io } from '../io.ts'
import { readAuthorities } from '../calls/transport.ts'
import { authorityByFingerprint, isFingerprint, shownChain } from './find-authority.ts'

interface Trust {
  readonly server: string
  readonly trustCa?: string
  readonly caFile?: string
  readonly env: Io['env']
  /** What a context of this server trusts. */
  readonly known: string | undefined
}

export async function trustedAuthority({ server, trustCa, caFile, env, known }: Trust): Promise<string | undefined> {
  if (trustCa === undefined)
    return caOf(caFile === undefined ? {} : { caFile }, { env, ready: undefined, pinned: known })
  if (isFingerprint(trustCa)) return authorityByFingerprint(server, trustCa)
  if (/^sha-?256:/i.test(trustCa))
    throw usageFailure(`'${trustCa}' is not a whole SHA256 fingerprint, which has 64 digits`)
  return readAuthorities(trustCa)
}

/** The same failure, with what the server shows of its authority. */
export async function withShownAuthority(server: string, failure: Failure): Promise<Failure> {
  const shown = await shownChain(server).catch(() => [])
  const top = shown.at(-1)
  if (top === undefined) return failure
  return new Failure(EXIT.server, failure.message, {
    details: [{ code: 'Shown', message: `it shows '${top.subject}', SHA256:${top.fingerprint}` }],
    remedy: `compare this with what whoever runs the server tells you, then: sallyport login --server ${server} --trust-ca SHA256:${top.fingerprint}`,
    cause: failure.cause,
  })
}
