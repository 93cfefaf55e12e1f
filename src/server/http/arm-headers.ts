/** The headers that every answer carries (behaviour reference, R25), and those that keep browsers from misusing it. */
import { randomUUID } from 'node:crypto'

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

export interface RequestFacts {
  readonly correlation: string
  readonly secure: boolean
  readonly location: string
  readonly now: number
}

/** A caller may name the correlation; anything but a GUID is replaced, so that it is safe to log and to echo. */
export function correlationFrom(header: unknown): string {
  return typeof header === 'string' && GUID.test(header) ? header : randomUUID()
}

export function armHeaders({ correlation, secure, location, now }: RequestFacts): Record<string, string> {
  const stamp = new Date(now).toISOString().replace(/[-:]|\.\d+/g, '')
  return {
    'cache-control': 'no-cache',
    pragma: 'no-cache',
    expires: '-1',
    'x-content-type-options': 'nosniff',
    // For whatever a browser might show as a page; a page of its own says what it needs.
    'content-security-policy': "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    'referrer-policy': 'no-referrer',
    'x-ms-request-id': randomUUID(),
    'x-ms-correlation-request-id': correlation,
    'x-ms-routing-request-id': `${location.toUpperCase()}:${stamp}:${correlation}`,
    // RFC 6797 §7.2: never over plain HTTP
    ...(secure && { 'strict-transport-security': 'max-age=31536000; includeSubDomains' }),
  }
}
