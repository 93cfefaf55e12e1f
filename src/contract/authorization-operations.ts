/**
 * Operations on roles, role assignments and plans. `{scope}` is a whole path (`/`, a subscription, a group, a resource),
 * as Azure's own description of this interface has it.
 */
import { z } from 'zod'
import {
  permissionList,
  roleAssignment,
  roleAssignmentBody,
  roleAssignmentList,
  roleDefinition,
  roleDefinitionBody,
  roleDefinitionList,
  roleExplanation,
} from './authorization.ts'
import type { Operation } from './operation.ts'
import { pricing, pricingBody, pricingList } from './pricing.ts'
import { text } from './text.ts'

const AUTHORIZATION = '/{scope}/providers/Microsoft.Authorization' as const
const ASSIGNMENTS = `${AUTHORIZATION}/roleAssignments` as const
const ASSIGNMENT = `${ASSIGNMENTS}/{roleAssignmentName}` as const
const DEFINITIONS = `${AUTHORIZATION}/roleDefinitions` as const
const DEFINITION = `${DEFINITIONS}/{roleDefinitionId}` as const
const PRICINGS = '/subscriptions/{subscriptionId}/providers/Microsoft.Security/pricings' as const

const AZURE = { tag: 'azure', apiVersion: 'any' } as const

function filter(description: string) {
  return z.object({ $filter: text.optional().meta({ description }) })
}

export const AUTHORIZATION_OPERATIONS = {
  RoleAssignments_ListForScope: {
    ...AZURE,
    method: 'GET',
    path: ASSIGNMENTS,
    summary: 'Lists who holds which role at a scope, above it and below it',
    query: filter("atScope(), principalId eq '{id}' or assignedTo('{id}'), joined with and"),
    answers: { 200: { text: 'The role assignments', body: roleAssignmentList } },
  },
  RoleAssignments_Get: {
    ...AZURE,
    method: 'GET',
    path: ASSIGNMENT,
    summary: 'Shows a role assignment',
    answers: { 200: { text: 'The role assignment', body: roleAssignment } },
  },
  RoleAssignments_Create: {
    ...AZURE,
    method: 'PUT',
    path: ASSIGNMENT,
    summary: 'Gives a principal a role at a scope',
    body: roleAssignmentBody,
    answers: {
      201: { text: 'Assigned', body: roleAssignment },
      200: { text: 'It was there already', body: roleAssignment },
    },
  },
  RoleAssignments_Delete: {
    ...AZURE,
    method: 'DELETE',
    path: ASSIGNMENT,
    summary: 'Takes a role away',
    answers: { 200: { text: 'The role assignment that was', body: roleAssignment }, 204: { text: 'There was none' } },
  },
  RoleDefinitions_List: {
    ...AZURE,
    method: 'GET',
    path: DEFINITIONS,
    summary: 'Lists the roles that can be assigned at a scope',
    query: filter("roleName eq '{name}', type eq 'BuiltInRole' or 'CustomRole', atScopeAndBelow(), joined with and"),
    answers: { 200: { text: 'The roles', body: roleDefinitionList } },
  },
  RoleDefinitions_Get: {
    ...AZURE,
    method: 'GET',
    path: DEFINITION,
    summary: 'Shows a role',
    answers: { 200: { text: 'The role', body: roleDefinition } },
  },
  RoleDefinitions_CreateOrUpdate: {
    ...AZURE,
    method: 'PUT',
    path: DEFINITION,
    summary: 'Makes or changes a role of your own',
    body: roleDefinitionBody,
    answers: { 201: { text: 'Written', body: roleDefinition } },
  },
  RoleDefinitions_Delete: {
    ...AZURE,
    method: 'DELETE',
    path: DEFINITION,
    summary: 'Removes a role of your own that nobody holds',
    answers: { 200: { text: 'The role that was', body: roleDefinition }, 204: { text: 'There was none' } },
  },
  Permissions_ListForScope: {
    ...AZURE,
    method: 'GET',
    path: `${AUTHORIZATION}/permissions`,
    summary: 'Lists what you yourself may do at a scope',
    answers: { 200: { text: 'The permissions of your roles there', body: permissionList } },
  },
  Pricings_List: {
    ...AZURE,
    method: 'GET',
    path: PRICINGS,
    summary: 'Lists the plans of a subscription',
    answers: { 200: { text: 'The plans', body: pricingList } },
  },
  Pricings_Get: {
    ...AZURE,
    method: 'GET',
    path: `${PRICINGS}/{pricingName}`,
    summary: 'Shows whether the plan that just-in-time access needs is on',
    answers: { 200: { text: 'The plan', body: pricing } },
  },
  Pricings_Update: {
    ...AZURE,
    method: 'PUT',
    path: `${PRICINGS}/{pricingName}`,
    summary: 'Turns the plan on or off; while it is off nothing is configured and nothing opened',
    body: pricingBody,
    answers: { 200: { text: 'The plan', body: pricing } },
  },
  Roles_Explain: {
    method: 'GET',
    path: '/api/v1/roles/explain',
    tag: 'sallyport',
    summary: 'Says which role assignment allows an action at a scope, or what is missing',
    apiVersion: 'none',
    query: z.object({
      principal: text.meta({ description: 'The id of a user, group or service principal; several with commas' }),
      action: text.meta({ examples: ['Microsoft.Security/locations/jitNetworkAccessPolicies/initiate/action'] }),
      scope: text,
    }),
    answers: { 200: { text: 'Why or why not', body: roleExplanation } },
  },
} as const satisfies Readonly<Record<string, Operation>>
