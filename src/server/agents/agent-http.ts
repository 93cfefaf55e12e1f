/** Calls of agents as HTTP: a body that is JSON and not too large, an answer that is JSON, a refusal in the API's own form. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { z } from 'zod'
import { ok, refusal, refused, type Refusal, type Result } from '../../domain/refusal.ts'
import { STATUS_OF_CODE } from '../errors.ts'
import { agentJson } from './agent-json.ts'

export async function readJson<T>(
  request: IncomingMessage,
  { schema, largest }: { readonly schema: z.ZodType<T>; readonly largest: number },
): Promise<Result<T>> {
  const data = await readAll(request, largest)
  if (data === undefined)
    return refused(refusal('RequestEntityTooLarge', `expected at most ${largest} bytes; more came`))
  const read = schema.safeParse(agentJson(data))
  if (read.success) return ok(read.data)
  const [issue] = read.error.issues
  const where = issue === undefined || issue.path.length === 0 ? 'the body' : issue.path.join('.')
  return refused(refusal('InvalidRequestContent', `${where}: ${issue?.message ?? 'not JSON'}`, where))
}

async function readAll(request: IncomingMessage, largest: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > largest) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

export function answerJson(response: ServerResponse, body: object): void {
  answer(response, 200, JSON.stringify(body))
}

export function answerRefusal(response: ServerResponse, why: Refusal): void {
  // What was not read of a refused body cannot be told from the next call.
  response.setHeader('connection', 'close')
  answer(response, statusOf(why), textOf(why))
}

export function answerNothing(response: ServerResponse): void {
  response.writeHead(204).end()
}

function answer(response: ServerResponse, status: number, text: string): void {
  if (response.headersSent || response.destroyed) return
  response
    .writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
    .end(text)
}

/** Of a connection that is not to become a stream. */
export function refuseUpgrade(socket: Duplex, why: Refusal): void {
  const text = textOf(why)
  const head = [
    `HTTP/1.1 ${statusOf(why)} Refused`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(text)}`,
    'connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${text}`)
}

function statusOf({ code }: Refusal): number {
  return STATUS_OF_CODE[code] ?? 400
}

function textOf({ code, message }: Refusal): string {
  return JSON.stringify({ error: { code, message } })
}

/** Nobody is refused without a reason; this is for the compiler. */
export function firstReason([first]: readonly Refusal[]): Refusal {
  return first ?? refusal('InternalServerError', 'the server refused without a reason')
}
