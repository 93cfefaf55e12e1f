/**
 * AWS as it is on a bad day, in front of moto: calls are throttled, answers get lost after the deed was done, and what is
 * shown is older than what was done.
 */
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Misfortune = 'none' | 'throttled' | 'answer lost' | 'shown late'

export interface FaultyProxy {
  readonly url: string
  /** Asked for each call by the name of its action; what happens to it. */
  fate: (action: string) => Misfortune
  /** The service itself refuses what moto takes; the code of its refusal. */
  refuses: (action: string, parameters: URLSearchParams) => Promise<string | undefined>
  readonly counts: Readonly<Record<Misfortune, number>>
  stop(): Promise<void>
}

interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

export async function startFaultyProxy(target: string): Promise<FaultyProxy> {
  const shown = new Map<string, Answer>()
  const counts: Record<Misfortune, number> = { none: 0, throttled: 0, 'answer lost': 0, 'shown late': 0 }
  const server = createServer((incoming, outgoing) => void serve(incoming, outgoing))
  const proxy: FaultyProxy & { url: string } = {
    url: '',
    fate: () => 'none',
    refuses: () => Promise.resolve(undefined),
    counts,
    stop: () => new Promise((resolve) => server.close(() => resolve()).closeAllConnections()),
  }

  const serve = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const body = await bodyOf(incoming)
    const parameters = new URLSearchParams(body.toString())
    const action = parameters.get('Action') ?? incoming.url ?? ''
    const fate = proxy.fate(action)
    const key = `${incoming.url} ${body.toString()}`
    const before = shown.get(key)
    if (fate === 'throttled') {
      counts.throttled += 1
      outgoing.writeHead(503, { 'content-type': 'text/xml' }).end(refusalOf('RequestLimitExceeded'))
      return
    }
    const refusal = await proxy.refuses(action, parameters)
    if (refusal !== undefined) {
      outgoing.writeHead(400, { 'content-type': 'text/xml' }).end(refusalOf(refusal))
      return
    }
    if (fate === 'shown late' && action.startsWith('Describe') && before !== undefined) {
      counts['shown late'] += 1
      outgoing.writeHead(before.status, before.headers).end(before.body)
      return
    }
    const answer = await forward(target, incoming, body)
    if (action.startsWith('Describe')) shown.set(key, answer)
    if (fate === 'answer lost') {
      counts['answer lost'] += 1
      outgoing.destroy()
      return
    }
    counts.none += 1
    outgoing.writeHead(answer.status, answer.headers).end(answer.body)
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // as it listens on TCP
  proxy.url = `http://127.0.0.1:${port}`
  return proxy
}

function refusalOf(code: string): string {
  const error = `<Error><Code>${code}</Code><Message>no</Message></Error>`
  return `<?xml version="1.0"?><Response><Errors>${error}</Errors><RequestID>1</RequestID></Response>`
}

async function bodyOf(stream: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of stream) parts.push(part as Buffer) // as no encoding is set
  return Buffer.concat(parts)
}

async function forward(target: string, { method, url, headers }: IncomingMessage, body: Buffer): Promise<Answer> {
  const { hostname, port } = new URL(target)
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const outgoing = request({ hostname, port, method, path: url, headers }, resolve)
    outgoing.on('error', reject)
    outgoing.end(body)
  })
  const { 'transfer-encoding': _, ...rest } = response.headers
  return { status: response.statusCode ?? 500, headers: rest, body: await bodyOf(response) }
}
