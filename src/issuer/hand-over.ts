/**
 * Gives a request to the OpenID library as the library wants it: under its own path, with the configured address instead
 * of whatever the caller wrote in `Host` and forwarding headers, and with a body that may have been written anew.
 */
import { IncomingMessage } from 'node:http'

export interface HandOver {
  readonly request: IncomingMessage
  /** `https://host:port`. */
  readonly url: string
  /** Path and query below `/oauth2`. */
  readonly path: string
  /** The body; without it there is none. */
  readonly form?: URLSearchParams
}

/** What the library gets; hand it over by the library's callback. */
export function rewritten({ request, url, path, form }: HandOver): IncomingMessage & { originalUrl: string } {
  const copy = Object.assign(new IncomingMessage(request.socket), { originalUrl: `/oauth2${path}` })
  copy.method = request.method ?? 'GET'
  copy.url = path
  copy.httpVersion = request.httpVersion
  copy.httpVersionMajor = request.httpVersionMajor
  copy.headers = headersFor(request, url)
  // Marks it as read to the end, or its disposal would close the connection.
  copy.complete = true
  if (form !== undefined) {
    const body = Buffer.from(form.toString())
    copy.headers['content-type'] = 'application/x-www-form-urlencoded'
    copy.headers['content-length'] = String(body.length)
    delete copy.headers['transfer-encoding']
    delete copy.headers.authorization
    copy.push(body)
  }
  copy.push(null)
  return copy
}

function headersFor(request: IncomingMessage, url: string): IncomingMessage['headers'] {
  const { host, protocol } = new URL(url)
  const kept = Object.entries(request.headers).filter(([name]) => !name.startsWith(':') && !FORWARDING.includes(name))
  return { ...Object.fromEntries(kept), host, 'x-forwarded-proto': protocol.replace(':', '') }
}

/** Written anew here; HTTP/2's own, which begin with a colon, are none of the library's business. */
const FORWARDING = ['x-forwarded-host', 'x-forwarded-for', 'x-forwarded-proto', 'forwarded']
