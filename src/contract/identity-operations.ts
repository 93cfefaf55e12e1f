/** Operations on the installation's own users, groups and service principals. Each is named by its id or its name. */
import { z } from 'zod'
import {
  addedCredential,
  group,
  groupList,
  madeUser,
  newCredential,
  newGroup,
  newServicePrincipal,
  newUser,
  servicePrincipal,
  servicePrincipalList,
  userChange,
  userList,
} from './identity.ts'
import type { Operation } from './operation.ts'
import { text, top } from './text.ts'

const OURS = { tag: 'sallyport', apiVersion: 'none' } as const
const USERS = '/api/v1/users' as const
const GROUPS = '/api/v1/groups' as const
const PROGRAMS = '/api/v1/service-principals' as const

const listed = z.object({ top, after: text.optional().meta({ description: 'The last name seen' }) })

export const IDENTITY_OPERATIONS = {
  OwnUsers_List: {
    ...OURS,
    method: 'GET',
    path: USERS,
    summary: "Lists this installation's own users",
    query: listed,
    answers: { 200: { text: 'The users; nextLink when there are more', body: userList } },
  },
  OwnUsers_Create: {
    ...OURS,
    method: 'POST',
    path: USERS,
    summary: 'Makes a user, who chooses a password at the first sign-in',
    body: newUser,
    answers: { 200: { text: 'The user, with the password to hand over', body: madeUser } },
  },
  OwnUsers_Change: {
    ...OURS,
    method: 'POST',
    path: `${USERS}/{userName}/change`,
    summary: 'Disables, enables, signs out or resets a user',
    body: userChange,
    answers: { 200: { text: 'The user, with what to hand over', body: madeUser } },
  },
  OwnUsers_Remove: {
    ...OURS,
    method: 'DELETE',
    path: `${USERS}/{userName}`,
    summary: 'Removes a user',
    answers: { 200: { text: 'Removed' } },
  },
  OwnGroups_List: {
    ...OURS,
    method: 'GET',
    path: GROUPS,
    summary: "Lists this installation's own groups",
    query: listed,
    answers: { 200: { text: 'The groups; nextLink when there are more', body: groupList } },
  },
  OwnGroups_Create: {
    ...OURS,
    method: 'POST',
    path: GROUPS,
    summary: 'Makes a group',
    body: newGroup,
    answers: { 200: { text: 'The group', body: group } },
  },
  OwnGroups_AddMember: {
    ...OURS,
    method: 'PUT',
    path: `${GROUPS}/{groupName}/members/{memberName}`,
    summary: 'Adds a user or service principal to a group',
    answers: { 200: { text: 'The group', body: group } },
  },
  OwnGroups_RemoveMember: {
    ...OURS,
    method: 'DELETE',
    path: `${GROUPS}/{groupName}/members/{memberName}`,
    summary: 'Takes a member out of a group',
    answers: { 200: { text: 'The group', body: group } },
  },
  OwnGroups_Remove: {
    ...OURS,
    method: 'DELETE',
    path: `${GROUPS}/{groupName}`,
    summary: 'Removes a group',
    answers: { 200: { text: 'Removed' } },
  },
  OwnServicePrincipals_List: {
    ...OURS,
    method: 'GET',
    path: PROGRAMS,
    summary: "Lists this installation's own service principals",
    query: listed,
    answers: { 200: { text: 'The service principals; nextLink when there are more', body: servicePrincipalList } },
  },
  OwnServicePrincipals_Create: {
    ...OURS,
    method: 'POST',
    path: PROGRAMS,
    summary: 'Makes a service principal',
    body: newServicePrincipal,
    answers: { 200: { text: 'The service principal', body: servicePrincipal } },
  },
  OwnServicePrincipals_AddCredential: {
    ...OURS,
    method: 'POST',
    path: `${PROGRAMS}/{principalName}/credentials`,
    summary: 'Adds a secret, a certificate or a trusted token of another issuer',
    body: newCredential,
    answers: { 200: { text: 'The credential, with the secret', body: addedCredential } },
  },
  OwnServicePrincipals_RemoveCredential: {
    ...OURS,
    method: 'DELETE',
    path: `${PROGRAMS}/{principalName}/credentials/{credentialId}`,
    summary: 'Removes a credential',
    answers: { 200: { text: 'The service principal', body: servicePrincipal } },
  },
  OwnServicePrincipals_Remove: {
    ...OURS,
    method: 'DELETE',
    path: `${PROGRAMS}/{principalName}`,
    summary: 'Removes a service principal with its credentials',
    answers: { 200: { text: 'Removed' } },
  },
} as const satisfies Readonly<Record<string, Operation>>
