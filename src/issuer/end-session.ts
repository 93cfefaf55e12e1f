/**
 * Ends the issuer's own session of a browser that signs out of this installation: else the next sign-in would ask for
 * nothing. Whoever can show the session's cookie may end it, and nothing more.
 */
import { parseCookie, stringifySetCookie } from 'cookie'
import { hashOf } from './artefact-adapter.ts'
import { sessionCookieName, type ProviderDeps } from './provider.ts'

/** The cookies to set, so that the browser forgets it too. */
export async function endSession({ store, url }: ProviderDeps, cookies: string | undefined): Promise<string[]> {
  const name = sessionCookieName(url)
  const id = parseCookie(cookies ?? '')[name]
  if (id === undefined) return []
  await store.transaction((tx) => tx.identity.removeArtefact('Session', hashOf(id)))
  const secure = url.startsWith('https:')
  return [name, `${name}.sig`].map((each) =>
    stringifySetCookie({ name: each, value: '', path: '/', maxAge: 0, httpOnly: true, secure, sameSite: 'lax' }),
  )
}
