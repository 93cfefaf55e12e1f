/** A form as OAuth's endpoints take it: small, whole, and each name once (RFC 6749 §3.2). */
import type { IncomingMessage } from 'node:http'
import { ok, refusal, refused, type Result } from '../domain/refusal.ts'

const LARGEST = 64 * 1024

export type Form = Readonly<Record<string, string>>

export async function readForm(request: IncomingMessage): Promise<Result<Form>> {
  const type = request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase()
  if (type !== 'application/x-www-form-urlencoded') {
    return invalid(`send a form (application/x-www-form-urlencoded); got ${type ?? 'nothing'}`)
  }
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > LARGEST) return invalid(`a form has at most ${LARGEST} bytes`)
    chunks.push(chunk)
  }
  return formFrom(Buffer.concat(chunks).toString('utf8'))
}

function formFrom(text: string): Result<Form> {
  const form = new Map<string, string>()
  for (const [name, value] of new URLSearchParams(text)) {
    if (form.has(name)) return invalid(`'${name.slice(0, 60)}' came twice`)
    if (value !== '') form.set(name, value) // RFC 6749 §3.2: a parameter without a value is as if it were left out
  }
  return ok(Object.fromEntries(form))
}

function invalid(message: string): ReturnType<typeof refused> {
  return refused(refusal('InvalidForm', message))
}
