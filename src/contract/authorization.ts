/** Roles and role assignments in Azure's shapes, and our own explanation of a decision. */
import { z } from 'zod'
import { optionalText, text, utcTime } from './text.ts'

const actions = z.array(text).nullish()

const roleBody = z.object({
  roleName: text,
  description: optionalText,
  permissions: z
    .array(z.object({ actions, notActions: actions, dataActions: actions, notDataActions: actions }))
    .meta({ description: 'What it may do; a star stands for any run of characters' }),
  assignableScopes: z.array(text).meta({ description: 'Where it may be assigned, and everything below' }),
})

export const roleDefinitionBody = z.object({ properties: roleBody }).meta({ id: 'RoleDefinitionBody' })

const written = {
  createdOn: utcTime,
  updatedOn: utcTime,
  createdBy: z.string().nullable(),
  updatedBy: z.string().nullable(),
}

const list = z.array(z.string())

export const roleDefinition = z
  .object({
    properties: z.object({
      roleName: z.string(),
      type: z.enum(['BuiltInRole', 'CustomRole']),
      description: z.string(),
      assignableScopes: list,
      permissions: z.array(z.object({ actions: list, notActions: list, dataActions: list, notDataActions: list })),
      ...written,
    }),
    id: z.string(),
    type: z.literal('Microsoft.Authorization/roleDefinitions'),
    name: z.string(),
  })
  .meta({ id: 'RoleDefinition' })

export type WireRoleDefinition = z.infer<typeof roleDefinition>

export const roleDefinitionList = z.object({ value: z.array(roleDefinition) }).meta({ id: 'RoleDefinitionList' })

export const roleAssignmentBody = z
  .object({
    properties: z.object({
      roleDefinitionId: text.meta({ description: "The role definition's id" }),
      principalId: text.meta({ description: 'The object id of a user, group or service principal' }),
      principalType: optionalText.meta({ examples: ['User', 'Group', 'ServicePrincipal'] }),
      description: optionalText,
    }),
  })
  .meta({ id: 'RoleAssignmentBody' })

export const roleAssignment = z
  .object({
    properties: z.object({
      roleDefinitionId: z.string(),
      principalId: z.string(),
      principalType: z.string(),
      scope: z.string(),
      condition: z.null(),
      conditionVersion: z.null(),
      ...written,
      delegatedManagedIdentityResourceId: z.null(),
      description: z.string().nullable(),
    }),
    id: z.string(),
    type: z.literal('Microsoft.Authorization/roleAssignments'),
    name: z.string(),
  })
  .meta({ id: 'RoleAssignment' })

export type WireRoleAssignment = z.infer<typeof roleAssignment>

export const roleAssignmentList = z.object({ value: z.array(roleAssignment) }).meta({ id: 'RoleAssignmentList' })

export const permissionList = z
  .object({
    value: z.array(z.object({ actions: list, notActions: list, dataActions: list, notDataActions: list })),
  })
  .meta({ id: 'PermissionList' })

export type WirePermissionList = z.infer<typeof permissionList>

export const roleExplanation = z
  .object({
    allowed: z.boolean(),
    text: z.string().meta({ description: 'Why, or what is missing, as a sentence' }),
    principals: z
      .array(z.string())
      .meta({ description: 'Who was asked about, with the groups they are known to be in' }),
    assignments: z.array(
      z.object({
        id: z.string(),
        roleName: z.string(),
        principalId: z.string(),
        scope: z.string(),
        verdict: z.enum(['allows', 'excluded', 'lacks the action', 'is elsewhere']),
        text: z.string(),
      }),
    ),
  })
  .meta({ id: 'RoleExplanation' })

export type WireRoleExplanation = z.infer<typeof roleExplanation>
