/** The answers to bytes that never become a request, so they are written by hand. */
import { refusal, type Refusal } from '../../domain/refusal.ts'
import { armErrorOf } from '../errors.ts'

/** `code`: of the error that Node gives. */
export function rawAnswer(code: string | undefined): string {
  return written(...rawRefusal(code))
}

/** To plain HTTP from where it is not allowed. */
export function httpsRequiredAnswer(): string {
  const message =
    "Plain HTTP is served to this machine alone, because tokens would travel in clear text: use https:// on the same port. Trust the server's development authority first: tls/dev-ca.pem in its data folder, named 'caFile' in its ready file."
  return written('400 Bad Request', refusal('HttpsRequired', message))
}

function written(status: string, reason: Refusal): string {
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
