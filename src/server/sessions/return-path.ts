/** Where a browser goes after a sign-in: a page of this server and nothing else, or a link here could lead anywhere. Pure. */
import { ok, quoted, refusal, refused, type Result } from '../../domain/refusal.ts'

/** Whole, with the origin: a path alone, such as `/.//evil.example`, could be read as a host. */
export function parseReturnPath(text: string | undefined, origin: string): Result<string> {
  const wanted = text ?? '/'
  const url = URL.canParse(wanted, origin) ? new URL(wanted, origin) : undefined
  const isOurs = url !== undefined && url.origin === origin && wanted.startsWith('/')
  // Nothing there is a page, and the sign-in itself would go round in circles.
  if (isOurs && !/^\/+(auth|oauth2)(\/|$)/i.test(url.pathname)) return ok(url.href)
  const expected = 'a path of a page of this server, such as /portal?tab=1'
  return refused(refusal('InvalidReturnTo', `'returnTo' should be ${expected}; got ${quoted(wanted)}`, 'returnTo'))
}
