/**
 * Serves the portal: the same document for each of its pages, with a nonce of its own for the styles that its components
 * make, and the files that it loads. Everything here may be read by anybody; what the pages show comes from the operations.
 */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import { PORTAL_PATHS } from '../contract/portal-paths.ts'

/** What the build leaves in the document where the nonce goes. */
export const NONCE_PLACE = '__SALLYPORT_NONCE__'

export interface PortalFiles {
  /** What the build made. */
  readonly folder: string
  /** The document, with {@link NONCE_PLACE} in it. */
  readonly document: string
}

const OPEN = { config: { open: true } }
const A_YEAR = 365 * 24 * 60 * 60 * 1_000

export function mountPortal(fastify: FastifyInstance, { folder, document }: PortalFiles): void {
  for (const path of PORTAL_PATHS) {
    fastify.get(path, OPEN, async (_request, reply) => {
      const nonce = randomBytes(16).toString('base64')
      return reply.headers(headersFor(nonce)).send(document.replaceAll(NONCE_PLACE, nonce))
    })
  }
  void fastify.register(fastifyStatic, { root: folder, serve: false, preCompressed: true, index: false })
  // The names of these carry their content.
  fastify.get<{ Params: { '*': string } }>('/assets/*', OPEN, async (request, reply) =>
    reply.sendFile(request.params['*'], join(folder, 'assets'), { maxAge: A_YEAR, immutable: true }),
  )
  fastify.get('/sallyport.svg', OPEN, async (_request, reply) => reply.sendFile('sallyport.svg'))
}

function headersFor(nonce: string): Readonly<Record<string, string>> {
  return {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': [
      "default-src 'none'",
      "script-src 'self'",
      `style-src 'self' 'nonce-${nonce}'`,
      "img-src 'self' data:",
      "font-src 'self'",
      "connect-src 'self'",
      "form-action 'self'",
      "base-uri 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
    'referrer-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
  }
}
