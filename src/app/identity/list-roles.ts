/** Roles and who holds them, as far as the caller may read; and why somebody may do something or not. */
import type { App } from '../app.ts'
import { authorize, notAuthorized, rightsOf } from './authorize.ts'
import type { Caller } from '../ports/caller.ts'
import { explain, type Asked, type Explanation } from '../../domain/roles/explain.ts'
import { ok, refusal, refused, type Result } from '../../domain/refusal.ts'
import { READ_ASSIGNMENTS, READ_DEFINITIONS } from '../../domain/roles/required-actions.ts'
import { heldBy, principalKey, type RoleAssignment } from '../../domain/roles/role-assignment.ts'
import type { Permission, RoleDefinition } from '../../domain/roles/role-definition.ts'
import { isWithin, type Scope } from '../../domain/roles/scope.ts'

export interface AssignmentFilter {
  /** Leaves out what lies below the scope. */
  readonly atScope?: boolean
  readonly principalId?: string
  /** Of the principal and of every group that it is known to be in. */
  readonly assignedTo?: string
}

interface Place {
  readonly scope: Scope
  readonly caller: Caller
}

/** At the scope, above it (they hold here too) and below it, in the order of their names. */
export async function listAssignments(
  app: App,
  { scope, caller }: Place,
  filter: AssignmentFilter,
): Promise<Result<RoleAssignment[]>> {
  const rights = await rightsOf(app, caller)
  if (!rights.mayWithin(READ_ASSIGNMENTS, scope.id))
    return refused(notAuthorized(caller, { anyOf: READ_ASSIGNMENTS, scope: scope.id }))
  const mayHere = rights.may(READ_ASSIGNMENTS, scope.id)
  const principals = await principalsOf(app, caller, filter)
  const { assignments } = await app.access.now()
  const found = [...assignments.values()].filter((assignment) => {
    const holdsHere = isWithin(scope.key, assignment.scope.key)
    const isBelow = filter.atScope !== true && isWithin(assignment.scope.key, scope.key)
    if (principals !== undefined && !principals.has(principalKey(assignment.principalId))) return false
    return (holdsHere && mayHere) || (isBelow && rights.may(READ_ASSIGNMENTS, assignment.scope.id))
  })
  return ok(found.toSorted((a, b) => (a.name < b.name ? -1 : 1)))
}

async function principalsOf(
  app: App,
  caller: Caller,
  { principalId, assignedTo }: AssignmentFilter,
): Promise<ReadonlySet<string> | undefined> {
  if (principalId !== undefined) return new Set([principalKey(principalId)])
  if (assignedTo === undefined) return undefined
  return new Set((await withGroups(app, caller, [assignedTo])).map(principalKey))
}

function isSelf({ principals: [own] }: Caller, principal: string): boolean {
  return own !== undefined && principalKey(own) === principalKey(principal)
}

/** The groups kept here, and for the caller itself those that its token names. */
async function withGroups(app: App, caller: Caller, principals: readonly string[]): Promise<string[]> {
  const known = await Promise.all(
    principals.map(async (principal) => {
      const groups = await app.store.reads.identity.groupsOf(principal)
      const own = isSelf(caller, principal) ? caller.principals : []
      return [principal, ...groups.map(({ id }) => id), ...own]
    }),
  )
  return [...new Set(known.flat())]
}

export async function showAssignment(
  app: App,
  { scope, caller }: Place,
  name: string,
): Promise<Result<RoleAssignment>> {
  const denied = await authorize(app, caller, [{ anyOf: READ_ASSIGNMENTS, scope: scope.id }])
  if (denied.length > 0) return refused(...denied)
  const found = (await app.access.now()).assignments.get(name.toLowerCase())
  if (found?.scope.key === scope.key) return ok(found)
  return refused(refusal('RoleAssignmentNotFound', `The role assignment '${name}' is not found at '${scope.id}'.`))
}

export interface DefinitionFilter {
  readonly roleName?: string
  readonly type?: string
  /** Also the roles that can be assigned only below the scope. */
  readonly andBelow?: boolean
}

/** The roles that can be assigned at the scope, the built-in ones first. */
export async function listDefinitions(
  app: App,
  { scope, caller }: Place,
  filter: DefinitionFilter,
): Promise<Result<RoleDefinition[]>> {
  const rights = await rightsOf(app, caller)
  if (!rights.mayWithin(READ_DEFINITIONS, scope.id))
    return refused(notAuthorized(caller, { anyOf: READ_DEFINITIONS, scope: scope.id }))
  const { definitions } = await app.access.now()
  const isHere = ({ assignableScopes }: RoleDefinition): boolean =>
    assignableScopes.some(
      ({ id, key }) =>
        isWithin(scope.key, key) ||
        (filter.andBelow === true && isWithin(key, scope.key) && rights.may(READ_DEFINITIONS, id)),
    )
  const found = [...definitions.values()].filter((role) => matches(role, filter) && isHere(role))
  return ok(found.toSorted((a, b) => order(a).localeCompare(order(b))))
}

function matches({ roleName, type }: RoleDefinition, filter: DefinitionFilter): boolean {
  const sameName = filter.roleName === undefined || filter.roleName.toLowerCase() === roleName.toLowerCase()
  return sameName && (filter.type === undefined || filter.type.toLowerCase() === type.toLowerCase())
}

function order({ type, roleName }: RoleDefinition): string {
  return `${type} ${roleName}`
}

export async function showDefinition(
  app: App,
  { scope, caller }: Place,
  name: string,
): Promise<Result<RoleDefinition>> {
  const denied = await authorize(app, caller, [{ anyOf: READ_DEFINITIONS, scope: scope.id }])
  if (denied.length > 0) return refused(...denied)
  const found = (await app.access.now()).definitions.get(name.toLowerCase())
  if (found?.assignableScopes.some(({ key }) => isWithin(scope.key, key) || isWithin(key, scope.key)) === true)
    return ok(found)
  return refused(
    refusal('RoleDefinitionDoesNotExist', `The specified role definition with ID '${name}' does not exist.`),
  )
}

const EVERYTHING: Permission = { actions: ['*'], notActions: [], dataActions: ['*'], notDataActions: [] }

/** What the caller's roles grant at the scope; everybody may know that of themselves. Shows nothing of who else there is. */
export async function ownPermissions(
  app: Pick<App, 'access'>,
  caller: Caller,
  scope: Scope,
): Promise<readonly Permission[]> {
  if (caller.isBreakGlass) return [EVERYTHING]
  return heldBy((await app.access.now()).index, caller.principals)
    .filter(({ assignment }) => isWithin(scope.key, assignment.scope.key))
    .flatMap(({ definition }) => definition.permissions)
}

/** Everybody may ask about themselves; about others, who may read the assignments there. */
export async function explainAccess(
  app: App,
  { caller, ...asked }: Asked & { caller: Caller },
): Promise<Result<Explanation>> {
  const own = new Set(caller.principals.map(principalKey))
  const isOwn = asked.principals.every((id) => own.has(principalKey(id)))
  const denied = isOwn ? [] : await authorize(app, caller, [{ anyOf: READ_ASSIGNMENTS, scope: asked.scope.id }])
  if (denied.length > 0) return refused(...denied)
  const principals = await withGroups(app, caller, asked.principals)
  return ok(explain(heldBy((await app.access.now()).index, principals), { ...asked, principals }))
}
