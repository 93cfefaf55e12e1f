/** What tokens say of a principal, in the claims of Microsoft Entra ID's v2.0 tokens. Pure. */
import type { Group, ServicePrincipal, User } from '../domain/roles/identity.ts'

export type Claims = Readonly<Record<string, unknown>>

/** https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference */
export function userTokenClaims(
  user: User,
  about: { groups: readonly Group[]; tenant: string; client: string },
): Claims {
  return {
    ...userClaims(user, about.tenant),
    groups: about.groups.map(({ id }) => id),
    ...clientClaims(about.client),
    idtyp: 'user',
    scp: 'user_impersonation',
  }
}

/** Also those of the ID token. */
export function userClaims({ id, name, displayName }: User, tenant: string): Claims {
  return { sub: id, oid: id, tid: tenant, upn: name, preferred_username: name, name: displayName, ver: '2.0' }
}

export function principalTokenClaims(
  { id, appId }: ServicePrincipal,
  about: { groups: readonly Group[]; tenant: string },
): Claims {
  const groups = about.groups.map((group) => group.id)
  return { sub: id, oid: id, tid: about.tenant, groups, ...clientClaims(appId), idtyp: 'app', ver: '2.0' }
}

/** `appid` in v1.0 tokens, `azp` in v2.0: clients and servers read either. */
function clientClaims(client: string): Claims {
  return { appid: client, azp: client }
}

/** What MSAL keeps accounts apart by. */
export function clientInfo(principal: string, tenant: string): string {
  return Buffer.from(JSON.stringify({ uid: principal, utid: tenant })).toString('base64url')
}
