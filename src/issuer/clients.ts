/**
 * The programs that may ask for tokens: the known public ones, which people sign in with, and this installation's service
 * principals. Must never give a service principal's real secrets to the library: what a program shows is verified by
 * `authenticate-principal.ts`, and the library only sees a password of this process's own.
 */
import { randomBytes } from 'node:crypto'
import type { Adapter, AdapterPayload, ClientMetadata } from 'oidc-provider'
import type { Store } from '../app/ports/store.ts'

/** What stands for "this program proved who it is", inside this process only. */
export const PROVEN = randomBytes(32).toString('base64url')

/** Our own command line. */
export const SALLYPORT_CLI = '5a117907-0000-4000-8000-000000000001'
/** This server, when it signs browsers in. */
export const PORTAL = '5a117907-0000-4000-8000-000000000002'

/** Microsoft's own, as `az` and Az PowerShell send them; then ours. */
const CLIENT_IDS = {
  azureCli: '04b07795-8ddb-461a-bbee-02f9e1bf7b46',
  azurePowerShell: '1950a258-227b-4e31-a9cf-717495945fc2',
  sallyportCli: SALLYPORT_CLI,
  portal: PORTAL,
} as const

const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code'

/** RFC 8252 §7.3: any port on loopback, which the library allows for native programs. */
const LOOPBACK = ['http://localhost', 'http://localhost/', 'http://127.0.0.1', 'http://127.0.0.1/', 'http://[::1]/']

export function publicClients(url: string): ClientMetadata[] {
  const native = (client_id: string, client_name: string): ClientMetadata => ({
    client_id,
    client_name,
    application_type: 'native',
    token_endpoint_auth_method: 'none',
    redirect_uris: LOOPBACK,
    response_types: ['code'],
    grant_types: ['authorization_code', 'refresh_token', DEVICE_CODE],
  })
  return [
    native(CLIENT_IDS.azureCli, 'Azure CLI'),
    native(CLIENT_IDS.azurePowerShell, 'Azure PowerShell'),
    native(CLIENT_IDS.sallyportCli, 'sallyport'),
    {
      client_id: CLIENT_IDS.portal,
      client_name: 'Sallyport',
      application_type: 'web',
      token_endpoint_auth_method: 'none',
      redirect_uris: [`${url}/auth/callback`],
      post_logout_redirect_uris: [`${url}/`],
      response_types: ['code'],
      grant_types: ['authorization_code', 'refresh_token'],
    },
  ]
}

/** Service principals, as the library looks clients up. */
export function clientAdapter(store: Store): Adapter {
  const unused = async (): Promise<undefined> => undefined
  return {
    find: async (appId) => {
      const principal = await store.reads.identity.servicePrincipalOf(appId)
      return principal === undefined || principal.disabledAt !== undefined
        ? undefined
        : metadataOf(appId, principal.name)
    },
    upsert: unused,
    findByUid: unused,
    findByUserCode: unused,
    consume: unused,
    destroy: unused,
    revokeByGrantId: unused,
  }
}

function metadataOf(client_id: string, client_name: string): AdapterPayload {
  return {
    client_id,
    client_name,
    client_secret: PROVEN,
    token_endpoint_auth_method: 'client_secret_post',
    grant_types: ['client_credentials'],
    redirect_uris: [],
    response_types: [],
  }
}
