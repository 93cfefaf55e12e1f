/**
 * The installation's own issuer, wired: its key file, its addresses, and how the server trusts it. Every token names the
 * address that it was asked for at, and clients compare that: so there is an issuer for each address, over one store and
 * one set of keys. Without an address that stays the same, and where it is turned off, there is none.
 */
import type { IncomingMessage } from 'node:http'
import type { App } from '../../app/app.ts'
import { mustHaveCode } from '../../app/identity/must-have-code.ts'
import type { PrincipalId } from '../../domain/roles/identity.ts'
import { refusal } from '../../domain/refusal.ts'
import { SECOND } from '../../domain/time.ts'
import { PORTAL, SALLYPORT_CLI } from '../../issuer/clients.ts'
import { createIssuer, type Issuer } from '../../issuer/create-issuer.ts'
import { createVault } from '../../issuer/create-vault.ts'
import type { TrustedIssuer } from '../../server/auth/trusted-issuer.ts'
import { callerAddress, NO_PROXIES } from '../../server/auth/caller-address.ts'
import type { ServerDeps } from '../../server/deps.ts'
import type { Config } from '../config/config.ts'
import { openInstallationKey } from '../installation/installation-key.ts'
import { originFor } from '../config/origins.ts'
import { proxiesOf } from '../config/proxies.ts'

export interface OwnIssuer {
  readonly forServer: NonNullable<ServerDeps['issuer']>
  /** By the address that each names itself by. */
  readonly at: ReadonlyMap<string, OwnIssuerAt>
}

export interface OwnIssuerAt {
  readonly trusted: TrustedIssuer
  /** As which client browsers are signed in. */
  readonly portal: string
  readonly handle: NonNullable<ServerDeps['issuer']>['handle']
  signOut(cookies: string | undefined): Promise<string[]>
}

/** What Azure's libraries ask for unless they are told otherwise. */
const AZURE = ['https://management.azure.com', 'https://management.core.windows.net']

export interface OwnIssuerDeps {
  readonly config: Config
  readonly app: App
  readonly tenant: string
  readonly origins: readonly string[]
}

export async function openOwnIssuer({ config, app, tenant, origins }: OwnIssuerDeps): Promise<OwnIssuer | undefined> {
  const [first] = origins
  if (config.ownIssuer === 'off' || first === undefined) return undefined
  const { store, clock, log } = app
  const sealer = await openInstallationKey(config)
  const proxies = config.trustedProxies === undefined ? NO_PROXIES : proxiesOf(config)
  const common = {
    store,
    clock,
    log,
    sealer,
    tenant,
    mustHaveCode: (user: PrincipalId) => mustHaveCode(app, config.ownIssuerOneTimeCodes, user),
    otherResources: [...origins, ...origins.flatMap(loopbackNames), ...AZURE],
    addressOf: ({ socket, headers }: IncomingMessage) =>
      callerAddress(proxies, { socketAddress: socket.remoteAddress, header: headers[proxies.header]?.toString() }),
  }
  const issuers = new Map(origins.map((url) => [url, createIssuer({ ...common, url })]))
  const [any = createIssuer({ ...common, url: first })] = issuers.values()
  return {
    forServer: {
      takes: (path) => any.takes(path),
      handle: async (request, response) => (issuers.get(originFor(request, origins)) ?? any).handle(request, response),
      vault: createVault({ sealer, place: `Sallyport ${new URL(first).host}` }),
    },
    at: new Map([...issuers].map(([url, issuer]) => [url, issuerAt(issuer)])),
  }
}

function issuerAt(issuer: Issuer): OwnIssuerAt {
  return {
    trusted: trustedFrom(issuer),
    portal: PORTAL,
    handle: (request, response) => issuer.handle(request, response),
    signOut: (cookies) => issuer.signOut(cookies),
  }
}

/** One machine, many names: clients ask for a token by the one that they were given. */
function loopbackNames(url: string): string[] {
  const { protocol, hostname, port } = new URL(url)
  const names = ['localhost', '127.0.0.1', '[::1]']
  return names.includes(hostname) ? names.map((name) => `${protocol}//${name}${port === '' ? '' : `:${port}`}`) : []
}

function trustedFrom(issuer: Issuer): TrustedIssuer {
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
