/** The double over HTTPS with a certificate of its own, in real time. It only carries: every answer is the double's. */
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:https'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDevTls } from '../../src/main/tls/dev-tls.ts'
import type { ArmDouble } from './arm-double.ts'
import type { DoubleRequest } from './wire.ts'

export interface HttpsShell {
  readonly url: string
  /** The authority to trust, PEM, and the file that holds it. */
  readonly authority: string
  readonly authorityFile: string
  close(): Promise<void>
}

export async function serveDouble(
  double: ArmDouble,
  { port = 0 }: { readonly port?: number } = {},
): Promise<HttpsShell> {
  const folder = await mkdtemp(join(tmpdir(), `arm-double-${process.pid}-`))
  const { cert, key, authorityFile } = await openDevTls({ folder, now: Date.now() })
  const server = createServer({ cert, key }, (request, response) => {
    carry(double, request, response).catch((error: unknown) =>
      response.destroy(error instanceof Error ? error : undefined),
    )
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `https://localhost:${portOf(server)}`,
    authority: await readFile(authorityFile, 'utf8'),
    authorityFile,
    close: async () => {
      server.closeAllConnections()
      server.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function carry(double: ArmDouble, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { response: answer, after } = double.handle(await readRequest(request))
  if (after > 0) await new Promise((resolve) => setTimeout(resolve, after))
  if (answer === undefined) {
    request.socket.destroy()
    return
  }
  response.writeHead(answer.status, answer.headers)
  response.end(answer.body)
}

async function readRequest(request: IncomingMessage): Promise<DoubleRequest> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(Buffer.from(chunk as Uint8Array)) // a request's body comes in bytes
  const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]))
  const body = chunks.length > 0 ? { body: Buffer.concat(chunks).toString() } : {}
  return {
    method: request.method ?? 'GET',
    url: `https://${headers['host'] ?? 'localhost'}${request.url ?? '/'}`,
    headers,
    ...body,
  }
}

function portOf(server: Server): number {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the double does not listen on a port')
  return address.port
}
