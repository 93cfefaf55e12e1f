/**
 * The cookies of browser sessions. Over HTTPS their names begin with `__Host-`, which holds them to this very host, to the
 * whole of it, and to TLS (RFC 6265bis §4.1.3.2). That prefix and `Secure` cannot be had over plain HTTP, which is served to
 * this machine alone: there the name carries the port instead, because all servers on localhost share their cookies.
 */
import { createHash, createHmac, randomBytes } from 'node:crypto'
import { parseCookie, stringifySetCookie, type SetCookie } from 'cookie'
import { MINUTE, SECOND } from '../../domain/time.ts'

/** How long somebody may take to sign in at the issuer. */
const THINKING = 15 * MINUTE

/** Has 256 random bits, so a plain hash of it cannot be searched. */
export function newSessionSecret(): string {
  return randomBytes(32).toString('base64url')
}

export function sessionHash(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url')
}

/** What a page must send with every call that changes something; only who can read the session can know it. */
export function csrfTokenOf(secret: string): string {
  return createHmac('sha256', secret).update('x-csrf-token').digest('base64url')
}

/** `origin`: as browsers know this server. */
export function sessionSecretIn(cookies: string | undefined, origin: string): string | undefined {
  const secret = valueIn(cookies, nameAt(origin, 'session'))
  return secret === '' ? undefined : secret
}

/**
 * `Strict`: no other site can make a browser call us with it, not even by a link. Pages do not need it, the calls that they
 * make do, and those are of the same site. Forgotten when the browser closes.
 */
export function sessionCookie(origin: string, secret: string): string {
  return written(origin, { name: nameAt(origin, 'session'), value: secret, sameSite: 'strict' })
}

export function noSessionCookie(origin: string): string {
  return written(origin, { name: nameAt(origin, 'session'), value: '', sameSite: 'strict', maxAge: 0 })
}

/**
 * What must be kept of a sign-in until the issuer sends the browser back. `Lax`, because that comes from another site; named
 * after its state, because two tabs may sign in at once.
 */
export function askedCookie(origin: string, state: string, kept: object): string {
  const value = Buffer.from(JSON.stringify(kept)).toString('base64url')
  return written(origin, { name: askedName(origin, state), value, sameSite: 'lax', maxAge: THINKING / SECOND })
}

export function askedIn(cookies: string | undefined, origin: string, state: string): unknown {
  const value = valueIn(cookies, askedName(origin, state))
  try {
    return JSON.parse(Buffer.from(value ?? '', 'base64url').toString('utf8'))
  } catch {
    return undefined // not written here
  }
}

export function noAskedCookie(origin: string, state: string): string {
  return written(origin, { name: askedName(origin, state), value: '', sameSite: 'lax', maxAge: 0 })
}

function askedName(origin: string, state: string): string {
  return nameAt(origin, `sign-in-${state.replaceAll(/[^\w-]/g, '').slice(0, 12)}`)
}

function nameAt(origin: string, what: string): string {
  const { protocol, port } = new URL(origin)
  return protocol === 'https:' ? `__Host-sallyport-${what}` : `sallyport-${port}-${what}`
}

function valueIn(cookies: string | undefined, name: string): string | undefined {
  return cookies === undefined ? undefined : parseCookie(cookies)[name]
}

function written(origin: string, cookie: SetCookie): string {
  const secure = origin.startsWith('https:')
  return stringifySetCookie({ ...cookie, path: '/', httpOnly: true, ...(secure && { secure }) })
}
