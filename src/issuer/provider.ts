/**
 * The OpenID library, set up for this installation: what it issues, to whom, and what is on its pages. The library speaks
 * the protocols; who somebody is, is decided elsewhere and told to it.
 */
import { errors, interactionPolicy, Provider, type Configuration, type KoaContextWithOIDC } from 'oidc-provider'
import type { Clock } from '../app/ports/clock.ts'
import type { Store } from '../app/ports/store.ts'
import type { PrincipalId, User } from '../domain/roles/identity.ts'
import { HOUR, DAY, MINUTE, SECOND } from '../domain/time.ts'
import { artefactAdapter, claimUse } from './artefact-adapter.ts'
import { principalTokenClaims, userClaims, userTokenClaims } from './claims.ts'
import { clientAdapter, publicClients } from './clients.ts'
import { deviceFlow, signOutFlow, showFailure } from './library-pages.ts'
import { issuerOf, type Installed } from './places.ts'
import { IMPERSONATION } from './scopes.ts'
import type { Sealer } from './seal.ts'
import type { KeySet } from './signing-keys.ts'

export interface ProviderDeps extends Installed {
  readonly store: Store
  readonly clock: Clock
  readonly sealer: Sealer
  /** Resource ids that tokens may be for, our own first. */
  readonly resources: readonly string[]
  /** Whether a user gets no token without a one-time code, by the rights that they have now. */
  readonly mustHaveCode: (user: PrincipalId) => Promise<boolean>
}

const TOKEN_SECONDS = HOUR / SECOND
const REFRESH_SECONDS = (14 * DAY) / SECOND
/** However often it is refreshed, somebody types a password again after this. */
const GRANT_SECONDS = (30 * DAY) / SECOND

export function createProvider(deps: ProviderDeps, keys: KeySet): Provider {
  const provider = new Provider(issuerOf(deps), configurationOf(deps, keys))
  // The front writes the forwarded headers itself: addresses in answers are the configured ones, whatever a caller says.
  provider.proxy = true
  return provider
}

function configurationOf(deps: ProviderDeps, keys: KeySet): Configuration {
  const { store, url, tenant, sealer } = deps
  return {
    adapter: (kind) => (kind === 'Client' ? clientAdapter(store) : artefactAdapter(deps, kind)),
    clients: publicClients(url),
    clientAuthMethods: ['client_secret_post', 'client_secret_basic', 'none'],
    jwks: { keys: keys.keys },
    scopes: ['openid', 'profile', 'email', 'offline_access'],
    claims: { openid: ['sub', 'oid', 'tid', 'upn', 'preferred_username', 'name', 'ver'], profile: [], email: [] },
    conformIdTokenClaims: false,
    cookies: cookiesOf(url, sealer),
    routes: {
      authorization: '/authorize',
      token: '/token',
      device_authorization: '/devicecode',
      code_verification: '/device',
      jwks: '/keys',
      end_session: '/signout',
      revocation: '/revoke',
    },
    ttl: {
      AccessToken: TOKEN_SECONDS,
      ClientCredentials: TOKEN_SECONDS,
      IdToken: TOKEN_SECONDS,
      RefreshToken: REFRESH_SECONDS,
      Grant: GRANT_SECONDS,
      Session: (12 * HOUR) / SECOND,
      Interaction: (15 * MINUTE) / SECOND,
      DeviceCode: (15 * MINUTE) / SECOND,
      AuthorizationCode: MINUTE / SECOND,
    },
    findAccount: async (_, id) => accountOf(await deps.store.reads.identity.user(id), tenant),
    loadExistingGrant: (ctx) => grantEverything(ctx, deps.resources),
    interactions: { policy: policyOf(deps), url: (_, interaction) => `/oauth2/interaction/${interaction.uid}` },
    issueRefreshToken: async (_, client) => client.grantTypeAllowed('refresh_token'),
    rotateRefreshToken: ({ oidc }) => claimUse(deps, 'RefreshToken', oidc.entities.RefreshToken?.jti ?? ''),
    expiresWithSession: async () => false,
    features: featuresOf(deps, keys),
    formats: { customizers: { jwt: (_, token, parts) => fill(deps, token, parts) } },
    renderError: showFailure,
  }
}

/** `__Host-` holds a cookie to this very host and to TLS (RFC 6265bis §4.1.3.2). */
export function sessionCookieName(url: string): string {
  return `${url.startsWith('https:') ? '__Host-' : ''}sallyport_session`
}

function cookiesOf(url: string, sealer: Sealer): Configuration['cookies'] {
  return {
    names: { session: sessionCookieName(url), interaction: 'sallyport_asked', resume: 'sallyport_resume' },
    keys: [sealer.derived('cookies')],
    long: { httpOnly: true, sameSite: 'lax', path: '/' },
    short: { httpOnly: true, sameSite: 'lax' },
  }
}

function featuresOf({ resources }: ProviderDeps, keys: KeySet): Configuration['features'] {
  return {
    devInteractions: { enabled: false },
    userinfo: { enabled: false },
    introspection: { enabled: false },
    dPoP: { enabled: false },
    pushedAuthorizationRequests: { enabled: false },
    clientCredentials: { enabled: true },
    // RFC 7009 §2.1: whoever holds a token of another program may not end it in its name.
    revocation: { enabled: true, allowedPolicy: (_, client, token) => token.clientId === client.clientId },
    deviceFlow: { enabled: true, charset: 'base-20', mask: '****-****', ...deviceFlow },
    rpInitiatedLogout: { enabled: true, ...signOutFlow },
    resourceIndicators: {
      enabled: true,
      defaultResource: async (_, _client, oneOf) => oneOf?.[0] ?? resources[0] ?? '',
      useGrantedResource: async () => true,
      getResourceServerInfo: async (_, resource) => {
        if (!resources.includes(resource)) throw new errors.InvalidTarget()
        return {
          scope: IMPERSONATION,
          audience: resource,
          accessTokenTTL: TOKEN_SECONDS,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'RS256', kid: keys.signer } },
        }
      },
    },
  }
}

type Found = Awaited<ReturnType<NonNullable<Configuration['findAccount']>>>

/** A user who is disabled or gone is nobody: sessions and refresh tokens end with that. */
function accountOf(user: User | undefined, tenant: string): Found {
  if (user === undefined || user.disabledAt !== undefined) return undefined
  return { accountId: user.id, claims: () => ({ ...userClaims(user, tenant), sub: user.id }) }
}

/** There is nothing to consent to: the programs are ours or the administrator's own tools, and roles decide the rest. */
async function grantEverything(
  ctx: KoaContextWithOIDC,
  resources: readonly string[],
): Promise<InstanceType<Provider['Grant']> | undefined> {
  const { provider, account, client } = ctx.oidc
  if (account === undefined || client === undefined) return undefined
  const grant = new provider.Grant({ accountId: account.accountId, clientId: client.clientId })
  grant.addOIDCScope('openid profile email offline_access')
  for (const resource of resources) grant.addResourceScope(resource, IMPERSONATION)
  await grant.save()
  return grant
}

/**
 * Native programs always get a sign-in: any program on the machine may pretend to be one, so a session alone must not give
 * it a token unseen (RFC 8252 §8.6). So does a session whose user is gone, or has got rights since that ask for more than
 * the password it began with.
 */
function policyOf({ mustHaveCode }: ProviderDeps): interactionPolicy.DefaultPolicy {
  const policy = interactionPolicy.base()
  policy.remove('consent')
  const { Check } = interactionPolicy
  const native = new Check('native_program', 'native programs need a sign-in', 'interaction_required', ({ oidc }) =>
    oidc.client?.applicationType === 'native' && oidc.result?.login === undefined
      ? Check.REQUEST_PROMPT
      : Check.NO_NEED_TO_PROMPT,
  )
  const gone = new Check('account_gone', 'the user is gone or disabled', 'login_required', ({ oidc }) =>
    oidc.session?.accountId !== undefined && oidc.account === undefined
      ? Check.REQUEST_PROMPT
      : Check.NO_NEED_TO_PROMPT,
  )
  const tooWeak = new Check('code_needed', 'a one-time code is needed', 'login_required', async ({ oidc }) => {
    const { accountId, amr } = oidc.session ?? {}
    const withPasswordOnly = accountId !== undefined && amr?.includes('otp') !== true
    return withPasswordOnly && (await mustHaveCode(accountId)) ? Check.REQUEST_PROMPT : Check.NO_NEED_TO_PROMPT
  })
  policy.get('login')?.checks.push(native, gone, tooWeak)
  return policy
}

type Customize = NonNullable<NonNullable<NonNullable<Configuration['formats']>['customizers']>['jwt']>
type Token = Parameters<Customize>[1]
type Parts = Parameters<Customize>[2]

async function fill({ store, tenant, mustHaveCode }: ProviderDeps, token: Token, parts: Parts): Promise<void> {
  const reads = store.reads.identity
  const client = token.clientId ?? ''
  if (token.kind === 'ClientCredentials') {
    const principal = await reads.servicePrincipalOf(client)
    if (principal === undefined) throw new errors.InvalidClient('the service principal is gone')
    Object.assign(
      parts.payload,
      principalTokenClaims(principal, { groups: await reads.groupsOf(principal.id), tenant }),
    )
  } else {
    const user = await reads.user(token.accountId)
    if (user === undefined) throw new errors.InvalidGrant('the user is gone')
    // The last gate, for what was begun before the rights were given: refresh tokens above all.
    if (user.totp === undefined && (await mustHaveCode(user.id))) throw new errors.InvalidGrant('a code is needed')
    const groups = await reads.groupsOf(user.id)
    Object.assign(parts.payload, userTokenClaims(user, { groups, tenant, client }))
  }
  // RFC 9068's `at+jwt` is refused by some of Microsoft's validators.
  parts.header = { ...parts.header, typ: 'JWT' }
}
