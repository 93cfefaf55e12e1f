/**
 * Puts every operation of the contract's table on the router, and turns values into responses. A route exists only by
 * being in the table, and the compiler wants a handler for each.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Operation } from '../contract/operation.ts'
import { OPERATIONS, type OperationId } from '../contract/operations.ts'
import { refusal, type Refusal } from '../domain/refusal.ts'
import { scopeKeyOf, subscriptionOf } from '../domain/roles/scope.ts'
import type { Answer } from './answer.ts'
import type { Call, Handler, Handlers } from './call.ts'
import { BEHALF_HEADER, callerFrom, SHELL_HEADER } from './auth/caller.ts'
import { apiVersionIn, checkApiVersion, checkSubscription } from './check-arm.ts'
import type { Principal, ServerDeps } from './deps.ts'
import { errorAnswer, refusedAnswer } from './errors.ts'
import { parseInput, parseQuery } from './input/parse-input.ts'
import { routerPath } from './input/path-pattern.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Set once the token is known to be somebody's. */
    principal: Principal | undefined
    /** Where the caller is; empty when it cannot be known. */
    address: string
    correlation: string
  }
  interface FastifyContextConfig {
    operation?: string
    open?: boolean
  }
}

type MountDeps = Pick<ServerDeps, 'app' | 'publicUrl'>

export function mount(fastify: FastifyInstance, deps: MountDeps, handlers: Handlers): void {
  for (const [id, operation] of Object.entries<Operation>(OPERATIONS)) {
    // The table pairs each id with its own parameters and schemas, which is what its handler's type asks for.
    const handle = handlers[id as OperationId] as unknown as Handler<OperationId>
    fastify.route({
      method: operation.method,
      url: routerPath(operation.path),
      config: { operation: id, open: operation.open === true },
      handler: async (request, reply) => send(reply, await answer({ operation, handle, deps, request })),
    })
  }
}

interface Turn {
  readonly operation: Operation
  readonly handle: Handler<OperationId>
  readonly deps: MountDeps
  readonly request: FastifyRequest
}

async function answer({ operation, handle, deps, request }: Turn): Promise<Answer> {
  const params = request.params as Record<string, string> // the router's own
  const raw = request.query as Record<string, unknown> // the router's own
  const wrong = unnameable(params) ?? checkArm(deps, operation, params, raw)
  if (wrong !== undefined) return errorAnswer(wrong)
  const query =
    operation.query === undefined ? { ok: true as const, value: undefined } : parseQuery(operation.query, raw)
  if (!query.ok) return refusedAnswer(query.refusals)
  const body =
    operation.body === undefined ? { ok: true as const, value: undefined } : parseInput(operation.body, request.body)
  if (!body.ok) return refusedAnswer(body.refusals)
  const said = { shell: headerOf(request, SHELL_HEADER), onBehalfOf: headerOf(request, BEHALF_HEADER) }
  const caller = callerFrom(request.principal ?? NOBODY, request, said)
  if (!caller.ok) return refusedAnswer(caller.refusals)
  const call = { ...placeOf(request, deps), params, query: query.value, body: body.value, caller: caller.value }
  // Parsed by this operation's own schemas, just above.
  return handle({ ...call, apiVersion: apiVersionIn(raw) ?? '' } as Call<OperationId>)
}

/** Only what answers without a token is asked by nobody. */
const NOBODY: Principal = { name: '', principals: [], isBreakGlass: false }

/** Control characters name nothing, and PostgreSQL cannot even be asked about U+0000. */
function unnameable(params: Readonly<Record<string, string>>): Refusal | undefined {
  return Object.values(params).some((value) => /\p{Cc}/u.test(value))
    ? refusal('PathNotFound', 'a name in the path has control characters, which no name has')
    : undefined
}

function checkArm(
  { app }: Pick<ServerDeps, 'app'>,
  { apiVersion }: Operation,
  params: Readonly<Record<string, string>>,
  query: Readonly<Record<string, unknown>>,
): Refusal | undefined {
  if (apiVersion === 'none') return undefined
  const { subscriptionId, scope } = params
  const subscription = subscriptionId ?? subscriptionOf(scopeKeyOf(scope ?? ''))
  const wrong = checkApiVersion(apiVersion, query)
  return wrong ?? (subscription === undefined ? undefined : checkSubscription(app, subscription))
}

function placeOf(
  request: FastifyRequest,
  { publicUrl }: MountDeps,
): Pick<Call<OperationId>, 'base' | 'url' | 'header'> {
  return {
    base: baseOf(request, publicUrl),
    url: request.url,
    header: (name) => headerOf(request, name),
  }
}

/**
 * As the caller reached us; what is not a host name or address is not repeated into a link. Under the public name that is the
 * public URL: where a proxy ended TLS, links must not lead clients and their tokens to plain HTTP.
 */
function baseOf(request: FastifyRequest, publicUrl: string | undefined): string {
  const known = publicUrl === undefined ? undefined : new URL(publicUrl)
  if (known !== undefined && known.host === request.host.toLowerCase()) return known.origin
  const host = /^[\w.:[\]-]+$/.test(request.host) ? request.host : 'localhost'
  return `${request.protocol}://${host}`
}

function headerOf(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name]
  return Array.isArray(value) ? value[0] : value
}

export function send(reply: FastifyReply, { status, body, headers }: Answer): FastifyReply {
  return reply
    .code(status)
    .headers((headers ?? {}) as Record<string, string | string[]>) // it only reads them
    .send(body)
}
