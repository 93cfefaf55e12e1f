/** Making, changing and removing roles of one's own. The built-in ones stay as they are. */
import { actorOf } from '../audit/actor-of.ts'
import { issueOfName } from './assign-role.ts'
import type { App } from '../app.ts'
import { authorize } from './authorize.ts'
import type { Caller } from '../ports/caller.ts'
import type { Tx } from '../ports/store.ts'
import { refusalOnRecord } from '../audit/refusal-on-record.ts'
import { toldBy } from '../audit/told-by.ts'
import type { AuditEvent } from '../../domain/audit/audit.ts'
import { BUILT_IN_ROLES } from '../../domain/roles/built-in-roles.ts'
import { ok, refusal, refused, withFacts, type Refusal, type Result } from '../../domain/refusal.ts'
import { DELETE_DEFINITIONS, WRITE_DEFINITIONS } from '../../domain/roles/required-actions.ts'
import {
  parseRoleDefinition,
  type RoleDefinition,
  type RoleDefinitionBody,
  type RoleDefinitionInput,
} from '../../domain/roles/role-definition.ts'
import type { Scope } from '../../domain/roles/scope.ts'
import type { Instant } from '../../domain/time.ts'

export interface DefineRoleInput {
  readonly scope: Scope
  /** The GUID under which it is kept. */
  readonly name: string
  readonly role: RoleDefinitionInput
  readonly caller: Caller
}

/** Needs the right at every scope where the role can then be assigned: what it may do is widened there. */
export function defineRole(app: App, input: DefineRoleInput): Promise<Result<RoleDefinition>> {
  const { scope, name, role, caller } = input
  const facts = { what: 'define', role: name.slice(0, 300), roleName: role.roleName.slice(0, 300) }
  return refusalOnRecord(app, { action: 'role.refused', target: scope.id, caller, facts }, define(app, input))
}

async function define(app: App, { scope, name, role, caller }: DefineRoleInput): Promise<Result<RoleDefinition>> {
  const denied = await authorize(app, caller, [{ anyOf: WRITE_DEFINITIONS, scope: scope.id }])
  if (denied.length > 0) return refused(...denied)
  const parsed = parseRoleDefinition(role)
  const issues = [...issueOfName('role definition', name), ...(parsed.ok ? [] : parsed.refusals)]
  if (!parsed.ok || issues.length > 0) return refused(...issues)
  const body = parsed.value
  const elsewhere = body.assignableScopes.map(({ id }) => ({ anyOf: WRITE_DEFINITIONS, scope: id }))
  const deniedThere = await authorize(app, caller, elsewhere)
  if (deniedThere.length > 0) return refused(...deniedThere)
  const key = name.toLowerCase()
  const written = await app.store.transaction((tx) => write(app, tx, { name: key, body, caller }))
  if (!written.ok) return written
  const { definition, version } = written.value
  app.access.changed(version, { kind: 'defined', definition })
  return ok(definition)
}

interface Writing {
  readonly name: string
  readonly body: RoleDefinitionBody
  readonly caller: Caller
}

async function write(
  app: App,
  tx: Tx,
  { name, body, caller }: Writing,
): Promise<Result<{ definition: RoleDefinition; version: number }>> {
  const now = app.clock.now()
  const version = await tx.roles.change()
  const twin = builtInCalled(body.roleName) ?? (await tx.roles.definitionCalled(body.roleName))
  if (isBuiltIn(name)) return refused(BUILT_IN)
  if (twin !== undefined && twin.name !== name) return refused(nameTaken(body.roleName))
  const known = await tx.roles.definition(name)
  const by = caller.principals[0] ?? caller.name
  const definition: RoleDefinition = {
    ...body,
    name,
    type: 'CustomRole',
    createdAt: known?.createdAt ?? now,
    createdBy: known?.createdBy ?? by,
    updatedAt: now,
    updatedBy: by,
  }
  await tx.roles.putDefinition(definition)
  await tx.append([eventOf('role.defined', definition, { caller, now })])
  return ok({ definition, version })
}

function builtInCalled(roleName: string): RoleDefinition | undefined {
  return BUILT_IN_ROLES.find((role) => role.roleName.toLowerCase() === roleName.toLowerCase())
}

function isBuiltIn(name: string): boolean {
  return BUILT_IN_ROLES.some((role) => role.name === name)
}

const BUILT_IN = refusal('BuiltInRoleCannotBeChanged', 'a built-in role cannot be changed or removed; make your own')

function nameTaken(roleName: string): Refusal {
  const message = `A custom role or built-in role with the name '${roleName}' exists already; choose another name.`
  return withFacts(refusal('RoleDefinitionWithSameNameExists', message, 'roleName'), { name: roleName })
}

export interface RemoveRoleInput {
  readonly scope: Scope
  readonly name: string
  readonly caller: Caller
}

/** Undefined when there was no such role. Refused while somebody holds it. */
export function removeRole(app: App, input: RemoveRoleInput): Promise<Result<RoleDefinition | undefined>> {
  const facts = { what: 'remove', role: input.name.slice(0, 300) }
  const write = { action: 'role.refused', target: input.scope.id, caller: input.caller, facts } as const
  return refusalOnRecord(app, write, removeNow(app, input))
}

async function removeNow(app: App, input: RemoveRoleInput): Promise<Result<RoleDefinition | undefined>> {
  const { caller, scope } = input
  const name = input.name.toLowerCase()
  const denied = await authorize(app, caller, [{ anyOf: DELETE_DEFINITIONS, scope: scope.id }])
  if (denied.length > 0) return refused(...denied)
  if (isBuiltIn(name)) return refused(BUILT_IN)
  const known = (await app.access.now()).definitions.get(name)
  const elsewhere = (known?.assignableScopes ?? []).map(({ id }) => ({ anyOf: DELETE_DEFINITIONS, scope: id }))
  const deniedThere = await authorize(app, caller, elsewhere)
  if (deniedThere.length > 0) return refused(...deniedThere)
  const removed = await app.store.transaction((tx) => remove(app, tx, { name, caller }))
  if (!removed.ok) return removed
  if (removed.value === undefined) return ok(undefined)
  const { definition, version } = removed.value
  app.access.changed(version, { kind: 'removed', definition })
  return ok(definition)
}

async function remove(
  app: App,
  tx: Tx,
  { name, caller }: { name: string; caller: Caller },
): Promise<Result<{ definition: RoleDefinition; version: number } | undefined>> {
  const version = await tx.roles.change()
  const definition = await tx.roles.definition(name)
  if (definition === undefined) return ok(undefined)
  // Asked under the lock: nobody assigns it between the question and the removal.
  if (await tx.roles.isAssigned(name)) return refused(stillAssigned(definition))
  await tx.roles.removeDefinition(name)
  await tx.append([eventOf('role.removed', definition, { caller, now: app.clock.now() })])
  return ok({ definition, version })
}

function stillAssigned({ roleName }: RoleDefinition): Refusal {
  const message = `There are existing role assignments referencing the role '${roleName}'; remove them first.`
  return withFacts(refusal('RoleDefinitionHasAssignments', message), { name: roleName })
}

function eventOf(
  action: 'role.defined' | 'role.removed',
  { name, roleName, permissions, assignableScopes }: RoleDefinition,
  { caller, now }: { caller: Caller; now: Instant },
): AuditEvent {
  const data = { role: name, roleName, permissions, assignableScopes: assignableScopes.map(({ id }) => id) }
  const [first = { id: '/' }] = assignableScopes
  const { address } = caller
  const actor = actorOf(caller)
  return { at: now, action, actor, address, target: first.id, data: toldBy(caller, data) }
}
