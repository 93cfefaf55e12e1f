/** Which part of the issuer a request is for, and the few answers that need neither a sign-in nor the library. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Provider } from 'oidc-provider'
import { refusal, type Refusal } from '../domain/refusal.ts'
import type { Answers } from './answers.ts'
import { readForm } from './form.ts'
import { rewritten } from './hand-over.ts'
import { showPage, visitInteraction } from './interactions.ts'
import { oauthError } from './oauth-error.ts'
import { STYLE_PLACE, stylesheet } from './pages/page.ts'
import { visitPasswordPage } from './password-page.ts'
import { discoveryOf, placeOf, type IssuerPlace } from './places.ts'
import { askedIn, signInForm } from './token-forms.ts'
import { formForLibrary, type TokenCall, type TokenDeps } from './token-endpoint.ts'

export interface FrontCall {
  readonly provider: Provider
  /** The provider's own handler. */
  readonly library: (request: IncomingMessage, response: ServerResponse) => Promise<void>
  readonly deps: TokenDeps
  readonly answers: Answers
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** The caller's. */
  readonly address: string
}

export async function front(call: FrontCall): Promise<void> {
  const { deps, request, response } = call
  const { pathname, search } = new URL(request.url ?? '/', deps.url)
  const place = placeOf(pathname, deps.tenant)
  if (place === undefined) return showError(response, [refusal('NotFound', 'there is nothing here')])
  if (place === 'unknown-tenant')
    return showError(response, [refusal('UnknownTenant', `the tenant here is ${deps.tenant}`)])
  return toPlace(call, place, search)
}

async function toPlace(call: FrontCall, place: IssuerPlace, search: string): Promise<void> {
  const { deps, request, response } = call
  const isPost = request.method === 'POST'
  switch (place.endpoint) {
    case 'discovery':
      return showJson(response, discoveryOf(deps, place.shape))
    case 'token':
    case 'devicecode':
      return isPost ? toTokens(call, place.endpoint) : toLibrary(call, place.path, search)
    case 'authorize':
      return toAuthorize(call, search)
    case 'device':
    case 'keys':
    case 'signout':
      return toLibrary(call, place.path, search)
    case 'own':
      return toOwn(call, place.path, search)
  }
}

async function toOwn(call: FrontCall, path: string, search: string): Promise<void> {
  if (`/oauth2${path}` === STYLE_PLACE) return showPage(call.response, stylesheet())
  if (path === '/password') return visitPasswordPage(call.deps, call)
  if (path === '/revoke' && call.request.method === 'POST') return toTokens(call, 'revoke')
  if (!path.startsWith('/interaction/')) return toLibrary(call, path, search)
  const request = rewritten({ request: call.request, url: call.deps.url, path })
  return visitInteraction({ ...call, request, original: call.request })
}

async function toTokens(call: FrontCall, endpoint: TokenCall['endpoint']): Promise<void> {
  const { deps, answers, request, response, library } = call
  const ready = await formForLibrary({ ...call, endpoint })
  if (!ready.ok) return showError(response, ready.refusals)
  const handed = rewritten({ request, url: deps.url, path: `/${endpoint}`, form: ready.value.form })
  answers.expect(handed, ready.value.sent)
  await library(handed, response)
}

async function toAuthorize(call: FrontCall, search: string): Promise<void> {
  const { deps, response } = call
  const query = Object.fromEntries(new URLSearchParams(search))
  const asked = askedIn(query, deps.resources)
  if (!asked.ok) return showError(response, asked.refusals)
  return toLibrary(call, '/authorize', `?${signInForm(query, asked.value, deps.resources).toString()}`)
}

async function toLibrary(call: FrontCall, path: string, search: string): Promise<void> {
  const { library, deps, request, response } = call
  const asked = { request, url: deps.url, path: path + search }
  if (request.method !== 'POST') return library(rewritten(asked), response)
  const form = await readForm(request)
  if (!form.ok) return showError(response, form.refusals)
  return library(rewritten({ ...asked, form: new URLSearchParams(form.value) }), response)
}

function showJson(response: ServerResponse, body: object, status = 200): void {
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    'access-control-allow-origin': '*',
  })
  response.end(JSON.stringify(body))
}

export function showError(response: ServerResponse, refusals: readonly Refusal[]): void {
  const isMissing = refusals[0]?.code === 'NotFound'
  const { status, body } = oauthError(refusals)
  showJson(response, body, isMissing ? 404 : status)
}

/** Seconds until it is worth another try. */
const BUSY_FOR = 5

export function showBusy(response: ServerResponse): void {
  response.setHeader('retry-after', String(BUSY_FOR))
  const error_description = 'too many people sign in at this moment; try again in a few seconds'
  showJson(response, { error: 'temporarily_unavailable', error_description }, 503)
}
