/** What a program shows to prove who it is, read anew each time from where it is kept. */
import { readFileSync } from 'node:fs'
import { SECOND } from '../../domain/time.ts'
import type { Proof } from '../contexts/context.ts'
import { decodedText } from '../decoded-text.ts'
import { EXIT } from '../exit-codes.ts'
import { Failure } from '../failure.ts'
import type { Io } from '../io.ts'
import { systemReason } from '../system-reason.ts'

/** A token that another issuer made for this program (a federated one), or undefined where the proof is of another kind. */
export async function foreignToken(proof: Proof, env: Io['env']): Promise<string | undefined> {
  switch (proof.kind) {
    case 'secret':
    case 'certificate':
      return undefined
    case 'federated':
      return readFile(proof.file).trim()
    case 'variable':
      return variable(proof.name, env, 'in GitLab: id_tokens of the job')
    case 'github':
      return githubToken(proof.audience, env)
  }
}

/** https://docs.github.com/actions/reference/openid-connect-reference#methods-for-requesting-the-oidc-token */
async function githubToken(audience: string, env: Io['env']): Promise<string> {
  const why = 'in the workflow: permissions: id-token: write'
  const url = new URL(variable('ACTIONS_ID_TOKEN_REQUEST_URL', env, why))
  url.searchParams.set('audience', audience)
  const authorization = `Bearer ${variable('ACTIONS_ID_TOKEN_REQUEST_TOKEN', env, why)}`
  const response = await fetch(url, {
    headers: { authorization },
    redirect: 'error',
    signal: AbortSignal.timeout(20 * SECOND),
  })
  const body: unknown = response.ok ? await response.json() : undefined
  const token: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, 'value') : undefined
  if (typeof token === 'string') return token
  throw new Failure(EXIT.notSignedIn, `GitHub gave no token for this workflow (status ${response.status})`, {
    remedy: why,
  })
}

function variable(name: string, env: Io['env'], remedy: string): string {
  const value = env[name] ?? ''
  if (value !== '') return value
  throw new Failure(EXIT.notSignedIn, `${name} is not in the environment`, { remedy })
}

export function readFile(file: string): string {
  const text = textIn(file)
  if (text.trim() === '')
    throw new Failure(EXIT.notSignedIn, `${file} is empty: expected what proves who the program is`)
  return text
}

function textIn(file: string): string {
  try {
    return decodedText(readFileSync(file))
  } catch (cause) {
    throw new Failure(EXIT.notSignedIn, `${file} cannot be read (${systemReason(cause)})`, { cause })
  }
}

/** The end that a JWT says of itself, in milliseconds; a token that says none is asked for again soon. */
export function endOf(token: string, now: number): number {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'))
    const end: unknown = typeof claims === 'object' && claims !== null ? Reflect.get(claims, 'exp') : undefined
    return typeof end === 'number' ? end * SECOND : now + 300 * SECOND
  } catch {
    return now + 300 * SECOND
  }
}
