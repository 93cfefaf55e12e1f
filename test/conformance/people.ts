/** People of a test: a token says who somebody is and in which groups, and roles are given as an administrator does. */
import { BUILT_IN_ROLES } from '../../src/domain/roles/built-in-roles.ts'
import { ok, refusal, refused } from '../../src/domain/refusal.ts'
import { createVault } from '../../src/issuer/create-vault.ts'
import { sealerOf } from '../../src/issuer/seal.ts'
import type { ServerDeps } from '../../src/server/deps.ts'
import { startServer, TOKEN, type CallInit, type Reply, type RunningServer } from './running-server.ts'

export const ROLE_VERSION = 'api-version=2022-04-01'

/** `is.{object id}.{group}.{group}`; the bootstrap token is still the administrator's. */
const authenticate: ServerDeps['authenticate'] = async (token) => {
  if (token === TOKEN) return ok({ name: 'bootstrap', principals: [], isBreakGlass: true })
  const [is, ...principals] = token.split('.')
  return is === 'is' && principals.length > 0
    ? ok({ name: `${principals[0]}@example.org`, principals, isBreakGlass: false })
    : refused(refusal('AuthenticationFailed', 'Authentication failed.'))
}

/** Looks after users and groups, and signs nobody in. */
const issuer: NonNullable<ServerDeps['issuer']> = {
  vault: createVault({ sealer: sealerOf(Buffer.alloc(32, 7)), place: 'test' }),
  takes: () => false,
  handle: () => Promise.reject(new Error('no path is the issuer’s')),
}

export interface PeopledServer extends RunningServer {
  /** Gives a role by its name, as the administrator; returns the assignment's path. */
  assign(roleName: string, principalId: string, scope: string): Promise<string>
  /** Makes a role of these actions and gives it. */
  allow(actions: readonly string[], principalId: string, scope: string): Promise<string>
  as(who: string, method: string, path: string, body?: unknown): Promise<Reply>
}

export async function startPeopledServer(): Promise<PeopledServer> {
  const server = await startServer({ authenticate, issuer })
  const put = async (path: string, body: object): Promise<string> => {
    const reply = await server.call('PUT', `${path}?${ROLE_VERSION}`, { body })
    if (reply.status !== 201) throw new Error(`${path}: ${reply.status} ${reply.text}`)
    return path
  }
  const give = (roleDefinitionId: string, principalId: string, scope: string): Promise<string> =>
    put(`${under(scope)}/roleAssignments/${crypto.randomUUID()}`, { properties: { roleDefinitionId, principalId } })
  return {
    ...server,
    assign: (roleName, principalId, scope) => give(roleId(roleName), principalId, scope),
    allow: async (actions, principalId, scope) => {
      const name = crypto.randomUUID()
      const properties = { roleName: name, permissions: [{ actions }], assignableScopes: ['/'] }
      await put(`${under('/')}/roleDefinitions/${name}`, { properties })
      return give(name, principalId, scope)
    },
    as: (who, method, path, body) => {
      const init: CallInit = { token: `is.${who}`, ...(body !== undefined && { body }) }
      return server.call(method, path, init)
    },
  }
}

export function under(scope: string): string {
  return `${scope === '/' ? '' : scope}/providers/Microsoft.Authorization`
}

export function roleId(roleName: string): string {
  const role = BUILT_IN_ROLES.find((each) => each.roleName === roleName)
  if (role === undefined) throw new Error(`there is no built-in role '${roleName}'`)
  return `/providers/Microsoft.Authorization/roleDefinitions/${role.name}`
}
