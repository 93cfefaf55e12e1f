/**
 * Whether a call with a session's cookie was made by a page of ours: browsers send cookies with whatever any page lets them
 * call. A call that changes something must come from this very origin, as the browser says, and carry what only our pages
 * can read. Pure.
 */
import { timingSafeEqual } from 'node:crypto'
import { refusal, type Refusal } from '../../domain/refusal.ts'

const CSRF_HEADER = 'x-csrf-token'

export interface CookieCall {
  readonly method: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** Origins that pages of ours have. */
  readonly origins: readonly string[]
  /** What belongs to the session. */
  readonly token: string
}

/** RFC 9110 §9.2.1 */
const SAFE = ['GET', 'HEAD', 'OPTIONS']

export function whyForged({ method, headers, origins, token }: CookieCall): Refusal | undefined {
  if (SAFE.includes(method)) return undefined
  const { origin, 'sec-fetch-site': site, [CSRF_HEADER]: given } = headers
  if (origin === undefined && site === undefined)
    return forged(`the browser does not say which page calls: neither 'Origin' nor 'Sec-Fetch-Site' came`)
  if (site !== undefined && site !== 'same-origin') return forged('another site calls')
  if (origin !== undefined && !(typeof origin === 'string' && origins.includes(origin)))
    return forged('a page of another origin calls')
  if (typeof given !== 'string' || !isSame(given, token))
    return forged(`the header '${CSRF_HEADER}' must be the 'csrfToken' that GET /auth/session shows`)
  return undefined
}

function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)]
  return a.length === b.length && timingSafeEqual(a, b)
}

function forged(why: string): Refusal {
  return refusal('ForgedCall', `With a browser's session only pages of this server may change something; ${why}.`)
}
