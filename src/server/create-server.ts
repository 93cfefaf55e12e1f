/**
 * The HTTP server: who may come in, what becomes of errors, and the operations of the contract. It does not listen;
 * the composition root does. Closing it refuses new calls and lets those it has accepted finish.
 */
import { Readable } from 'node:stream'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { refusal, type Refusal } from '../domain/refusal.ts'
import type { Answer } from './answer.ts'
import { armHeaders, correlationFrom } from './http/arm-headers.ts'
import { bearerTokenFrom, notAuthenticated } from './auth/bearer.ts'
import type { Handlers } from './call.ts'
import { callerAddress, NO_PROXIES } from './auth/caller-address.ts'
import type { ServerDeps } from './deps.ts'
import { errorAnswer } from './errors.ts'
import { faultRefusal, refusalFromHttp } from './http/faults.ts'
import { httpMetrics } from './http/http-metrics.ts'
import { identify } from './auth/identify.ts'
import { LARGEST_BODY, LONGEST_PARAMETER } from './http/limits.ts'
import { issuerFirst } from './issuer-first.ts'
import { createListener } from './http/listener.ts'
import { mount, send } from './mount.ts'
import { methodsAt } from './input/path-pattern.ts'
import { mountPortal } from './portal.ts'
import { rawAnswer } from './http/raw-answer.ts'
import { activityLogRoutes } from './routes/activity-log.ts'
import { activityRoutes } from './routes/activity.ts'
import { changeRoutes } from './routes/changes.ts'
import { connectionRoutes } from './routes/connections.ts'
import { directoryRoutes } from './routes/directory.ts'
import { findingRoutes } from './routes/findings.ts'
import { hostRoutes } from './routes/hosts.ts'
import { flowRoutes } from './routes/flows.ts'
import { identityRoutes } from './routes/identity.ts'
import { initiateRoutes } from './routes/initiate.ts'
import { installationRoutes } from './routes/installation.ts'
import { issuerRoutes } from './routes/issuers.ts'
import { machineRoutes } from './routes/machines.ts'
import { ownPolicyRoutes } from './routes/own-policies.ts'
import { policyRoutes } from './routes/policies.ts'
import { postureRoutes } from './routes/posture.ts'
import { pricingRoutes } from './routes/pricings.ts'
import { requestRoutes } from './routes/requests.ts'
import { roleRoutes } from './routes/roles.ts'
import { securityGroupRoutes } from './routes/security-groups.ts'
import { sessionRoutes } from './routes/sessions.ts'
import { subscriptionRoutes } from './routes/subscriptions.ts'
import { virtualMachineRoutes } from './routes/virtual-machines.ts'
import { packScope } from './input/scope-url.ts'
import { noSessionCookie } from './sessions/session-cookie.ts'

export function createServer(deps: ServerDeps): FastifyInstance {
  const fastify = bareServer(deps)
  fastify.decorateRequest('principal', undefined)
  fastify.decorateRequest('correlation', '')
  fastify.decorateRequest('address', '')
  takeJsonOnly(fastify)
  fastify.addHook('onRequest', async (request, reply) => introduce(deps, request, reply))
  fastify.addHook('onRequest', async (request, reply) => authenticate(deps, request, reply))
  measure(fastify, deps)
  partOnClose(fastify)
  fastify.setNotFoundHandler((request, reply) => send(reply, notFoundAnswer(request)))
  fastify.setErrorHandler((error, request, reply) => send(reply, errorAnswer(reasonOf(deps, error, request))))
  mount(fastify, deps, handlersOf(deps))
  if (deps.portal !== undefined) mountPortal(fastify, deps.portal)
  return fastify
}

function bareServer(deps: ServerDeps): FastifyInstance {
  let closeSessions = (): void => {}
  const fastify = Fastify({
    logger: false,
    bodyLimit: LARGEST_BODY,
    exposeHeadRoutes: false,
    rewriteUrl: ({ url = '' }) => packScope(url),
    forceCloseConnections: 'idle',
    routerOptions: { caseSensitive: false, ignoreTrailingSlash: true, maxParamLength: LONGEST_PARAMETER },
    serverFactory: (handler) => {
      const listener = createListener(deps, issuerFirst(deps.issuer, handler))
      closeSessions = listener.closeSessions
      return listener.server
    },
    // Reached before any hook has run, so the headers are set here.
    frameworkErrors: (error, request, reply) => {
      introduce(deps, request, reply)
      void send(reply, errorAnswer(reasonOf(deps, error, request)))
    },
    clientErrorHandler: (error, socket) => {
      if (socket.writable) socket.end(rawAnswer(error.code))
    },
  })
  fastify.addHook('preClose', async () => closeSessions())
  return fastify
}

function handlersOf(deps: ServerDeps): Handlers {
  const { app } = deps
  return {
    ...policyRoutes(app),
    ...ownPolicyRoutes(app),
    ...findingRoutes(app),
    ...flowRoutes(app),
    ...initiateRoutes(app),
    ...securityGroupRoutes(deps),
    ...machineRoutes(app),
    ...requestRoutes(app),
    ...changeRoutes(deps),
    ...roleRoutes(app),
    ...identityRoutes(deps),
    ...sessionRoutes(deps),
    ...connectionRoutes(app),
    ...hostRoutes(app),
    ...postureRoutes(app),
    ...pricingRoutes(app),
    ...activityRoutes(deps),
    ...installationRoutes(deps),
    ...issuerRoutes(deps),
    ...subscriptionRoutes(deps),
    ...virtualMachineRoutes(app),
    ...directoryRoutes(app),
    ...activityLogRoutes(deps),
  }
}

/** An empty body is no body; whoever needs one says so by its schema. */
function takeJsonOnly(fastify: FastifyInstance): void {
  const parse = fastify.getDefaultJsonParser('error', 'error')
  fastify.removeAllContentTypeParsers()
  fastify.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body.trim() === '') done(null, undefined)
    else void parse(request, body, done)
  })
}

function introduce(deps: ServerDeps, request: FastifyRequest, reply: FastifyReply): void {
  const { app, proxies = NO_PROXIES } = deps
  request.address = callerAddress(proxies, {
    socketAddress: request.socket.remoteAddress,
    header: request.headers[proxies.header]?.toString(),
  })
  request.correlation = correlationFrom(request.headers['x-ms-correlation-request-id'])
  const { correlation } = request
  const { location } = app.installation
  // The name localhost is shared with every other program of the machine: a promise for it would be one for them too.
  const secure = request.protocol === 'https' && request.hostname !== 'localhost'
  reply.headers(armHeaders({ correlation, secure, location, now: app.clock.now() }))
}

async function authenticate(
  deps: ServerDeps,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply | undefined> {
  if (request.routeOptions.config.open === true) return undefined
  const known = await identify(deps, request)
  if (known.ok) {
    request.principal = known.value
    return undefined
  }
  const { authorization } = request.headers
  const [reason = notAuthenticated(authorization)] = known.refusals
  const { address } = request
  deps.app.log.warn({ address, path: pathOf(request), code: reason.code }, 'a caller was not authenticated')
  const answer = errorAnswer(reason)
  // RFC 6750 §3
  if (answer.status === 401)
    reply.header(
      'www-authenticate',
      bearerTokenFrom(authorization) === undefined ? 'Bearer' : 'Bearer error="invalid_token"',
    )
  if (reason.code === 'SessionOver' && deps.browsers !== undefined)
    reply.header('set-cookie', noSessionCookie(deps.browsers.at(`${request.protocol}://${request.host}`).origin))
  return send(reply, answer)
}

function measure(fastify: FastifyInstance, { metrics }: ServerDeps): void {
  const observe = httpMetrics(metrics)
  fastify.addHook('onResponse', async (request, reply) => {
    observe(request.routeOptions.config.operation ?? 'none', reply.statusCode, reply.elapsedTime / 1_000)
  })
}

/** A call in flight when closing begins would else leave its connection open, and closing would wait for it. */
function partOnClose(fastify: FastifyInstance): void {
  let closing = false
  const streams = new Set<Readable>()
  fastify.addHook('preClose', async () => {
    closing = true
    // A download may take as long as its reader likes; what it has not had by now it asks for again.
    for (const stream of streams) stream.destroy(new Error('the server stops'))
  })
  fastify.addHook('onSend', (request, reply, payload, done) => {
    // RFC 9113 §8.2.2: HTTP/2 has no such header; its sessions are told to go in their own way.
    if (closing && request.raw.httpVersionMajor < 2) reply.header('connection', 'close')
    if (payload instanceof Readable) {
      streams.add(payload)
      payload.once('close', () => streams.delete(payload))
    }
    done(null, payload)
  })
}

function notFoundAnswer(request: FastifyRequest): Answer {
  const path = pathOf(request)
  const methods = methodsAt(path)
  if (methods.length === 0) {
    return errorAnswer(
      refusal(
        'PathNotFound',
        `There is nothing at '${path.slice(0, 300)}'; docs/reference/openapi.json lists what there is.`,
      ),
    )
  }
  const allow = methods.join(', ')
  const message = `'${path.slice(0, 300)}' takes ${allow}; got ${request.method}.`
  return { ...errorAnswer(refusal('MethodNotAllowed', message)), headers: { allow } }
}

function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0] ?? ''
}

function reasonOf({ app }: ServerDeps, error: unknown, request: FastifyRequest): Refusal {
  const known = refusalFromHttp(error)
  return known ?? faultRefusal(app.log, error, { correlation: request.correlation, path: pathOf(request) })
}
