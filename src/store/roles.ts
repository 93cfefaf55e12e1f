/**
 * Role definitions, role assignments and plans. Every change raises one version; whoever changes holds that row locked
 * until it commits, so that changes come one after the other and their order is the versions' order.
 */
import { sql } from 'kysely'
import type { AccessRecord, RoleReads, RoleTx } from '../app/ports/role-record.ts'
import { principalKey, type RoleAssignment } from '../domain/roles/role-assignment.ts'
import type { Permission, RoleDefinition } from '../domain/roles/role-definition.ts'
import { scopeKeyOf, type Scope } from '../domain/roles/scope.ts'
import { insertRows } from './insert-rows.ts'
import type { RoleAssignmentTable, RoleDefinitionTable } from './role-tables.ts'
import type { Session } from './session.ts'
import { statement } from './statement.ts'

export function roleReadsOn(session: Session): RoleReads {
  return {
    version: () => readVersion(session),
    all: () => readAll(session),
  }
}

export function roleTxOn(session: Session): RoleTx {
  return {
    ...roleReadsOn(session),
    change: () => raiseVersion(session),
    definition: async (name) => (await definitionByName(session, { name })).map(definitionFromRow)[0],
    definitionCalled: async (roleName) =>
      (await definitionCalled(session, { key: roleName.toLowerCase() })).map(definitionFromRow)[0],
    isAssigned: async (role) => (await oneAssignmentOf(session, { role })).length > 0,
    putDefinition: async (definition) => {
      await putDefinition(session, rowFromDefinition(definition))
    },
    removeDefinition: async (name) => {
      await removeDefinition(session, { name })
    },
    assignment: async (name) => (await assignmentByName(session, { name })).map(assignmentFromRow)[0],
    assignmentLike: async ({ principalId, scope, role }) => {
      const like = { principal: principalKey(principalId), scope: scope.key, role }
      return (await assignmentLike(session, like)).map(assignmentFromRow)[0]
    },
    insertAssignment: (assignment) => insertAssignments(session, [rowFromAssignment(assignment)]),
    removeAssignment: async (name) => {
      await removeAssignment(session, { name })
    },
    putPlan: async (subscription, tier, at) => {
      await putPlan(session, { subscription, tier, at })
    },
  }
}

async function readVersion(session: Session): Promise<number> {
  return versionIn(await plainVersion(session, {}))
}

function versionIn(rows: readonly { readonly version: number }[]): number {
  const [row] = rows
  if (row === undefined) throw new Error('the version of permission is missing; the database was changed by hand')
  return row.version
}

const plainVersion = statement((writer) => writer.selectFrom('role_version').select('version'))

const raise = statement((writer) =>
  writer
    .updateTable('role_version')
    .set({ version: sql<number>`version + 1` })
    .where('one', '=', 1)
    .returning('version'),
)

async function raiseVersion(session: Session): Promise<number> {
  return versionIn(await raise(session, {}))
}

/** The version first: what is changed while the rest is read is then read again, and never missed. */
async function readAll(session: Session): Promise<AccessRecord> {
  const version = await readVersion(session)
  const definitions = await allDefinitions(session, {})
  const assignments = await allAssignments(session, {})
  const plans = await allPlans(session, {})
  return {
    version,
    definitions: definitions.map(definitionFromRow),
    assignments: assignments.map(assignmentFromRow),
    plans: plans.map(({ subscription_key: subscription, tier }) => ({ subscription, tier })),
  }
}

const allDefinitions = statement((writer) => writer.selectFrom('role_definitions').selectAll().orderBy('name'))

const allAssignments = statement((writer) => writer.selectFrom('role_assignments').selectAll().orderBy('name'))

const allPlans = statement((writer) => writer.selectFrom('plans').selectAll())

const definitionByName = statement((writer, p: { name: string }) =>
  writer.selectFrom('role_definitions').selectAll().where('name', '=', p.name),
)

const definitionCalled = statement((writer, p: { key: string }) =>
  writer.selectFrom('role_definitions').selectAll().where('role_name_key', '=', p.key),
)

const putDefinition = statement((writer, p: RoleDefinitionTable) => {
  const changed = {
    role_name: p.role_name,
    role_name_key: p.role_name_key,
    description: p.description,
    permissions: p.permissions,
    assignable_scopes: p.assignable_scopes,
    updated_at: p.updated_at,
    updated_by: p.updated_by,
  }
  return writer
    .insertInto('role_definitions')
    .values({ ...changed, name: p.name, created_at: p.created_at, created_by: p.created_by })
    .onConflict((conflict) => conflict.column('name').doUpdateSet(changed))
})

const removeDefinition = statement((writer, p: { name: string }) =>
  writer.deleteFrom('role_definitions').where('name', '=', p.name),
)

const oneAssignmentOf = statement((writer, p: { role: string }) =>
  writer.selectFrom('role_assignments').select('name').where('role', '=', p.role).limit(1),
)

const assignmentByName = statement((writer, p: { name: string }) =>
  writer.selectFrom('role_assignments').selectAll().where('name', '=', p.name),
)

const assignmentLike = statement((writer, p: { principal: string; scope: string; role: string }) =>
  writer
    .selectFrom('role_assignments')
    .selectAll()
    .where('principal_key', '=', p.principal)
    .where('scope_key', '=', p.scope)
    .where('role', '=', p.role),
)

const insertAssignments = insertRows('role_assignments', [
  'name',
  'scope',
  'scope_key',
  'role',
  'principal_id',
  'principal_key',
  'principal_type',
  'description',
  'created_at',
  'created_by',
])

const removeAssignment = statement((writer, p: { name: string }) =>
  writer.deleteFrom('role_assignments').where('name', '=', p.name),
)

const putPlan = statement((writer, p: { subscription: string; tier: 'Free' | 'Standard'; at: number }) =>
  writer
    .insertInto('plans')
    .values({ subscription_key: p.subscription, tier: p.tier, updated_at: p.at })
    .onConflict((conflict) => conflict.column('subscription_key').doUpdateSet({ tier: p.tier, updated_at: p.at })),
)

function definitionFromRow(row: RoleDefinitionTable): RoleDefinition {
  return {
    name: row.name,
    roleName: row.role_name,
    description: row.description,
    type: 'CustomRole',
    permissions: JSON.parse(row.permissions) as Permission[], // as it was written below
    assignableScopes: (JSON.parse(row.assignable_scopes) as string[]).map(scopeFrom), // as it was written below
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    createdBy: row.created_by,
    updatedBy: row.updated_by,
  }
}

function scopeFrom(id: string): Scope {
  return { id, key: scopeKeyOf(id) }
}

function rowFromDefinition(definition: RoleDefinition): RoleDefinitionTable {
  return {
    name: definition.name,
    role_name: definition.roleName,
    role_name_key: definition.roleName.toLowerCase(),
    description: definition.description,
    permissions: JSON.stringify(definition.permissions),
    assignable_scopes: JSON.stringify(definition.assignableScopes.map(({ id }) => id)),
    created_at: definition.createdAt,
    updated_at: definition.updatedAt,
    created_by: definition.createdBy,
    updated_by: definition.updatedBy,
  }
}

function assignmentFromRow(row: RoleAssignmentTable): RoleAssignment {
  return {
    name: row.name,
    scope: scopeFrom(row.scope),
    role: row.role,
    principalId: row.principal_id,
    principalType: row.principal_type,
    ...(row.description === null ? {} : { description: row.description }),
    createdAt: row.created_at,
    createdBy: row.created_by,
  }
}

function rowFromAssignment(assignment: RoleAssignment): RoleAssignmentTable {
  return {
    name: assignment.name,
    scope: assignment.scope.id,
    scope_key: assignment.scope.key,
    role: assignment.role,
    principal_id: assignment.principalId,
    principal_key: principalKey(assignment.principalId),
    principal_type: assignment.principalType,
    description: assignment.description ?? null,
    created_at: assignment.createdAt,
    created_by: assignment.createdBy,
  }
}
