/** What the server knows of roles and who holds them. Reads only. */
import type { WireRoleAssignment, WireRoleDefinition } from '../../contract/authorization.ts'
import { parseScope } from '../../domain/roles/scope.ts'
import { asRoleAssignment, asRoleDefinition } from '../calls/answers.ts'
import type { Client } from '../calls/client.ts'
import { refusedInput } from '../failure.ts'
import { resolveName } from './resolve-name.ts'

export const ROLE_VERSION = '2022-04-01'

const MANY = 100_000

export interface NamedRole {
  readonly id: string
  readonly name: string
  readonly role: WireRoleDefinition
}

/** Where roles live under a scope. Whatever is no scope is refused here, before anything is sent. */
export function authorizationPath(scope: string): string {
  const parsed = parseScope(scope)
  if (!parsed.ok) throw refusedInput('the scope is not as expected', parsed.refusals)
  return `${parsed.value.id === '/' ? '' : parsed.value.id}/providers/Microsoft.Authorization`
}

/** Those that can be assigned at the scope or below it. */
export async function rolesAt(client: Client, scope: string): Promise<WireRoleDefinition[]> {
  const query = { 'api-version': ROLE_VERSION, $filter: 'atScopeAndBelow()' }
  return (await client.list({ path: `${authorizationPath(scope)}/roleDefinitions`, query }, MANY, asRoleDefinition))
    .items
}

/** By the name that people know, by GUID, or by the beginning of either. */
export async function findRole(client: Client, typed: string, scope: string): Promise<WireRoleDefinition> {
  const among = (await rolesAt(client, scope)).flatMap((role): NamedRole[] => [
    { id: role.name, name: role.properties.roleName, role },
  ])
  const wanted = typed.split('/').at(-1) ?? typed
  return resolveName({ what: 'role', typed: wanted, among, list: 'sallyport role definition list' }).role
}

export interface AssignmentQuery {
  readonly scope: string
  readonly assignee?: string
  /** Leaves out what lies below the scope. */
  readonly atScope?: boolean
}

export async function assignmentsAt(
  client: Client,
  { scope, assignee, atScope }: AssignmentQuery,
): Promise<WireRoleAssignment[]> {
  const terms = [
    ...(atScope === true ? ['atScope()'] : []),
    ...(assignee === undefined ? [] : [`principalId eq '${assignee.replaceAll("'", "''")}'`]),
  ]
  const query = { 'api-version': ROLE_VERSION, ...(terms.length > 0 && { $filter: terms.join(' and ') }) }
  const path = `${authorizationPath(scope)}/roleAssignments`
  return (await client.list({ path, query }, MANY, asRoleAssignment)).items
}
