/**
 * The installation's own issuer: one request handler for all of its addresses, the keys to verify its tokens with, and
 * whether a principal that has a token may still act. Puts the parts together and keeps the library's keys fresh.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock } from '../app/ports/clock.ts'
import type { Store } from '../app/ports/store.ts'
import type { PrincipalId } from '../domain/roles/identity.ts'
import { SECOND, type Instant } from '../domain/time.ts'
import { Answers } from './answers.ts'
import { endSession } from './end-session.ts'
import { FailureBudget } from './failure-budget.ts'
import { createForeignKeys } from './foreign-keys.ts'
import { front, showBusy, showError, type FrontCall } from './front.ts'
import { TooManyAtOnce } from './password.ts'
import { discoveryOf, issuerOf, placeOf, type Installed } from './places.ts'
import { createProvider } from './provider.ts'
import { withoutSlashes } from './scopes.ts'
import type { Sealer } from './seal.ts'
import { SigningKeys, type PublicJwk } from './signing-keys.ts'
import type { TokenDeps } from './token-endpoint.ts'

export interface IssuerOptions extends Installed {
  readonly store: Store
  readonly clock: Clock
  readonly log: Pick<IssuerLog, 'error'>
  readonly sealer: Sealer
  /** Resource ids besides `url` that tokens may be for: what clients call this server when they think it is Azure. */
  readonly otherResources: readonly string[]
  /** Whether a user gets no token without a one-time code. */
  readonly mustHaveCode: (user: PrincipalId) => Promise<boolean>
  /** The caller's address; behind a trusted proxy, the one that the proxy tells. */
  readonly addressOf: (request: IncomingMessage) => string
}

interface IssuerLog {
  error(fields: object, message: string): void
}

export interface Issuer {
  /** The `iss` of its tokens. */
  readonly issuer: string
  /** The `aud` of its tokens is one of these. */
  readonly audiences: readonly string[]
  /** Whether a path is one of the issuer's. */
  takes(path: string): boolean
  /** Answers; never rejects. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>
  /** The same object for as long as the keys are the same. */
  jwks(): Promise<{ keys: PublicJwk[] }>
  /** False when it is gone or disabled, or its tokens from `issuedAt` were ended: asked for every call with a token. */
  mayAct(principal: string, issuedAt: Instant): Promise<boolean>
  /** Signs the browser with these cookies out; the cookies to set for that. */
  signOut(cookies: string | undefined): Promise<string[]>
}

export function createIssuer(options: IssuerOptions): Issuer {
  const { store, tenant, url, log, addressOf } = options
  const resources = [...new Set([url, ...options.otherResources].map(withoutSlashes))]
  const deps: TokenDeps = {
    ...options,
    resources,
    foreignKeys: createForeignKeys(),
    audiences: assertionAudiences(options),
    failures: new FailureBudget(),
  }
  const keys = new SigningKeys(options)
  const answers = new Answers(tenant)
  const provider = providerOf(deps, { keys, answers, log })
  return {
    issuer: issuerOf(options),
    audiences: resources,
    takes: (path) => placeOf(path, tenant) !== undefined,
    handle: async (request, response) => {
      if (mayPromiseTls(url)) response.setHeader('strict-transport-security', 'max-age=31536000')
      try {
        await front({ ...(await provider()), deps, answers, request, response, address: addressOf(request) })
      } catch (cause) {
        if (cause instanceof TooManyAtOnce) return showBusy(response)
        log.error({ cause, path: (request.url ?? '').split('?', 1)[0] }, 'the issuer could not answer')
        fail(response)
      }
    },
    jwks: async () => (await keys.current()).published,
    mayAct: (principal, issuedAt) => mayAct(store, principal, issuedAt),
    signOut: (cookies) => endSession(deps, cookies),
  }
}

/** What a client assertion may be addressed to (RFC 7523 §3): any of our token endpoints, or the issuer. */
function assertionAudiences(installed: Installed): string[] {
  const endpoints = (['adfs', 'tenant'] as const).map((shape) =>
    String(discoveryOf(installed, shape)['token_endpoint']),
  )
  return [...endpoints, `${installed.url}/oauth2/token`, issuerOf(installed)]
}

interface Around {
  readonly keys: SigningKeys
  readonly answers: Answers
  readonly log: Pick<IssuerLog, 'error'>
}

type Made = Pick<FrontCall, 'provider' | 'library'>

/** The library takes its keys when it is made, so it is made anew when they change. */
function providerOf(deps: TokenDeps, { keys, answers, log }: Around): () => Promise<Made> {
  let made: (Made & { readonly mark: string }) | undefined
  return async () => {
    const set = await keys.current()
    if (made?.mark === set.mark) return made
    const provider = createProvider(deps, set)
    provider.use(answers.complete)
    // Koa's own would write to standard error.
    Object.assign(provider, { onerror: (cause: unknown) => log.error({ cause }, 'the issuer could not answer') })
    provider.on('server_error', (_, cause) => log.error({ cause }, 'the issuer could not answer'))
    made = { mark: set.mark, provider, library: provider.callback() }
    return made
  }
}

/** Tokens tell their time in whole seconds, so the second in which something was ended still counts as after. */
async function mayAct(store: Store, principal: string, issuedAt: Instant): Promise<boolean> {
  const reads = store.reads.identity
  const user = await reads.user(principal)
  if (user !== undefined) return user.disabledAt === undefined && issuedAt + SECOND > user.validAfter
  const program = await reads.servicePrincipal(principal)
  return program !== undefined && program.disabledAt === undefined
}

/** Not on loopback: native programs take their codes there, over plain HTTP, on the same host name. */
function mayPromiseTls(url: string): boolean {
  const { protocol, hostname } = new URL(url)
  return protocol === 'https:' && !['localhost', '127.0.0.1', '[::1]'].includes(hostname)
}

function fail(response: ServerResponse): void {
  if (response.headersSent) response.destroy()
  else showError(response, [{ code: 'ServerError', message: 'the issuer could not answer; its log says why' }])
}
