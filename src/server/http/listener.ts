/**
 * The socket side of the server: plain HTTP/1.1, or HTTP/2 and HTTP/1.1 side by side over TLS, as each client can; or
 * both on one port, told apart by the first byte of a connection.
 */
import { createServer as createHttpServer, type Server } from 'node:http'
import {
  createSecureServer,
  type Http2SecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type ServerHttp2Session,
} from 'node:http2'
import type { FastifyServerFactoryHandler } from 'fastify'
import type { ServerDeps } from '../deps.ts'
import { eitherListener } from './either-listener.ts'
import { ARRIVAL_TIME, KEEP_ALIVE } from './limits.ts'

export interface Listener {
  readonly server: Server
  /** Lets what is under way on HTTP/2 finish and takes nothing new; HTTP/1.1 has its own way. */
  readonly closeSessions: () => void
}

type Http2Handler = (request: Http2ServerRequest, response: Http2ServerResponse) => void

const TIMES = { requestTimeout: ARRIVAL_TIME, keepAliveTimeout: KEEP_ALIVE }

export function createListener(
  { tls, plainHttp }: Pick<ServerDeps, 'tls' | 'plainHttp'>,
  handler: FastifyServerFactoryHandler,
): Listener {
  if (tls === undefined) return { server: createHttpServer(TIMES, handler), closeSessions: () => {} }
  const { secure, closeSessions } = secureListener(tls, handler)
  if (plainHttp === undefined) return { server: secure as unknown as Server, closeSessions } // as below
  return eitherListener({ plain: createHttpServer(TIMES, handler), secure, plainFor: plainHttp, closeSessions })
}

function secureListener(
  tls: NonNullable<ServerDeps['tls']>,
  handler: FastifyServerFactoryHandler,
): { readonly secure: Http2SecureServer; readonly closeSessions: () => void } {
  const secure = createSecureServer({ ...tls, allowHTTP1: true, minVersion: 'TLSv1.2' })
  // What HTTP/2 hands over has all of HTTP/1.1's that Fastify uses: https://nodejs.org/api/http2.html#compatibility-api
  secure.on('request', handler as unknown as Http2Handler)
  Object.assign(secure, TIMES)
  const sessions = new Set<ServerHttp2Session>()
  secure.on('session', (session) => {
    sessions.add(session)
    session.setTimeout(KEEP_ALIVE, () => session.close())
    session.once('close', () => sessions.delete(session))
  })
  const closeSessions = (): void => {
    for (const session of sessions) session.close()
  }
  return { secure, closeSessions }
}
