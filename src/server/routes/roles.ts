/** Roles, who holds them, and why somebody may do something or not. */
import type { App } from '../../app/app.ts'
import { assignRole, unassignRole } from '../../app/identity/assign-role.ts'
import { defineRole, removeRole } from '../../app/identity/define-role.ts'
import {
  explainAccess,
  listAssignments,
  listDefinitions,
  ownPermissions,
  showAssignment,
  showDefinition,
} from '../../app/identity/list-roles.ts'
import type { WireRoleExplanation } from '../../contract/authorization.ts'
import type { Explanation } from '../../domain/roles/explain.ts'
import type { Result } from '../../domain/refusal.ts'
import { parseScope, type Scope } from '../../domain/roles/scope.ts'
import { answered, type Answer } from '../answer.ts'
import type { Call, Handlers } from '../call.ts'
import { refusedAnswer } from '../errors.ts'
import { parseFilter, textOf } from '../input/odata-filter.ts'
import { assignmentId, wireAssignment, wireDefinition } from '../wire/role-wire.ts'

type RoleRoutes = Pick<
  Handlers,
  | 'RoleAssignments_ListForScope'
  | 'RoleAssignments_Get'
  | 'RoleAssignments_Create'
  | 'RoleAssignments_Delete'
  | 'RoleDefinitions_List'
  | 'RoleDefinitions_Get'
  | 'RoleDefinitions_CreateOrUpdate'
  | 'RoleDefinitions_Delete'
  | 'Permissions_ListForScope'
  | 'Roles_Explain'
>

export function roleRoutes(app: App): RoleRoutes {
  return {
    RoleAssignments_ListForScope: (call) => atScope(call, (scope) => assignmentsAnswer(app, call, scope)),
    RoleAssignments_Get: ({ params, caller }) =>
      atScope({ params }, async (scope) =>
        answerOf(await showAssignment(app, { scope, caller }, params.roleAssignmentName), (found) =>
          answered(wireAssignment(found, scope)),
        ),
      ),
    RoleAssignments_Create: (call) => atScope(call, (scope) => assignAnswer(app, call, scope)),
    RoleAssignments_Delete: ({ params, caller }) =>
      atScope({ params }, async (scope) =>
        answerOf(await unassignRole(app, { scope, name: params.roleAssignmentName, caller }), (removed) =>
          removed === undefined ? { status: 204 } : answered(wireAssignment(removed, scope)),
        ),
      ),
    RoleDefinitions_List: (call) => atScope(call, (scope) => definitionsAnswer(app, call, scope)),
    RoleDefinitions_Get: ({ params, caller }) =>
      atScope({ params }, async (scope) =>
        answerOf(await showDefinition(app, { scope, caller }, params.roleDefinitionId), (found) =>
          answered(wireDefinition(found, scope)),
        ),
      ),
    RoleDefinitions_CreateOrUpdate: ({ params, body, caller }) =>
      atScope({ params }, async (scope) =>
        answerOf(
          await defineRole(app, { scope, name: params.roleDefinitionId, role: body.properties, caller }),
          (role) => ({ status: 201, body: wireDefinition(role, scope) }),
        ),
      ),
    RoleDefinitions_Delete: ({ params, caller }) =>
      atScope({ params }, async (scope) =>
        answerOf(await removeRole(app, { scope, name: params.roleDefinitionId, caller }), (removed) =>
          removed === undefined ? { status: 204 } : answered(wireDefinition(removed, scope)),
        ),
      ),
    Permissions_ListForScope: ({ params, caller }) =>
      atScope({ params }, async (scope) => answered({ value: await ownPermissions(app, caller, scope) })),
    Roles_Explain: (call) => explainAnswer(app, call),
  }
}

async function atScope(
  { params }: { readonly params: { readonly scope: string } },
  answer: (scope: Scope) => Promise<Answer>,
): Promise<Answer> {
  const scope = parseScope(params.scope)
  return scope.ok ? answer(scope.value) : refusedAnswer(scope.refusals)
}

function answerOf<T>(result: Result<T>, answer: (value: T) => Answer): Answer {
  return result.ok ? answer(result.value) : refusedAnswer(result.refusals)
}

async function assignmentsAnswer(
  app: App,
  { query, caller }: Pick<Call<'RoleAssignments_ListForScope'>, 'query' | 'caller'>,
  scope: Scope,
): Promise<Answer> {
  const terms = parseFilter(query.$filter, ['atScope', 'principalId', 'assignedTo'])
  if (!terms.ok) return refusedAnswer(terms.refusals)
  const [principalId, assignedTo] = [textOf(terms.value, 'principalId'), textOf(terms.value, 'assignedTo')]
  const found = await listAssignments(
    app,
    { scope, caller },
    {
      atScope: terms.value.has('atscope'),
      ...(principalId !== undefined && { principalId }),
      ...(assignedTo !== undefined && { assignedTo }),
    },
  )
  return answerOf(found, (list) => answered({ value: list.map((each) => wireAssignment(each, scope)) }))
}

async function assignAnswer(
  app: App,
  { params, body, caller }: Pick<Call<'RoleAssignments_Create'>, 'params' | 'body' | 'caller'>,
  scope: Scope,
): Promise<Answer> {
  const assigned = await assignRole(app, { ...body.properties, scope, name: params.roleAssignmentName, caller })
  return answerOf(assigned, ({ assignment, isNew }) => ({
    status: isNew ? 201 : 200,
    body: wireAssignment(assignment, scope),
  }))
}

async function definitionsAnswer(
  app: App,
  { query, caller }: Pick<Call<'RoleDefinitions_List'>, 'query' | 'caller'>,
  scope: Scope,
): Promise<Answer> {
  const terms = parseFilter(query.$filter, ['roleName', 'type', 'atScopeAndBelow'])
  if (!terms.ok) return refusedAnswer(terms.refusals)
  const [roleName, type] = [textOf(terms.value, 'roleName'), textOf(terms.value, 'type')]
  const found = await listDefinitions(
    app,
    { scope, caller },
    {
      andBelow: terms.value.has('atscopeandbelow'),
      ...(roleName !== undefined && { roleName }),
      ...(type !== undefined && { type }),
    },
  )
  return answerOf(found, (list) => answered({ value: list.map((each) => wireDefinition(each, scope)) }))
}

async function explainAnswer(app: App, { query, caller }: Call<'Roles_Explain'>): Promise<Answer> {
  const scope = parseScope(query.scope)
  if (!scope.ok) return refusedAnswer(scope.refusals)
  const principals = query.principal
    .split(',')
    .map((id) => id.trim())
    .filter((id) => id !== '')
  const explained = await explainAccess(app, { principals, action: query.action, scope: scope.value, caller })
  return answerOf(explained, (explanation) => answered(wireExplanation(explanation)))
}

function wireExplanation({ allowed, text, principals, findings }: Explanation): WireRoleExplanation {
  return {
    allowed,
    text,
    principals: [...principals],
    assignments: findings.map(({ held: { assignment, definition }, verdict, text: why }) => ({
      id: assignmentId(assignment),
      roleName: definition.roleName,
      principalId: assignment.principalId,
      scope: assignment.scope.id,
      verdict,
      text: why,
    })),
  }
}
