/**
 * Whose call it is: by the token that it carries, or by the session of the browser that it comes from. Never by both: the
 * two are believed under different conditions, and a page must not be able to choose the looser ones.
 */
import type { FastifyRequest } from 'fastify'
import { recogniseSession, type SessionRules } from '../../app/identity/browser-sessions.ts'
import { ok, refusal, refused, type Result } from '../../domain/refusal.ts'
import { bearerTokenFrom, notAuthenticated } from './bearer.ts'
import type { Principal, ServerDeps } from '../deps.ts'
import { whyForged } from '../sessions/forged-call.ts'
import { isInBackground } from '../sessions/in-background.ts'
import { csrfTokenOf, sessionHash, sessionSecretIn } from '../sessions/session-cookie.ts'

type Deps = Pick<ServerDeps, 'app' | 'authenticate' | 'browsers'>

export async function identify(deps: Deps, request: FastifyRequest): Promise<Result<Principal>> {
  const { authorization, cookie } = request.headers
  const base = `${request.protocol}://${request.host}`
  const origin = deps.browsers?.at(base).origin ?? ''
  const secret = deps.browsers && sessionSecretIn(cookie, origin)
  if (deps.browsers === undefined || secret === undefined) {
    const token = bearerTokenFrom(authorization)
    return token === undefined ? refused(notAuthenticated(authorization)) : deps.authenticate(token, request.address)
  }
  if (authorization !== undefined) return refused(TWO_PROOFS)
  return bySession(deps.app, deps.browsers.rules, { request, secret, origins: [origin, base] })
}

interface Came {
  readonly request: FastifyRequest
  readonly secret: string
  /** Of pages of ours, as this caller knows them. */
  readonly origins: readonly string[]
}

async function bySession(
  app: Deps['app'],
  rules: SessionRules,
  { request, secret, origins }: Came,
): Promise<Result<Principal>> {
  const isUse = !isInBackground((name) => request.headers[name], request.routeOptions.config.operation)
  const known = await recogniseSession(app, rules, { idHash: sessionHash(secret), isUse })
  if (known === undefined) return refused(OVER)
  const { method, headers } = request
  const forged = whyForged({ method, headers, origins, token: csrfTokenOf(secret) })
  if (forged !== undefined) return refused(forged)
  return ok({ ...known.who, isBreakGlass: false, session: known.session.id })
}

const TWO_PROOFS = refusal(
  'TwoProofs',
  "The call has both a session's cookie and an 'Authorization' header; send one of them.",
)
const OVER = refusal('SessionOver', 'Your session has ended. Sign in again, at /auth/sign-in.')
