/**
 * One kept-open HTTP/1.1 connection, one call at a time, as little of HTTP as a measurement needs: the caller shares two
 * cores with what it measures. Answers must carry a content-length, as ours do.
 */
import { connect, type Socket } from 'node:net'
import { once } from 'node:events'
import { monotonic } from './monotonic.ts'

export interface HttpCall {
  readonly method: string
  readonly path: string
  readonly body?: unknown
}

export interface Reply {
  readonly status: number
  readonly body: string
  /** By the monotonic clock, in milliseconds: before the first byte was handed over, and when the last had come. */
  readonly sentAt: number
  readonly answeredAt: number
}

export interface Connection {
  send(call: HttpCall): Promise<Reply>
  close(): void
}

export interface Endpoint {
  readonly host: string
  readonly port: number
  readonly token: string
}

export async function openConnection(endpoint: Endpoint): Promise<Connection> {
  const socket = connect(endpoint.port, endpoint.host)
  socket.setNoDelay(true)
  await once(socket, 'connect')
  const answers = readAnswers(socket)
  return {
    async send(call) {
      if (socket.destroyed) throw new Error('the server closed the connection while it was idle; open another')
      const text = requestText(endpoint, call)
      const sentAt = monotonic()
      const answer = answers()
      socket.write(text)
      const { status, body } = await answer
      return { status, body, sentAt, answeredAt: monotonic() }
    },
    close: () => socket.destroy(),
  }
}

function requestText({ host, port, token }: Endpoint, { method, path, body }: HttpCall): string {
  const text = body === undefined ? '' : JSON.stringify(body)
  const head = [
    `${method} ${path} HTTP/1.1`,
    `host: ${host}:${port}`,
    `authorization: Bearer ${token}`,
    ...(body === undefined ? [] : ['content-type: application/json']),
    `content-length: ${Buffer.byteLength(text)}`,
  ]
  return `${head.join('\r\n')}\r\n\r\n${text}`
}

type Answer = Pick<Reply, 'status' | 'body'>

/** Each call of the result waits for the next answer. */
function readAnswers(socket: Socket): () => Promise<Answer> {
  let waiting: PromiseWithResolvers<Answer> | undefined
  let chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk)
    const answer = answerIn(chunks)
    if (answer === undefined) return
    chunks = []
    waiting?.resolve(answer)
  })
  socket.once('error', (cause) => waiting?.reject(cause))
  socket.once('close', () => waiting?.reject(new Error('the server closed the connection before it had answered')))
  return () => {
    waiting = Promise.withResolvers<Answer>()
    return waiting.promise
  }
}

/** Undefined while some of it is missing. */
function answerIn(chunks: Buffer[]): Answer | undefined {
  const all = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)
  if (all === undefined) return undefined
  const end = all.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const head = all.toString('latin1', 0, end)
  const length = Number(
    /^content-length: (\d+)$/im.exec(head)?.[1] ?? (head.startsWith('HTTP/1.1 204') ? 0 : Number.NaN),
  )
  if (Number.isNaN(length)) throw new Error(`expected an answer with a content-length, got: ${head}`)
  if (all.length < end + 4 + length) {
    chunks.splice(0, chunks.length, all)
    return undefined
  }
  return { status: Number(head.slice(9, 12)), body: all.toString('utf8', end + 4) }
}
