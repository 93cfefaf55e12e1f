/** An HTTP server of the same kind whose handler does nothing: what the round trip alone costs. */
import Fastify from 'fastify'
import { serveCalls } from './worker.ts'

export const api = {
  /** Answers every call with 202 and this body, after parsing the call's own. */
  listen: async ({ port, body }: { port: number; body: unknown }): Promise<void> => {
    const server = Fastify({ logger: false })
    server.post('/*', async (_, reply) => reply.code(202).send(body))
    await server.listen({ host: '0.0.0.0', port })
  },
}

export type FloorHttpApi = typeof api

serveCalls(import.meta.filename, api)
