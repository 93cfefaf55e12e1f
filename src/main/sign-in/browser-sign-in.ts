/** How browsers sign in: at the installation's own issuer, and at those of the configuration that let them. */
import { readFile } from 'node:fs/promises'
import type { App } from '../../app/app.ts'
import type { BrowserSignIn, ServerDeps } from '../../server/deps.ts'
import { askInProcess } from '../../server/sessions/ask-in-process.ts'
import { createSignInClient, type SignInPlace } from '../../server/sessions/sign-in-client.ts'
import type { Config } from '../config/config.ts'
import { knownOrigin } from '../config/origins.ts'
import type { OwnIssuer, OwnIssuerAt } from './own-issuer.ts'

type Browsers = NonNullable<ServerDeps['browsers']>

export interface BrowserSignInDeps {
  readonly config: Config
  readonly app: Pick<App, 'clock' | 'log'>
  readonly ownIssuer: OwnIssuer | undefined
  readonly origins: readonly string[]
}

/** None without an address that stays the same: it is what issuers send browsers back to. */
export async function openBrowserSignIn({
  config,
  app,
  ownIssuer,
  origins,
}: BrowserSignInDeps): Promise<Browsers | undefined> {
  const others = await Promise.all(config.issuers.flatMap((issuer) => placeOf(issuer) ?? []))
  const own = ownIssuer?.at ?? new Map<string, OwnIssuerAt>()
  if (origins.length === 0 || (own.size === 0 && others.length === 0)) return undefined
  const issuers = new Map([
    ...[...own.values()].map(({ trusted }) => [trusted.issuer, 'own'] as const),
    ...others.map(({ trusted }) => [trusted.issuer, 'other'] as const),
  ])
  const rules = { idle: config.sessionIdle, longest: config.sessionLongest, issuers }
  const signInAt = (origin: string): BrowserSignIn => {
    const here = own.get(origin)
    const places = [...(here === undefined ? [] : [ownPlace(here)]), ...others]
    const client = createSignInClient({ origin, places, ...app })
    return { origin, client, signOutAtIssuer: async (cookies) => here?.signOut(cookies) ?? [] }
  }
  const all = new Map(origins.map((origin) => [origin, signInAt(origin)]))
  return { rules, at: (base) => all.get(knownOrigin(base, origins)) ?? signInAt(origins[0] ?? '') }
}

function ownPlace({ trusted, portal, handle }: OwnIssuerAt): SignInPlace {
  return { trusted, clientId: portal, scope: 'openid profile', fetch: askInProcess(handle) }
}

function placeOf(trusted: Config['issuers'][number]): Promise<SignInPlace> | undefined {
  const { browserSignIn } = trusted
  if (browserSignIn === undefined) return undefined
  const { clientId, scope, clientSecretFile } = browserSignIn
  return secretIn(clientSecretFile).then((secret) => ({
    trusted,
    clientId,
    scope,
    ...(secret !== undefined && { clientSecret: secret }),
  }))
}

async function secretIn(file: string | undefined): Promise<string | undefined> {
  return file === undefined ? undefined : (await readFile(file, 'utf8')).trim()
}
