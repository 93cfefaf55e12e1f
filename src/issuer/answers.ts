/** What Microsoft's clients expect in an answer besides what the standards ask for. Added after the library has answered. */
import type { IncomingMessage } from 'node:http'
import type { KoaContextWithOIDC } from 'oidc-provider'
import { clientInfo } from './claims.ts'
import type { Form } from './form.ts'
import { numberOf } from './oauth-error.ts'

/** Seconds between two questions of a program that waits (RFC 8628 §3.2). */
const INTERVAL = 5

export class Answers {
  readonly #tenant: string
  /** What each request asked for, by the request that the library was given. */
  readonly #asked = new WeakMap<IncomingMessage, Form>()

  constructor(tenant: string) {
    this.#tenant = tenant
  }

  expect(request: IncomingMessage, sent: Form): void {
    this.#asked.set(request, sent)
  }

  /** Koa middleware around the library. */
  complete = async (ctx: KoaContextWithOIDC, next: () => Promise<unknown>): Promise<void> => {
    try {
      await next()
    } catch (cause) {
      if (!isLostSession(cause)) throw cause
      ctx.redirect(`/oauth2${ctx.path.replace('/confirm', '')}`) // to the form's beginning
      ctx.status = 303
      return
    }
    const sent = this.#asked.get(ctx.req)
    const body: unknown = ctx.body
    if (sent === undefined || typeof body !== 'object' || body === null) return
    ctx.body = this.#completed(ctx, body, sent)
  }

  #completed(ctx: KoaContextWithOIDC, body: object, sent: Form): object {
    if ('error' in body) {
      const number = numberOf(String(body.error))
      return number === undefined ? body : { ...body, error_codes: [number] }
    }
    if ('access_token' in body) return this.#tokens(ctx, body, sent)
    return 'user_code' in body ? deviceCode(body) : body
  }

  /** MSAL keeps tokens under the scope of the answer, and looks for them under the one it asked for. */
  #tokens(ctx: KoaContextWithOIDC, body: object, sent: Form): object {
    const user = ctx.oidc.account?.accountId
    const { scope } = sent
    return {
      ...withoutUsedToken(ctx, body),
      ...(scope === undefined ? {} : { scope }),
      ...(sent['client_info'] === '1' && user !== undefined ? { client_info: clientInfo(user, this.#tenant) } : {}),
    }
  }
}

/** Who comes second in one moment gets no refresh token; the library would hand back the one that is used up. */
function withoutUsedToken({ oidc }: KoaContextWithOIDC, body: object): object {
  if (oidc.params?.['grant_type'] !== 'refresh_token' || oidc.entities.RotatedRefreshToken !== undefined) return body
  const { refresh_token: _, ...rest } = body as Record<string, unknown> // JSON of the library's
  return rest
}

/** A form whose session has ended, or never was: the library (9.13) refuses the form and then cannot save the session. */
function isLostSession(cause: unknown): boolean {
  return cause instanceof TypeError && cause.message.includes('previously persisted Sessions')
}

/** The address with the code in it is left out: its page would need a script. */
function deviceCode(answered: object): object {
  const body: Record<string, unknown> = { ...answered }
  delete body['verification_uri_complete']
  const message = `To sign in, open ${String(body['verification_uri'])} in a browser and enter the code ${String(body['user_code'])}.`
  return { ...body, interval: INTERVAL, message }
}
