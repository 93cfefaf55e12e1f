/** The tables of permission, as a migration makes them. Released; must never change. */
import { oneOf, type Ddl } from './ddl.ts'
import { PRINCIPAL_TYPES } from '../domain/roles/role-assignment.ts'

export function roleTables(ddl: Ddl): string[] {
  return [...definitions(ddl), ...assignments(ddl), ...plans(ddl), ...version(ddl), ...requestors(ddl)]
}

function definitions({ int, key, table, fixed }: Ddl): string[] {
  return [
    ...table('role_definitions', 'Roles that somebody made. The built-in ones are in the program.', [
      `name ${key} not null constraint role_definitions_pk primary key`,
      `role_name text not null`,
      `role_name_key ${key} not null constraint role_definitions_role_name unique`,
      `description text not null`,
      `permissions text not null`,
      `assignable_scopes text not null`,
      `created_at ${int} not null`,
      `updated_at ${int} not null`,
      `created_by text not null`,
      `updated_by text not null`,
    ]),
    ...fixed('role_definitions', ['name', 'created_at', 'created_by'], 'a role keeps its name; make another role'),
  ]
}

function assignments({ int, key, table, fixed }: Ddl): string[] {
  return [
    ...table('role_assignments', 'Who holds which role where. The role may be a built-in one.', [
      `name ${key} not null constraint role_assignments_pk primary key`,
      `scope text not null`,
      `scope_key ${key} not null`,
      `role ${key} not null`,
      `principal_id text not null`,
      `principal_key ${key} not null`,
      `principal_type text not null`,
      `description text`,
      `created_at ${int} not null`,
      `created_by text not null`,
      `constraint role_assignments_once unique (principal_key, scope_key, role)`,
      `constraint role_assignments_type check (${oneOf('principal_type', PRINCIPAL_TYPES)})`,
    ]),
    `create index role_assignments_role on role_assignments (role)`,
    ...fixed(
      'role_assignments',
      ['name', 'scope', 'scope_key', 'role', 'principal_id', 'principal_key', 'created_at', 'created_by'],
      'an assignment never changes who, what and where; make another assignment',
    ),
  ]
}

function plans({ int, key, table }: Ddl): string[] {
  return table('plans', 'Subscriptions whose plan somebody set. The others are on the plan.', [
    `subscription_key ${key} not null constraint plans_pk primary key`,
    `tier text not null`,
    `updated_at ${int} not null`,
    `constraint plans_tier check (${oneOf('tier', ['Free', 'Standard'])})`,
  ])
}

function version({ int, table }: Ddl): string[] {
  return [
    ...table('role_version', 'One row: grows with every change to permission, so that a replica notices.', [
      `one ${int} not null constraint role_version_pk primary key`,
      `version ${int} not null`,
      `constraint role_version_only check (one = 1)`,
    ]),
    `insert into role_version (one, version) values (1, 0)`,
  ]
}

/** A name is no proof of who asked: programs have none. */
function requestors({ key, fixed }: Ddl): string[] {
  return [
    `alter table requests add column requestor_id ${key}`,
    ...fixed('requests', ['requestor_id'], 'a request never changes; make another request', 'requests_requestor_fixed'),
  ]
}
