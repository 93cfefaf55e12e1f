/** Giving a principal a role at a scope, and taking it away. Each is one transaction with its audit event. */
import { actorOf } from '../audit/actor-of.ts'
import type { AccessChange } from './access.ts'
import type { App } from '../app.ts'
import { authorize } from './authorize.ts'
import { entryWithId, nameOfPrincipal } from './find-directory-objects.ts'
import type { Caller } from '../ports/caller.ts'
import type { RoleTx } from '../ports/role-record.ts'
import type { Tx } from '../ports/store.ts'
import { refusalOnRecord } from '../audit/refusal-on-record.ts'
import { toldBy } from '../audit/told-by.ts'
import type { AuditEvent } from '../../domain/audit/audit.ts'
import { briefly, ok, quoted, refusal, refused, withFacts, type Refusal, type Result } from '../../domain/refusal.ts'
import { DELETE_ASSIGNMENTS, WRITE_ASSIGNMENTS } from '../../domain/roles/required-actions.ts'
import {
  PRINCIPAL_TYPES,
  principalKey,
  type PrincipalType,
  type RoleAssignment,
} from '../../domain/roles/role-assignment.ts'
import type { RoleDefinition } from '../../domain/roles/role-definition.ts'
import { isWithin, type Scope } from '../../domain/roles/scope.ts'

export interface AssignRoleInput {
  readonly scope: Scope
  /** The GUID under which it is kept. */
  readonly name: string
  /** The whole id of a role definition, or its GUID alone. */
  readonly roleDefinitionId: string
  /** Known here or not: an issuer's people are not asked for. */
  readonly principalId: string
  readonly principalType?: string | null | undefined
  readonly description?: string | null | undefined
  readonly caller: Caller
}

export interface Assigned {
  readonly assignment: RoleAssignment
  /** False when it was there already, just like this. */
  readonly isNew: boolean
}

const LONGEST_DESCRIPTION = 1024
const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

export function assignRole(app: App, input: AssignRoleInput): Promise<Result<Assigned>> {
  const { scope, caller, principalId, roleDefinitionId, name } = input
  const facts = {
    what: 'assign',
    assignment: name.slice(0, 300),
    role: roleDefinitionId.slice(0, 300),
    principalId: principalId.slice(0, 300),
  }
  const write = { action: 'role.refused', target: scope.id, caller, facts } as const
  return refusalOnRecord(app, write, assign(app, input))
}

async function assign(app: App, input: AssignRoleInput): Promise<Result<Assigned>> {
  const { caller, scope } = input
  const denied = await authorize(app, caller, [{ anyOf: WRITE_ASSIGNMENTS, scope: scope.id }])
  if (denied.length > 0) return refused(...denied)
  const issues = issuesOf(input)
  if (issues.length > 0) return refused(...issues)
  const { definitions } = await app.access.now()
  const definition = definitions.get(roleNameIn(input.roleDefinitionId))
  if (definition === undefined) return refused(noSuchRole(input.roleDefinitionId))
  if (!definition.assignableScopes.some((each) => isWithin(scope.key, each.key)))
    return refused(notAssignable(definition, scope))
  const principalType = typeIn(input) ?? (await knownType(app, input.principalId))
  return write(app, assignmentFrom(app, input, { definition, principalType }), { caller, definition })
}

function roleNameIn(roleDefinitionId: string): string {
  return (roleDefinitionId.split('/').at(-1) ?? '').toLowerCase()
}

export function issueOfName(what: 'role assignment' | 'role definition', name: string): Refusal[] {
  if (GUID.test(name)) return []
  const message = `The ${what} ID ${quoted(name)} is not valid. The ${what} ID must be a GUID.`
  return [
    what === 'role assignment'
      ? refusal('InvalidRoleAssignmentId', message)
      : refusal('InvalidRoleDefinitionId', message),
  ]
}

function issuesOf({ name, roleDefinitionId, principalId, principalType, description }: AssignRoleInput): Refusal[] {
  const isPrincipal = /^[^\s\p{Cc}]{1,256}$/u.test(principalId)
  const isType = principalType == null || PRINCIPAL_TYPES.some((type) => type === principalType)
  const isShort = (description?.length ?? 0) <= LONGEST_DESCRIPTION
  return [
    ...issueOfName('role assignment', name),
    ...issueOfName('role definition', roleNameIn(roleDefinitionId)),
    ...(isPrincipal
      ? []
      : [refusal('InvalidPrincipalId', 'a principal id has 1 to 256 characters and no spaces', 'principalId')]),
    ...(isType
      ? []
      : [refusal('InvalidPrincipalType', `expected one of ${PRINCIPAL_TYPES.join(', ')}`, 'principalType')]),
    ...(isShort
      ? []
      : [
          withFacts(
            refusal('DescriptionTooLong', `a description has at most ${LONGEST_DESCRIPTION} characters`, 'description'),
            { most: LONGEST_DESCRIPTION },
          ),
        ]),
  ]
}

function noSuchRole(id: string): Refusal {
  const message = `The specified role definition with ID '${id}' does not exist.`
  return withFacts(refusal('RoleDefinitionDoesNotExist', message), { role: briefly(id) })
}

function notAssignable({ roleName, assignableScopes }: RoleDefinition, scope: Scope): Refusal {
  const scopes = assignableScopes.map(({ id }) => id).join(', ')
  const message = `the role '${roleName}' cannot be assigned at '${scope.id}'; its assignable scopes are ${scopes}`
  return withFacts(refusal('RoleDefinitionNotAssignable', message), { role: roleName, scope: scope.id, scopes })
}

function typeIn({ principalType }: AssignRoleInput): PrincipalType | undefined {
  return PRINCIPAL_TYPES.find((type) => type === principalType)
}

/** What the principal is here; of another issuer's people nothing is known, and most are users. */
async function knownType({ store }: App, principalId: string): Promise<PrincipalType> {
  const entry = await entryWithId(store.reads.identity, principalId)
  if (entry?.kind === 'group') return 'Group'
  return entry?.kind === 'program' ? 'ServicePrincipal' : 'User'
}

function assignmentFrom(
  app: App,
  input: AssignRoleInput,
  { definition, principalType }: { definition: RoleDefinition; principalType: PrincipalType },
): RoleAssignment {
  const { description } = input
  return {
    name: input.name.toLowerCase(),
    scope: input.scope,
    role: definition.name,
    principalId: input.principalId,
    principalType,
    ...(description == null || description === '' ? {} : { description }),
    createdAt: app.clock.now(),
    createdBy: input.caller.principals[0] ?? input.caller.name,
  }
}

interface Writing {
  readonly caller: Caller
  readonly definition: RoleDefinition
}

async function write(app: App, assignment: RoleAssignment, writing: Writing): Promise<Result<Assigned>> {
  const written = await app.store.transaction((tx) => insert(tx, assignment, writing))
  if (!written.ok) return written
  const { version, assigned } = written.value
  if (assigned.isNew) app.access.changed(version, { kind: 'assigned', assignment })
  return ok(assigned)
}

async function insert(
  tx: Tx,
  assignment: RoleAssignment,
  writing: Writing,
): Promise<Result<{ version: number; assigned: Assigned }>> {
  const version = await tx.roles.change()
  const known = await tx.roles.assignment(assignment.name)
  if (known !== undefined)
    return isSame(known, assignment)
      ? ok({ version, assigned: { assignment: known, isNew: false } })
      : refused(CANNOT_CHANGE)
  const twin = await tx.roles.assignmentLike(assignment)
  if (twin !== undefined) return refused(existsAlready(twin))
  if (!(await isStillThere(tx.roles, writing.definition))) return refused(noSuchRole(assignment.role))
  await tx.roles.insertAssignment(assignment)
  const principalName = await nameOfPrincipal(tx.identity, assignment.principalId)
  await tx.append([eventOf('role.assigned', assignment, { ...writing, principalName })])
  return ok({ version, assigned: { assignment, isNew: true } })
}

async function isStillThere(roles: RoleTx, { type, name }: RoleDefinition): Promise<boolean> {
  return type === 'BuiltInRole' || (await roles.definition(name)) !== undefined
}

function existsAlready({ name }: RoleAssignment): Refusal {
  const id = name.replaceAll('-', '')
  return refusal(
    'RoleAssignmentExists',
    `The role assignment already exists. The ID of the existing role assignment is ${id}.`,
  )
}

const CANNOT_CHANGE = refusal(
  'RoleAssignmentUpdateNotPermitted',
  'Role, principal and scope of an assignment are not allowed to be updated; delete it and make another.',
)

function isSame(a: RoleAssignment, b: RoleAssignment): boolean {
  return a.scope.key === b.scope.key && a.role === b.role && principalKey(a.principalId) === principalKey(b.principalId)
}

export interface UnassignRoleInput {
  readonly scope: Scope
  readonly name: string
  readonly caller: Caller
}

/** Undefined when there was no such assignment at the scope. */
export function unassignRole(app: App, input: UnassignRoleInput): Promise<Result<RoleAssignment | undefined>> {
  const facts = { what: 'unassign', assignment: input.name.slice(0, 300) }
  const write = { action: 'role.refused', target: input.scope.id, caller: input.caller, facts } as const
  return refusalOnRecord(app, write, unassign(app, input))
}

async function unassign(app: App, input: UnassignRoleInput): Promise<Result<RoleAssignment | undefined>> {
  const { scope, caller } = input
  const denied = await authorize(app, caller, [{ anyOf: DELETE_ASSIGNMENTS, scope: scope.id }])
  if (denied.length > 0) return refused(...denied)
  const { definitions } = await app.access.now()
  const removed = await app.store.transaction((tx) => remove(app, tx, { input, definitions }))
  if (removed === undefined) return ok(undefined)
  const change: AccessChange = { kind: 'unassigned', assignment: removed.assignment }
  app.access.changed(removed.version, change)
  return ok(removed.assignment)
}

async function remove(
  app: App,
  tx: Tx,
  { input, definitions }: { input: UnassignRoleInput; definitions: ReadonlyMap<string, RoleDefinition> },
): Promise<{ assignment: RoleAssignment; version: number } | undefined> {
  const version = await tx.roles.change()
  const assignment = await tx.roles.assignment(input.name.toLowerCase())
  if (assignment === undefined || assignment.scope.key !== input.scope.key) return undefined
  await tx.roles.removeAssignment(assignment.name)
  const definition = definitions.get(assignment.role)
  const principalName = await nameOfPrincipal(tx.identity, assignment.principalId)
  const event = eventOf('role.unassigned', assignment, { caller: input.caller, definition, principalName })
  await tx.append([{ ...event, at: app.clock.now() }])
  return { assignment, version }
}

interface About {
  readonly caller: Caller
  readonly definition: RoleDefinition | undefined
  readonly principalName: string | undefined
}

function eventOf(
  action: 'role.assigned' | 'role.unassigned',
  { name, scope, role, principalId, principalType, createdAt }: RoleAssignment,
  { caller, definition, principalName }: About,
): AuditEvent {
  const holder = { principalId, principalType, ...(principalName !== undefined && { principalName }) }
  const data = { assignment: name, role, roleName: definition?.roleName ?? '', ...holder }
  const { address } = caller
  const actor = actorOf(caller)
  return { at: createdAt, action, actor, address, target: scope.id, data: toldBy(caller, data) }
}
