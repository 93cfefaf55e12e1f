/**
 * The installation's own issuer, wired: its key file, its address, and how the server trusts it. It needs an address that
 * stays the same, because every token names it; without one, and where it is turned off, there is none.
 */
import { join } from 'node:path'
import type { App } from '../app/app.ts'
import { mustHaveCode } from '../app/must-have-code.ts'
import { refusal } from '../domain/refusal.ts'
import { SECOND } from '../domain/time.ts'
import { PORTAL, SALLYPORT_CLI } from '../issuer/clients.ts'
import { createIssuer } from '../issuer/create-issuer.ts'
import { createVault } from '../issuer/create-vault.ts'
import { openSealer } from '../issuer/seal.ts'
import type { TrustedIssuer } from '../server/auth/trusted-issuer.ts'
import { callerAddress, NO_PROXIES } from '../server/caller-address.ts'
import type { ServerDeps } from '../server/deps.ts'
import type { Config } from './config.ts'
import { hostAndPort, speaksPlain, speechOf, type Speech } from './open-tls.ts'
import { proxiesOf } from './proxies.ts'

export interface OwnIssuer {
  readonly forServer: NonNullable<ServerDeps['issuer']>
  readonly trusted: TrustedIssuer
  /** As which client browsers are signed in. */
  readonly portal: string
  signOut(cookies: string | undefined): Promise<string[]>
}

/** What Azure's libraries ask for unless they are told otherwise. */
const AZURE = ['https://management.azure.com', 'https://management.core.windows.net']

export async function openOwnIssuer(config: Config, app: App, tenant: string): Promise<OwnIssuer | undefined> {
  const url = addressOf(config)
  if (config.ownIssuer === 'off' || url === undefined) return undefined
  const { store, clock, log } = app
  const sealer = await openSealer(config.issuerKeyFile ?? join(config.data, 'issuer.key'))
  const proxies = config.trustedProxies === undefined ? NO_PROXIES : proxiesOf(config)
  const issuer = createIssuer({
    store,
    clock,
    log,
    sealer,
    url,
    tenant,
    mustHaveCode: (user) => mustHaveCode(app, config.ownIssuerOneTimeCodes, user),
    otherResources: [...loopbackNames(url, speechOf(config)), ...AZURE],
    addressOf: ({ socket, headers }) =>
      callerAddress(proxies, { socketAddress: socket.remoteAddress, header: headers[proxies.header]?.toString() }),
  })
  return {
    forServer: { ...issuer, vault: createVault({ sealer, place: `Sallyport ${new URL(url).host}` }) },
    trusted: trustedFrom(issuer),
    portal: PORTAL,
    signOut: (cookies) => issuer.signOut(cookies),
  }
}

/** A free port is another one at the next start. */
export function addressOf(config: Config): string | undefined {
  if (config.publicUrl !== undefined) return config.publicUrl
  const { host: listening, port } = hostAndPort(config.listen)
  const host = listening === '0.0.0.0' || listening === '::' ? 'localhost' : listening
  const scheme = speaksPlain(config, host) ? 'http' : 'https'
  return port === 0 ? undefined : `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`
}

/** One machine, many names: clients ask for a token by the one that they were given. */
function loopbackNames(url: string, speech: Speech): string[] {
  const { protocol, hostname, port } = new URL(url)
  const names = ['localhost', '127.0.0.1', '[::1]']
  const schemes = speech === 'either' ? ['http:', 'https:'] : [protocol]
  const places = names.map((name) => `//${name}${port === '' ? '' : `:${port}`}`)
  return names.includes(hostname) ? schemes.flatMap((scheme) => places.map((place) => scheme + place)) : []
}

function trustedFrom(issuer: ReturnType<typeof createIssuer>): TrustedIssuer {
  return {
    issuer: issuer.issuer,
    audiences: issuer.audiences,
    algorithms: ['RS256'],
    keys: { kind: 'own', read: () => issuer.jwks() },
    claims: { objectId: ['oid'], name: ['upn', 'preferred_username'], groups: 'groups' },
    prefix: '',
    require: {},
    cliSignIn: {
      clientId: SALLYPORT_CLI,
      scope: `${issuer.audiences[0] ?? ''}/.default openid profile offline_access`,
      name: 'this installation',
    },
    judge: async ({ oid, iat = 0, idtyp }) => {
      // An ID token says who somebody is to a program; it is no key to this server.
      const mayAct = typeof oid === 'string' && idtyp !== undefined && (await issuer.mayAct(oid, iat * SECOND))
      return mayAct ? undefined : refusal('AuthenticationFailed', 'The token was ended: sign in again.')
    },
  }
}
