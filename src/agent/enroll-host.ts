/** Makes this host known to a server: a key that never leaves it, a certificate for the one-time token, and a record of both. */
import {
  AGENT_PATHS,
  AGENT_WIRE,
  enrollAnswer,
  type EnrollAnswer,
  type EnrollBody,
  type HostFacts,
} from '../contract/agent.ts'
import { newKeyWithRequest } from './csr.ts'
import { answerOf, authorityOf, openServerLine, type Environment } from './link/server-line.ts'
import type { Identity, StateFolder } from './state/state-folder.ts'

export interface Enrolment {
  readonly server: string
  readonly token: string
  readonly fingerprint: string
  readonly facts: HostFacts
  readonly env: Environment
}

export async function enrollHost(
  files: Pick<StateFolder, 'writeIdentity'>,
  { server, token, fingerprint, facts, env }: Enrolment,
): Promise<Identity> {
  const authority = await authorityOf(server, fingerprint, env)
  const { key, csr } = newKeyWithRequest()
  const line = openServerLine({ server, authority, env })
  try {
    const body: EnrollBody = { wire: AGENT_WIRE, token, csr, facts }
    const answer = answerOf(await line.call({ method: 'POST', path: AGENT_PATHS.enroll, body }), enrollAnswer)
    const identity = identityFrom(server, key, answer)
    files.writeIdentity(identity)
    return identity
  } finally {
    line.close()
  }
}

function identityFrom(server: string, key: string, answer: EnrollAnswer): Identity {
  const { host, machine, certificate, authority, generation, renewAt } = answer
  return { server, host, machine, key, certificate, authority, generation, renewAt }
}

/** Another key and certificate, by the ones that are still good. */
export async function renewIdentity(
  files: Pick<StateFolder, 'writeIdentity'>,
  identity: Identity,
  env: Environment,
): Promise<Identity> {
  const { key, csr } = newKeyWithRequest()
  const line = openServerLine({ ...identity, env })
  try {
    const answer = answerOf(await line.call({ method: 'POST', path: AGENT_PATHS.renew, body: { csr } }), enrollAnswer)
    const renewed = identityFrom(identity.server, key, answer)
    files.writeIdentity(renewed)
    return renewed
  } finally {
    line.close()
  }
}
