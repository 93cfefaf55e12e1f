/** The answer to bytes that are not HTTP: they never become a request, so it is written by hand. */
import { refusal, type Refusal } from '../domain/refusal.ts'
import { armErrorOf } from './errors.ts'

/** `code`: of the error that Node gives. */
export function rawAnswer(code: string | undefined): string {
  const [status, reason] = rawRefusal(code)
  const body = JSON.stringify(armErrorOf(reason))
  return `HTTP/1.1 ${status}\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`
}

function rawRefusal(code: string | undefined): [string, Refusal] {
  if (code === 'HPE_HEADER_OVERFLOW')
    return ['431 Request Header Fields Too Large', refusal('RequestHeaderFieldsTooLarge', 'The headers are too long.')]
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return ['408 Request Timeout', refusal('RequestTimeout', 'The request did not arrive in time.')]
  return ['400 Bad Request', refusal('BadRequest', 'This is not an HTTP request.')]
}
