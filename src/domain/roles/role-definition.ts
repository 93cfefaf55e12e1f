/**
 * What a role may do and where it may be assigned, as Azure writes it. Parsing returns every issue at once. Whether a
 * definition may be written or removed is judged by the use case, which knows what else there is.
 */
import { actionMatches, roleGrants } from './rbac.ts'
import { briefly, ok, quoted, refusal, refused, withFacts, type Refusal, type Result } from '../refusal.ts'
import { parseScope, type Scope } from './scope.ts'
import type { Instant } from '../time.ts'

export interface Permission {
  readonly actions: readonly string[]
  readonly notActions: readonly string[]
  readonly dataActions: readonly string[]
  readonly notDataActions: readonly string[]
}

export interface RoleDefinition {
  /** A GUID in lower case: the last part of its id. */
  readonly name: string
  readonly roleName: string
  readonly description: string
  readonly type: 'BuiltInRole' | 'CustomRole'
  readonly permissions: readonly Permission[]
  readonly assignableScopes: readonly Scope[]
  readonly createdAt: Instant
  readonly updatedAt: Instant
  readonly createdBy: string
  readonly updatedBy: string
}

export interface RoleDefinitionInput {
  readonly roleName: string
  readonly description?: string | null | undefined
  readonly permissions: readonly { readonly [K in keyof Permission]?: readonly string[] | null | undefined }[]
  readonly assignableScopes: readonly string[]
}

export type RoleDefinitionBody = Pick<RoleDefinition, 'roleName' | 'description' | 'permissions' | 'assignableScopes'>

const LONGEST_NAME = 512
const LONGEST_DESCRIPTION = 2048
const MOST_ACTIONS = 2048
const MOST_SCOPES = 2000

/** A provider and at least one more part; a star stands for any run of characters. */
const ACTION = /^(?:\*|[\w.*-]+(?:\/[\w.*-]+)+)$/

export function parseRoleDefinition(input: RoleDefinitionInput): Result<RoleDefinitionBody> {
  const scopes = input.assignableScopes.map((text) => parseScope(text))
  const issues = [
    ...issuesOfTexts(input),
    ...issuesOfActions(input),
    ...scopes.flatMap((scope, index) => (scope.ok ? [] : scope.refusals.map(at(`assignableScopes[${index}]`)))),
    ...issuesOfCounts(input),
  ]
  if (issues.length > 0) return refused(...issues)
  return ok({
    roleName: input.roleName.trim(),
    description: input.description ?? '',
    permissions: input.permissions.map(permissionFrom),
    assignableScopes: scopes.flatMap((scope) => (scope.ok ? [scope.value] : [])),
  })
}

function at(target: string): (reason: Refusal) => Refusal {
  return (reason) => ({ ...reason, target })
}

function issuesOfTexts({ roleName, description }: RoleDefinitionInput): Refusal[] {
  const length = roleName.trim().length
  const named = length > 0 && length <= LONGEST_NAME
  const described = (description?.length ?? 0) <= LONGEST_DESCRIPTION
  return [
    ...(named
      ? []
      : [
          withFacts(refusal('InvalidRoleName', `a role's name has 1 to ${LONGEST_NAME} characters`, 'roleName'), {
            most: LONGEST_NAME,
          }),
        ]),
    ...(described
      ? []
      : [
          withFacts(
            refusal('DescriptionTooLong', `a description has at most ${LONGEST_DESCRIPTION} characters`, 'description'),
            { most: LONGEST_DESCRIPTION },
          ),
        ]),
  ]
}

const LISTS = ['actions', 'notActions', 'dataActions', 'notDataActions'] as const

function issuesOfActions({ permissions }: RoleDefinitionInput): Refusal[] {
  return permissions.flatMap((permission, index) =>
    LISTS.flatMap((list) =>
      (permission[list] ?? [])
        .filter((action) => !ACTION.test(action))
        .map((action) =>
          withFacts(
            refusal(
              'InvalidActionOrNotAction',
              `${quoted(action)} is not an action; expected '*' or a provider and what it does, such as 'Microsoft.Security/*/read'`,
              `permissions[${index}].${list}`,
            ),
            { got: briefly(action) },
          ),
        ),
    ),
  )
}

function issuesOfCounts({ permissions, assignableScopes }: RoleDefinitionInput): Refusal[] {
  const actions = permissions.reduce(
    (sum, permission) => sum + LISTS.reduce((count, list) => count + (permission[list]?.length ?? 0), 0),
    0,
  )
  const issues: Refusal[] = []
  if (permissions.length === 0 || actions > MOST_ACTIONS)
    issues.push(
      withFacts(
        refusal('InvalidPermissions', `a role has permissions, with at most ${MOST_ACTIONS} actions`, 'permissions'),
        { most: MOST_ACTIONS },
      ),
    )
  if (assignableScopes.length === 0 || assignableScopes.length > MOST_SCOPES)
    issues.push(
      withFacts(
        refusal(
          'MissingAssignableScopes',
          `name 1 to ${MOST_SCOPES} scopes where it may be assigned`,
          'assignableScopes',
        ),
        { most: MOST_SCOPES },
      ),
    )
  return issues
}

function permissionFrom(input: RoleDefinitionInput['permissions'][number]): Permission {
  return {
    actions: input.actions ?? [],
    notActions: input.notActions ?? [],
    dataActions: input.dataActions ?? [],
    notDataActions: input.notDataActions ?? [],
  }
}

/** Each permission by itself: what one leaves out another may grant. */
export function definitionGrants({ permissions }: Pick<RoleDefinition, 'permissions'>, action: string): boolean {
  return permissions.some((permission) => roleGrants(permission, action))
}

/** The pattern that grants the action, or the one that takes it away; for explanations. */
export function patternFor(
  { permissions }: Pick<RoleDefinition, 'permissions'>,
  action: string,
): { readonly granted?: string; readonly excluded?: string } {
  for (const permission of permissions) {
    const granted = permission.actions.find((pattern) => actionMatches(pattern, action))
    if (granted !== undefined && roleGrants(permission, action)) return { granted }
  }
  const excluded = permissions
    .filter((permission) => permission.actions.some((pattern) => actionMatches(pattern, action)))
    .flatMap(({ notActions }) => notActions)
    .find((pattern) => actionMatches(pattern, action))
  return excluded === undefined ? {} : { excluded }
}
