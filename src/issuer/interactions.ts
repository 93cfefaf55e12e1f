/**
 * The pages behind a sign-in: the library sends the browser here, this finds out who it is, and sends it back. Forged
 * forms do not get far: the library's cookie for this very sign-in is not sent along from another site.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { errors, type Provider } from 'oidc-provider'
import { MINUTE } from '../domain/time.ts'
import type { User } from '../domain/roles/identity.ts'
import { choosePassword } from './choose-password.ts'
import { beginEnrolment, finishEnrolment, type Enrolment } from './enrol.ts'
import { readForm, type Form } from './form.ts'
import { failurePage } from './pages/device-page.ts'
import { enrolPage } from './pages/enrol-page.ts'
import { messagesFor, type Messages } from './pages/messages.ts'
import type { Page } from './pages/page.ts'
import { choosePasswordPage, signInPage } from './pages/sign-in-page.ts'
import type { ProviderDeps } from './provider.ts'
import { signIn } from './sign-in.ts'

/** How long a new user may think about a password before signing in anew. */
const THINKING = 10 * MINUTE

export interface Visit {
  readonly provider: Provider
  readonly deps: ProviderDeps
  /** As the library wants it. */
  readonly request: IncomingMessage
  /** With the body. */
  readonly original: IncomingMessage
  readonly response: ServerResponse
  readonly address: string
}

type Asking = Awaited<ReturnType<Provider['interactionDetails']>>

export async function visitInteraction(visit: Visit): Promise<void> {
  const { provider, request, original, response } = visit
  const messages = messagesFor(original.headers['accept-language'])
  let asking: Asking
  try {
    asking = await provider.interactionDetails(request, response)
  } catch (cause) {
    if (!(cause instanceof errors.SessionNotFound)) throw cause
    return showPage(response, failurePage(messages, { status: 400, text: messages.expired, detail: cause.message }))
  }
  const context = { ...visit, asking, messages, program: await programOf(provider, asking) }
  if (original.method === 'GET' || original.method === 'HEAD') return showPage(response, askAgain(context, false))
  const form = await readForm(original)
  if (!form.ok) return showPage(response, askAgain(context, false))
  return answer(context, form.value)
}

interface Context extends Visit {
  readonly asking: Asking
  readonly messages: Messages
  readonly program: { readonly id: string; readonly name: string }
}

async function programOf(provider: Provider, { params }: Asking): Promise<Context['program']> {
  const id = String(params['client_id'])
  return { id, name: (await provider.Client.find(id))?.clientName ?? id }
}

async function answer(context: Context, form: Form): Promise<void> {
  const { act, proof, enrolment, name = '', password = '', code = '' } = form
  if (act === 'cancel') return finish(context, { error: 'access_denied', error_description: 'the user cancelled' })
  if (enrolment !== undefined) return enrolled(context, enrolment, code)
  if (proof !== undefined) return chosen(context, proof, form)
  const typed = { name, password, code, address: context.address, client: context.program.id }
  const user = await signIn(context.deps, typed)
  if (user === undefined) return showPage(context.response, askAgain(context, true, name))
  if (user.mustChangePassword) return showPage(context.response, askForPassword(context, chooserOf(context, user)))
  return proven(context, user)
}

/** The password is right and their own; what is left is the code of who must have one. */
async function proven(context: Context, user: User): Promise<void> {
  const { deps, asking, response } = context
  if (user.totp !== undefined || !(await deps.mustHaveCode(user.id))) return finish(context, loginOf(user))
  showPage(response, askToEnrol(context, beginEnrolment(deps, asking.uid, user), false))
}

async function enrolled(context: Context, proof: string, code: string): Promise<void> {
  const { deps, asking, response, address } = context
  const result = await finishEnrolment(deps, { uid: asking.uid, proof, code, address })
  switch (result.is) {
    case 'done':
      return finish(context, loginOf(result.user))
    case 'wrong code':
      return showPage(response, askToEnrol(context, result.enrolment, true))
    case 'over':
      return showPage(response, askAgain(context, false))
  }
}

async function chosen(context: Context, proof: string, form: Form): Promise<void> {
  const chooser = provenBy(context, proof)
  if (chooser === undefined) return showPage(context.response, askAgain(context, false))
  const { messages, deps, address } = context
  const { new: password = '', again = '' } = form
  const wrong = await choosePassword(deps, { user: chooser.id, password, again, address })
  if (wrong !== undefined) return showPage(context.response, askForPassword(context, chooser, messages[wrong]))
  const user = await deps.store.reads.identity.user(chooser.id)
  return user === undefined ? showPage(context.response, askAgain(context, false)) : proven(context, user)
}

function loginOf(user: User): { login: { accountId: string; amr: string[] } } {
  return { login: { accountId: user.id, amr: user.totp === undefined ? ['pwd'] : ['pwd', 'otp', 'mfa'] } }
}

/** Who must choose a password: the proof says to this server only that theirs was right, in this sign-in, just now. */
interface Chooser {
  readonly id: string
  readonly name: string
  readonly proof: string
}

function chooserOf({ deps, asking }: Context, { id, name }: User): Chooser {
  const kept = JSON.stringify({ id, name, until: deps.clock.now() + THINKING })
  return { id, name, proof: deps.sealer.seal(kept, purposeOf(asking)) }
}

function provenBy({ deps, asking }: Context, proof: string): Chooser | undefined {
  try {
    const kept = JSON.parse(deps.sealer.open(proof, purposeOf(asking))) as Omit<Chooser, 'proof'> & { until: number } // as chooserOf sealed it
    return kept.until > deps.clock.now() ? { id: kept.id, name: kept.name, proof } : undefined
  } catch {
    return undefined // not made here, or for another sign-in
  }
}

function purposeOf({ uid }: Asking): string {
  return `must-choose-password:${uid}`
}

function askAgain(context: Context, failed: boolean, typed?: string): Page {
  const { asking, messages, program } = context
  const hint = asking.params['login_hint']
  const name = typed ?? (typeof hint === 'string' ? hint : '')
  return signInPage({
    messages,
    action: actionOf(asking),
    program: program.name,
    name,
    failed,
    formTargets: targetsOf(asking),
  })
}

function askForPassword(context: Context, { name, proof }: Chooser, error?: string): Page {
  const { asking, messages } = context
  const form = { messages, action: actionOf(asking), name, proof, formTargets: targetsOf(asking) }
  return choosePasswordPage({ ...form, ...(error === undefined ? {} : { error }) })
}

function askToEnrol(context: Context, { proof, secret, keyUri }: Enrolment, failed: boolean): Page {
  const { asking, messages } = context
  const formTargets = targetsOf(asking)
  return enrolPage({ messages, action: actionOf(asking), proof, secret, keyUri, failed, formTargets })
}

function actionOf({ uid }: Asking): string {
  return `/oauth2/interaction/${uid}`
}

/** The browser goes on to the program's own address after the form. */
function targetsOf({ params }: Asking): string[] {
  const target = params['redirect_uri']
  return typeof target === 'string' && URL.canParse(target) ? [new URL(target).origin] : []
}

async function finish(
  { provider, request, response }: Context,
  result: Parameters<Provider['interactionFinished']>[2],
): Promise<void> {
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false })
}

export function showPage(response: ServerResponse, { status, headers, body }: Page): void {
  response.writeHead(status, { ...headers })
  response.end(body)
}
