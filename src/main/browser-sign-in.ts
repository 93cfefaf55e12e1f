/** How browsers sign in: at the installation's own issuer, and at those of the configuration that let them. */
import { readFile } from 'node:fs/promises'
import type { App } from '../app/app.ts'
import type { ServerDeps } from '../server/deps.ts'
import { askInProcess } from '../server/sessions/ask-in-process.ts'
import { createSignInClient, type SignInPlace } from '../server/sessions/sign-in-client.ts'
import type { Config } from './config.ts'
import { addressOf, type OwnIssuer } from './own-issuer.ts'

type Browsers = NonNullable<ServerDeps['browsers']>

/** None without an address that stays the same: it is what issuers send browsers back to. */
export async function openBrowserSignIn(
  config: Config,
  { clock, log }: Pick<App, 'clock' | 'log'>,
  ownIssuer: OwnIssuer | undefined,
): Promise<Browsers | undefined> {
  const address = addressOf(config)
  const others = await Promise.all(config.issuers.flatMap((issuer) => placeOf(issuer) ?? []))
  const places = [...(ownIssuer === undefined ? [] : [ownPlace(ownIssuer)]), ...others]
  if (address === undefined || places.length === 0) return undefined
  const { origin } = new URL(address)
  const own = ownIssuer?.trusted.issuer
  const issuers = new Map(
    places.map(({ trusted: { issuer } }) => [issuer, issuer === own ? ('own' as const) : ('other' as const)]),
  )
  return {
    origin,
    rules: { idle: config.sessionIdle, longest: config.sessionLongest, issuers },
    client: createSignInClient({ origin, places, clock, log }),
    signOutAtIssuer: async (cookies) => ownIssuer?.signOut(cookies) ?? [],
  }
}

function ownPlace({ trusted, portal, forServer }: OwnIssuer): SignInPlace {
  const fetch = askInProcess((request, response) => forServer.handle(request, response))
  return { trusted, clientId: portal, scope: 'openid profile', fetch }
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
