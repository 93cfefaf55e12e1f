/** Signing browsers in and out, and the browsers that one is signed in with. */
import { z } from 'zod'
import {
  beginSession,
  endSession,
  listSessions,
  recogniseSession,
  signOutEverywhere,
  type Recognised,
} from '../../app/identity/browser-sessions.ts'
import type { CurrentSession, SignedOut, WireSession } from '../../contract/session.ts'
import type { SESSION_OPERATIONS } from '../../contract/session-operations.ts'
import { endOf, type BrowserSession } from '../../domain/roles/browser-session.ts'
import { refusal, type Refusal } from '../../domain/refusal.ts'
import { formatInstant } from '../../domain/time.ts'
import { answered, type Answer } from '../answer.ts'
import type { Call, Handlers } from '../call.ts'
import type { ServerDeps } from '../deps.ts'
import { errorAnswer, refusedAnswer } from '../errors.ts'
import { isLoopback } from '../auth/loopback.ts'
import { failedPage } from '../sessions/failed-page.ts'
import { isInBackground } from '../sessions/in-background.ts'
import { parseReturnPath } from '../sessions/return-path.ts'
import {
  askedCookie,
  askedIn,
  csrfTokenOf,
  newSessionSecret,
  noAskedCookie,
  noSessionCookie,
  sessionCookie,
  sessionHash,
  sessionSecretIn,
} from '../sessions/session-cookie.ts'
import type { Kept } from '../sessions/sign-in-client.ts'

type Routes = Pick<Handlers, keyof typeof SESSION_OPERATIONS>
type Deps = Pick<ServerDeps, 'app' | 'browsers'>
type Browsers = NonNullable<ServerDeps['browsers']>
type Based = Pick<Call<'Auth_Session'>, 'base'>

export function sessionRoutes(deps: Deps): Routes {
  const { app, browsers } = deps
  return {
    Auth_SignIn: async (call) => (browsers === undefined ? NO_SIGN_IN : signIn(browsers, call)),
    Auth_Callback: async (call) => (browsers === undefined ? NO_SIGN_IN : comeBack(app, browsers, call)),
    Auth_Session: async (call) => {
      const known = await current(deps, call)
      return known === undefined ? errorAnswer(NO_SESSION) : answered(wireCurrent(known))
    },
    Auth_SignOut: async (call) => signOut(deps, call),
    Sessions_List: async ({ caller }) => {
      if (browsers === undefined) return answered({ value: [] })
      const sessions = await listSessions(app, browsers.rules, caller)
      return answered({
        value: sessions.map((session) => wireSession(session, browsers.rules.idle, caller.session)),
      })
    },
    Sessions_End: async ({ caller, params, base }) => {
      const ended = await endSession(app, caller, params.sessionId)
      if (!ended.ok) return refusedAnswer(ended.refusals)
      return { status: 200, headers: ended.value.id === caller.session ? cleared(browsers, { base }) : {} }
    },
    Sessions_SignOutEverywhere: async ({ caller, base }) => {
      const sessions = await signOutEverywhere(app, caller)
      return answered({ sessions }, caller.session === undefined ? {} : cleared(browsers, { base }))
    },
  }
}

const NO_SIGN_IN = errorAnswer(
  refusal(
    'NoBrowserSignIn',
    'browsers cannot sign in here: there is no issuer that lets them; see docs/use/sign-in.md',
  ),
)
const NO_SESSION = refusal(
  'SessionNotFound',
  'this call did not come with a browser session; GET /auth/sign-in begins one',
)

async function signIn(browsers: Browsers, call: Call<'Auth_SignIn'>): Promise<Answer> {
  const { origin, client } = browsers.at(call.base)
  const { returnTo, issuer, moved } = call.query
  const elsewhere = moved === undefined && new URL(call.base).host !== new URL(origin).host
  if (elsewhere) return toOwnAddress(origin, call)
  const wanted = parseReturnPath(returnTo, origin)
  if (!wanted.ok) return refusedAnswer(wanted.refusals)
  const begun = await client.begin({ issuer, returnTo: wanted.value })
  if (!begun.ok) return failedPage(firstOf(begun.refusals), call.header('accept-language'))
  const { url, kept } = begun.value
  return { status: 302, headers: { location: url, 'set-cookie': askedCookie(origin, kept.state, kept) } }
}

/** Cookies and the issuer know one address alone, so the browser goes there first; once, for a proxy may hide it from us. */
function toOwnAddress(origin: string, { url, base, caller, header }: Call<'Auth_SignIn'>): Answer {
  const { hostname } = new URL(origin)
  const isHere = hostname === 'localhost' || isLoopback(hostname.replaceAll(/[[\]]/g, ''))
  if (isHere && !isLoopback(caller.address)) {
    const message = `this server does not know that it is called ${base}; start it with --public-url ${base}, or use a name that is on its certificate`
    return failedPage(refusal('SignInAddressUnknown', message), header('accept-language'))
  }
  return { status: 302, headers: { location: `${origin}${url}${url.includes('?') ? '&' : '?'}moved=1` } }
}

const keptShape: z.ZodType<Kept> = z.object({
  issuer: z.string(),
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  returnTo: z.string(),
})

async function comeBack(app: Deps['app'], browsers: Browsers, call: Call<'Auth_Callback'>): Promise<Answer> {
  const { rules } = browsers
  const { origin, client } = browsers.at(call.base)
  const url = new URL(call.url, origin)
  const cookies = call.header('cookie')
  const kept = keptShape.safeParse(askedIn(cookies, origin, url.searchParams.get('state') ?? ''))
  if (!kept.success) return failedPage(TOO_OLD, call.header('accept-language'))
  const { state, issuer } = kept.data
  const returnTo = parseReturnPath(pathOf(kept.data.returnTo, origin), origin)
  const who = await client.finish(kept.data, url)
  const forgotten = noAskedCookie(origin, state)
  const reasons = [who, returnTo].flatMap((result) => (result.ok ? [] : result.refusals))
  if (!who.ok || !returnTo.ok) {
    const page = failedPage(firstOf(reasons), call.header('accept-language'))
    return { ...page, headers: { ...page.headers, 'set-cookie': forgotten } }
  }
  const secret = newSessionSecret()
  const before = sessionSecretIn(cookies, origin)
  await beginSession(app, rules, {
    who: who.value,
    issuer,
    idHash: sessionHash(secret),
    address: call.caller.address,
    browser: browserOf(call.header('user-agent')),
    ...(before !== undefined && { before: sessionHash(before) }),
    correlation: call.caller.correlation ?? '',
  })
  return {
    status: 303,
    headers: { location: returnTo.value, 'set-cookie': [sessionCookie(origin, secret), forgotten] },
  }
}

const TOO_OLD = refusal(
  'SignInFailed',
  'This sign-in is too old, was finished already, or began in another browser. Start again.',
)

/** The cookie may have been written by another program of this machine: it is judged as if a caller had sent it. */
function pathOf(url: string, origin: string): string {
  return url.startsWith(origin) ? url.slice(origin.length) : url
}

/** Visible text of a sane length. */
function browserOf(userAgent: string | undefined): string {
  return (userAgent ?? '').replaceAll(/[^\x20-\x7e]/g, '').slice(0, 256)
}

async function current(
  { app, browsers }: Deps,
  call: Pick<Call<'Auth_Session'>, 'header' | 'base'>,
): Promise<Known | undefined> {
  const secret = browsers && sessionSecretIn(call.header('cookie'), browsers.at(call.base).origin)
  if (browsers === undefined || secret === undefined) return undefined
  const isUse = !isInBackground((name) => call.header(name))
  const known = await recogniseSession(app, browsers.rules, { idHash: sessionHash(secret), isUse })
  return known && { ...known, secret }
}

interface Known extends Recognised {
  readonly secret: string
}

async function signOut({ app, browsers }: Deps, { caller, header, base }: Call<'Auth_SignOut'>): Promise<Answer> {
  if (browsers === undefined || caller.session === undefined) return errorAnswer(NO_SESSION)
  const ended = await endSession(app, caller, caller.session)
  if (!ended.ok) return refusedAnswer(ended.refusals)
  const { issuer } = ended.value
  const isOwn = browsers.rules.issuers.get(issuer) === 'own'
  const here = browsers.at(base)
  const more = isOwn ? await here.signOutAtIssuer(header('cookie')) : []
  const next = isOwn ? undefined : await here.client.signOutPlace(issuer)
  const body: SignedOut = next === undefined ? {} : { next }
  return { status: 200, body, headers: { 'set-cookie': [noSessionCookie(here.origin), ...more] } }
}

function cleared(browsers: Browsers | undefined, { base }: Based): NonNullable<Answer['headers']> {
  return browsers === undefined ? {} : { 'set-cookie': noSessionCookie(browsers.at(base).origin) }
}

function firstOf(refusals: readonly Refusal[]): Refusal {
  return refusals[0] ?? TOO_OLD
}

function wireCurrent({ session, who, endsAt, secret }: Known): CurrentSession {
  return {
    id: session.id,
    name: who.name,
    principals: [...who.principals],
    issuer: session.issuer,
    startedAt: formatInstant(session.startedAt),
    endsAt: formatInstant(endsAt),
    endsAtLatest: formatInstant(session.endsAt),
    csrfToken: csrfTokenOf(secret),
  }
}

function wireSession(session: BrowserSession, idle: number, current: string | undefined): WireSession {
  const { id, address, browser, issuer, startedAt, lastSeenAt } = session
  return {
    id,
    address,
    browser,
    issuer,
    startedAt: formatInstant(startedAt),
    lastSeenAt: formatInstant(lastSeenAt),
    endsAt: formatInstant(endOf(session, idle)),
    isCurrent: id === current,
  }
}
