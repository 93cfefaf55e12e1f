/**
 * The addresses under which clients know the issuer: ADFS's, Microsoft Entra ID's, and our own. All lead to one provider,
 * which knows only the own ones. Pure.
 */
export type Endpoint = 'discovery' | 'keys' | 'token' | 'devicecode' | 'authorize' | 'device' | 'signout' | 'own'

export interface IssuerPlace {
  readonly endpoint: Endpoint
  readonly shape: 'adfs' | 'tenant'
  /** Below `/oauth2`, as the provider knows it. */
  readonly path: string
}

const ADFS: Readonly<Record<string, Endpoint>> = {
  '.well-known/openid-configuration': 'discovery',
  'discovery/keys': 'keys',
  'oauth2/token': 'token',
  'oauth2/devicecode': 'devicecode',
  'oauth2/authorize': 'authorize',
  'oauth2/deviceauth': 'device',
  'oauth2/logout': 'signout',
}

const TENANT: Readonly<Record<string, Endpoint>> = {
  'v2.0/.well-known/openid-configuration': 'discovery',
  '.well-known/openid-configuration': 'discovery',
  'discovery/v2.0/keys': 'keys',
  'oauth2/v2.0/token': 'token',
  'oauth2/v2.0/devicecode': 'devicecode',
  'oauth2/v2.0/authorize': 'authorize',
  'oauth2/v2.0/logout': 'signout',
}

/** What stands where a tenant should; Entra's names for "whichever tenant it is" mean the one there is. */
const ANY_TENANT = ['common', 'organizations']

/** Undefined when the path is not the issuer's; a tenant that is not this installation's has none. */
export function placeOf(path: string, tenant: string): IssuerPlace | 'unknown-tenant' | undefined {
  const [first = '', ...rest] = path.slice(1).split('/')
  const below = rest.join('/')
  if (first === 'oauth2') return { endpoint: endpointBelow(below), shape: 'tenant', path: `/${below}` }
  const known = first.toLowerCase() === 'adfs' ? ADFS[below.toLowerCase()] : TENANT[below.toLowerCase()]
  if (known === undefined) return undefined
  if (first.toLowerCase() === 'adfs') return { endpoint: known, shape: 'adfs', path: pathOf(known) }
  const ours = [tenant.toLowerCase(), ...ANY_TENANT].includes(first.toLowerCase())
  return ours ? { endpoint: known, shape: 'tenant', path: pathOf(known) } : 'unknown-tenant'
}

function endpointBelow(below: string): Endpoint {
  if (below === '.well-known/openid-configuration') return 'discovery'
  const own: readonly Endpoint[] = ['keys', 'token', 'devicecode', 'authorize', 'device', 'signout']
  return own.find((endpoint) => below === endpoint) ?? 'own'
}

function pathOf(endpoint: Endpoint): string {
  return `/${endpoint}`
}

export interface Installed {
  /** `https://host:port`, without a slash at the end. */
  readonly url: string
  /** A GUID. */
  readonly tenant: string
}

/** The `iss` of every token, whichever address it was asked at. */
export function issuerOf({ url, tenant }: Installed): string {
  return `${url}/${tenant}/v2.0`
}

/** OpenID Connect Discovery 1.0 §3, with the endpoints of the shape that was asked for. */
export function discoveryOf(installed: Installed, shape: IssuerPlace['shape']): Readonly<Record<string, unknown>> {
  const { url, tenant } = installed
  const adfs = shape === 'adfs'
  const base = adfs ? `${url}/adfs/oauth2` : `${url}/${tenant}/oauth2/v2.0`
  return {
    issuer: issuerOf(installed),
    authorization_endpoint: `${base}/authorize`,
    token_endpoint: `${base}/token`,
    device_authorization_endpoint: `${base}/devicecode`,
    end_session_endpoint: `${base}/logout`,
    jwks_uri: adfs ? `${url}/adfs/discovery/keys` : `${url}/${tenant}/discovery/v2.0/keys`,
    revocation_endpoint: `${url}/oauth2/revoke`,
    response_types_supported: ['code'],
    response_modes_supported: ['query', 'fragment', 'form_post'],
    grant_types_supported: [
      'authorization_code',
      'client_credentials',
      'password',
      'refresh_token',
      'urn:ietf:params:oauth:grant-type:device_code',
    ],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
    token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic', 'private_key_jwt', 'none'],
    token_endpoint_auth_signing_alg_values_supported: ['RS256', 'PS256', 'ES256'],
    code_challenge_methods_supported: ['S256'],
    scopes_supported: ['openid', 'profile', 'offline_access'],
    claims_supported: ['sub', 'oid', 'tid', 'upn', 'preferred_username', 'name', 'groups', 'iss', 'aud', 'exp', 'iat'],
  }
}
