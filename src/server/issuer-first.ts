/**
 * Lets the installation's own issuer answer at its addresses. It reads forms itself and has errors of its own shape, so
 * its requests never reach the operations, their authentication or their JSON.
 */
import type { FastifyServerFactoryHandler } from 'fastify'
import type { ServerDeps } from './deps.ts'

export function issuerFirst(
  issuer: ServerDeps['issuer'],
  handler: FastifyServerFactoryHandler,
): FastifyServerFactoryHandler {
  if (issuer === undefined) return handler
  return (request, response) => {
    const path = (request.url ?? '').split('?', 1)[0] ?? ''
    if (issuer.takes(path)) void issuer.handle(request, response)
    else handler(request, response)
  }
}
