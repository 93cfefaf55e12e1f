/**
 * Which actions looking after the installation's own users, groups and programs needs, always at `/`. They are under
 * Microsoft.Authorization because who may set a password may become its owner: Contributor, which may not give roles,
 * must not be able to take them this way either.
 */
import type { ActionChoice } from './required-actions.ts'

export const READ_USERS: ActionChoice = ['Microsoft.Authorization/users/read']
export const WRITE_USERS: ActionChoice = ['Microsoft.Authorization/users/write']
export const DELETE_USERS: ActionChoice = ['Microsoft.Authorization/users/delete']
export const READ_GROUPS: ActionChoice = ['Microsoft.Authorization/groups/read']
export const WRITE_GROUPS: ActionChoice = ['Microsoft.Authorization/groups/write']
export const DELETE_GROUPS: ActionChoice = ['Microsoft.Authorization/groups/delete']
export const READ_PROGRAMS: ActionChoice = ['Microsoft.Authorization/servicePrincipals/read']
export const WRITE_PROGRAMS: ActionChoice = ['Microsoft.Authorization/servicePrincipals/write']
export const DELETE_PROGRAMS: ActionChoice = ['Microsoft.Authorization/servicePrincipals/delete']
