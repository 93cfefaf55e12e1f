/**
 * Who may sign in to the imagined Azure and what their roles let them do. Tokens are this directory's own: nobody else
 * reads them. Refusals are what Microsoft Entra and Resource Manager answer.
 */
import { createPublicKey, randomUUID, verify, X509Certificate, type KeyObject } from 'node:crypto'
import { can, type Assignment } from '../support/plain-rbac.ts'
import { SECOND, type Instant, type Millis } from '../../src/domain/time.ts'
import { ArmError, isJson, textAt, type Json } from './wire.ts'

export interface Program {
  readonly tenant: string
  /** The application (client) id. */
  readonly clientId: string
  readonly objectId: string
  readonly secret?: string
  /** PEM. */
  readonly certificate?: string
  /** Workload identity: the token's issuer and subject. */
  readonly federated?: { readonly issuer: string; readonly subject: string }
  /** Reached through the managed identity endpoint. */
  readonly isManaged?: boolean
  readonly assignments: readonly Assignment[]
}

interface Session {
  readonly program: Program
  readonly ends: Instant
}

/** Entra's own answer to a wrong sign-in. */
export class SignInError extends Error {
  readonly status: number
  readonly error: string
  readonly number: number

  constructor(status: number, error: string, number: number, message: string) {
    super(`AADSTS${number}: ${message}`)
    this.status = status
    this.error = error
    this.number = number
  }
}

export class Directory {
  readonly #programs: Program[]
  readonly #sessions = new Map<string, Session>()
  readonly #tokenLife: Millis

  constructor(programs: readonly Program[], tokenLife: Millis) {
    this.#programs = [...programs]
    this.#tokenLife = tokenLife
  }

  /** Replaces the roles of a program: a permission is taken away, or given. */
  assign(clientId: string, assignments: readonly Assignment[]): void {
    const at = this.#programs.findIndex((program) => program.clientId === clientId)
    const program = this.#programs[at]
    if (program === undefined) throw new Error(`there is no program '${clientId}'`)
    this.#programs[at] = { ...program, assignments }
  }

  tenants(): string[] {
    return [...new Set(this.#programs.map(({ tenant }) => tenant))]
  }

  signIn(tenant: string, form: Readonly<Record<string, string>>, now: Instant): string {
    if (!this.tenants().includes(tenant.toLowerCase()))
      throw new SignInError(
        400,
        'invalid_request',
        90_002,
        `Tenant '${tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.`,
      )
    const id = form['client_id'] ?? ''
    const program = this.#programs.find(
      (one) => one.clientId === id.toLowerCase() && one.tenant === tenant.toLowerCase(),
    )
    if (program === undefined)
      throw new SignInError(
        400,
        'unauthorized_client',
        700_016,
        `Application with identifier '${id}' was not found in the directory '${tenant}'.`,
      )
    if (form['client_assertion'] !== undefined) checkAssertion(program, form['client_assertion'], now)
    else if (program.secret === undefined || form['client_secret'] !== program.secret)
      throw new SignInError(
        401,
        'invalid_client',
        7_000_215,
        `Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '${id}'.`,
      )
    return this.#open(program, now)
  }

  /** The managed identity, by client id when there are several. */
  managed(clientId: string | undefined, now: Instant): string | undefined {
    const program = this.#programs.find((one) => one.isManaged === true && (clientId ?? one.clientId) === one.clientId)
    return program === undefined ? undefined : this.#open(program, now)
  }

  /** Whose token this is; throws what Resource Manager answers to a wrong one. */
  caller(authorization: string | undefined, now: Instant): Program {
    const token = /^Bearer (.+)$/i.exec(authorization ?? '')?.[1]
    if (token === undefined)
      throw unauthenticated('AuthenticationFailed', "Authentication failed. The 'Authorization' header is missing.")
    const session = this.#sessions.get(token)
    if (session === undefined) throw unauthenticated('InvalidAuthenticationToken', 'The access token is invalid.')
    if (now >= session.ends) {
      const text = new Date(session.ends).toISOString()
      throw unauthenticated(
        'ExpiredAuthenticationToken',
        `The access token expiry UTC time '${text}' is earlier than current UTC time '${new Date(now).toISOString()}'.`,
      )
    }
    return this.#programs.find(({ clientId }) => clientId === session.program.clientId) ?? session.program
  }

  #open(program: Program, now: Instant): string {
    const token = `double.${randomUUID()}`
    this.#sessions.set(token, { program, ends: now + this.#tokenLife })
    return token
  }
}

export function mayDo(program: Program, action: string, scope: string): boolean {
  return can(program.assignments, action, scope)
}

export function checkMay(program: Program, action: string, scope: string): void {
  if (mayDo(program, action, scope)) return
  const { clientId, objectId } = program
  throw new ArmError(403, {
    code: 'AuthorizationFailed',
    message: `The client '${clientId}' with object id '${objectId}' does not have authorization to perform action '${action}' over scope '${scope}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
  })
}

export interface Link {
  readonly action: string
  readonly scope: string
  readonly linkedAction: string
  readonly linked: string
}

/** A write that puts one resource to use in another needs a right on that one too. */
export function checkMayLink(program: Program, { action, scope, linkedAction, linked }: Link): void {
  if (mayDo(program, linkedAction, linked)) return
  const { clientId, objectId } = program
  throw new ArmError(403, {
    code: 'LinkedAuthorizationFailed',
    message: `The client '${clientId}' with object id '${objectId}' has permission to perform action '${action}' on scope '${scope}'; however, it does not have permission to perform action(s) '${linkedAction}' on the linked scope(s) '${linked}' (respectively) or the linked scope(s) are invalid.`,
  })
}

function checkAssertion(program: Program, assertion: string, now: Instant): void {
  const [head = '', body = '', signature = ''] = assertion.split('.')
  const claims = decoded(body)
  const ends = claims['exp']
  if (typeof ends !== 'number' || ends * SECOND <= now)
    throw new SignInError(401, 'invalid_client', 700_024, 'Client assertion is not within its valid time range.')
  const { certificate, federated } = program
  if (federated !== undefined && claims['iss'] === federated.issuer && claims['sub'] === federated.subject) return
  if (federated !== undefined && certificate === undefined)
    throw new SignInError(
      401,
      'invalid_client',
      700_213,
      `No matching federated identity record found for presented assertion subject '${textAt(claims, 'sub') ?? ''}'.`,
    )
  const isOurs =
    certificate !== undefined && isSigned({ head, body, signature }, new X509Certificate(certificate).publicKey)
  if (!isOurs)
    throw new SignInError(
      401,
      'invalid_client',
      700_027,
      'The certificate with identifier used to sign the client assertion is not registered on application.',
    )
}

function isSigned(
  { head, body, signature }: { head: string; body: string; signature: string },
  key: KeyObject,
): boolean {
  const padding = textAt(decoded(head), 'alg') === 'PS256' ? 6 : 1 // RSA_PKCS1_PSS_PADDING, RSA_PKCS1_PADDING
  const data = Buffer.from(`${head}.${body}`)
  return verify(
    'sha256',
    data,
    { key: createPublicKey(key.export({ type: 'spki', format: 'pem' })), padding },
    Buffer.from(signature, 'base64url'),
  )
}

function decoded(part: string): Json {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString())
    return isJson(value) ? value : {}
  } catch {
    return {}
  }
}

/** https://learn.microsoft.com/azure/azure-resource-manager/management/authenticate: the challenge names the authority. */
function unauthenticated(code: string, message: string): ArmError {
  return new ArmError(
    401,
    { code, message },
    { 'www-authenticate': `Bearer error="invalid_token", error_description="${message}"` },
  )
}
