/**
 * The endpoints that programs talk to: tokens, device codes and revocation. Proves the program, rewrites its form, and
 * hands it to the OpenID library; nothing that was shown as proof goes any further.
 */
import type { IncomingMessage } from 'node:http'
import type { Provider } from 'oidc-provider'
import type { AuditEvent } from '../domain/audit/audit.ts'
import { ok, refusal, refused, type Result } from '../domain/refusal.ts'
import {
  authenticatePrincipal,
  type PrincipalDeps,
  type ProvenPrincipal,
  type ShownProof,
} from './authenticate-principal.ts'
import type { FailureBudget } from './failure-budget.ts'
import { readForm, type Form } from './form.ts'
import { codeForPassword } from './password-grant.ts'
import type { ProviderDeps } from './provider.ts'
import { endIfReused } from './reused-token.ts'
import type { Asked } from './scopes.ts'
import { askedIn, signInForm, tokenForm } from './token-forms.ts'

export interface TokenDeps extends ProviderDeps, Pick<PrincipalDeps, 'foreignKeys' | 'audiences'> {
  readonly failures: FailureBudget
}

export interface TokenCall {
  readonly provider: Provider
  readonly deps: TokenDeps
  readonly request: IncomingMessage
  readonly endpoint: 'token' | 'devicecode' | 'revoke'
  readonly address: string
}

export interface ForLibrary {
  readonly form: URLSearchParams
  /** As it was sent, for the answer. */
  readonly sent: Form
}

export async function formForLibrary(call: TokenCall): Promise<Result<ForLibrary>> {
  const form = await readForm(call.request)
  if (!form.ok) return form
  const shown = proofIn(form.value, call.request.headers.authorization)
  if (!shown.ok) return shown
  const proven = shown.value === undefined ? undefined : await prove(call, shown.value)
  if (proven?.ok === false) return proven
  const asked = askedIn(form.value, call.deps.resources)
  if (!asked.ok) return asked
  const isProven = proven !== undefined
  const named = shown.value === undefined ? form.value : { ...form.value, client_id: shown.value.appId }
  const written = await writtenFor(call, { form: named, asked: asked.value, isProven })
  return written.ok ? ok({ form: written.value, sent: form.value }) : written
}

interface Settled {
  readonly form: Form
  readonly asked: Asked
  readonly isProven: boolean
}

async function writtenFor(
  call: TokenCall,
  { form, asked, isProven: proven }: Settled,
): Promise<Result<URLSearchParams>> {
  const { provider, deps, endpoint, address } = call
  if (endpoint === 'devicecode') return ok(signInForm(form, asked, deps.resources))
  if (endpoint === 'token' && form['grant_type'] === 'password') {
    const code = await codeForPassword(provider, deps, { form, asked, address })
    return code.ok ? ok(tokenForm(code.value, { asked, proven: false })) : code
  }
  if (endpoint === 'token' && form['grant_type'] === 'refresh_token')
    await endIfReused(deps, { token: form['refresh_token'] ?? '', address })
  return ok(tokenForm(form, { asked, proven }))
}

/** RFC 6749 §2.3.1 and RFC 7521 §4.2: one proof, in the form or in the header. */
function proofIn(form: Form, authorization: string | undefined): Result<ShownProof | undefined> {
  const basic = authorization === undefined ? undefined : basicFrom(authorization)
  const { client_secret: secret = basic?.secret, client_assertion: assertion, client_id = basic?.appId } = form
  if (authorization !== undefined && (basic === undefined || form['client_secret'] !== undefined)) {
    return refused(refusal('InvalidForm', 'prove the program once, in the form or by Basic authorization'))
  }
  if (secret !== undefined && assertion !== undefined) {
    return refused(refusal('InvalidForm', 'prove the program by a secret or by an assertion, not by both'))
  }
  if (secret === undefined && assertion === undefined) return ok(undefined)
  if (client_id === undefined) return refused(refusal('InvalidForm', 'client_id is missing', 'client_id'))
  const appId = client_id.toLowerCase()
  return ok(secret === undefined ? { appId, ...(assertion === undefined ? {} : { assertion }) } : { appId, secret })
}

function basicFrom(header: string): { appId: string; secret: string } | undefined {
  const [, encoded = ''] = /^Basic +([\w+/=]+)$/i.exec(header) ?? []
  const [appId = '', ...secret] = Buffer.from(encoded, 'base64').toString('utf8').split(':')
  try {
    return appId === '' ? undefined : { appId: decodeURIComponent(appId), secret: decodeURIComponent(secret.join(':')) }
  } catch {
    return undefined // not percent-encoded as RFC 6749 wants it
  }
}

async function prove({ deps, address }: TokenCall, shown: ShownProof): Promise<Result<ProvenPrincipal>> {
  const proven = await authenticatePrincipal(deps, shown)
  const now = deps.clock.now()
  const leftOut = proven.ok ? 0 : deps.failures.take(now)
  if (leftOut === undefined) return proven
  const event = proven.ok
    ? provenEvent(proven.value)
    : notProvenEvent({ shown, reason: proven.refusals[0]?.code ?? '', leftOut, name: await nameOf(deps, shown) })
  await deps.store.transaction((tx) => tx.append([{ ...event, at: now, address }]))
  return proven
}

type Told = Omit<AuditEvent, 'at' | 'address'>

function provenEvent({ principal, by }: ProvenPrincipal): Told {
  const { id, name, appId } = principal
  const data = { name, client: appId, by: by.proof.kind, credential: by.id }
  return { action: 'signin.succeeded', actor: name, target: id, data: JSON.stringify(data) }
}

interface NotProven {
  readonly shown: ShownProof
  readonly reason: string
  readonly leftOut: number
  readonly name: string | undefined
}

/** Of whom the proof speaks, if that is anybody here. */
async function nameOf({ store }: ProviderDeps, { appId }: ShownProof): Promise<string | undefined> {
  return (await store.reads.identity.servicePrincipalOf(appId))?.name
}

/** The client id is a GUID or nothing that is worth keeping. */
function notProvenEvent({ shown: { appId, secret }, reason, leftOut, name }: NotProven): Told {
  const client = /^[0-9a-f-]{36}$/.test(appId) ? appId : ''
  const by = secret === undefined ? 'assertion' : 'secret'
  const data = { name, client, by, reason, ...(leftOut > 0 && { leftOut }) }
  return { action: 'signin.failed', actor: '', target: client, data: JSON.stringify(data) }
}
