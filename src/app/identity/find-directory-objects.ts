/** Users, groups and service principals by id or by a name, for those who may read role assignments somewhere. */
import type { App } from '../app.ts'
import { notAuthorized, rightsOf } from './authorize.ts'
import type { Caller } from '../ports/caller.ts'
import type { IdentityReads } from '../ports/identity.ts'
import type { Group, ServicePrincipal, User } from '../../domain/roles/identity.ts'
import { ok, refused, type Result } from '../../domain/refusal.ts'
import { READ_ASSIGNMENTS } from '../../domain/roles/required-actions.ts'

export type DirectoryEntry =
  | { readonly kind: 'user'; readonly user: User }
  | { readonly kind: 'group'; readonly group: Group }
  | { readonly kind: 'program'; readonly principal: ServicePrincipal }

type Deps = Pick<App, 'store' | 'access'>
type Search = (identity: IdentityReads) => Promise<readonly (DirectoryEntry | undefined)[]>

export async function findDirectoryObjects(
  app: Deps,
  caller: Caller,
  search: Search,
): Promise<Result<readonly DirectoryEntry[]>> {
  const rights = await rightsOf(app, caller)
  if (!rights.mayWithin(READ_ASSIGNMENTS, '/'))
    return refused(notAuthorized(caller, { anyOf: READ_ASSIGNMENTS, scope: '/' }))
  const found = await search(app.store.reads.identity)
  return ok(found.filter((entry) => entry !== undefined))
}

export async function entryWithId(identity: IdentityReads, id: string): Promise<DirectoryEntry | undefined> {
  const key = id.toLowerCase()
  const user = await identity.user(key)
  if (user !== undefined) return { kind: 'user', user }
  const group = await identity.group(key)
  if (group !== undefined) return { kind: 'group', group }
  const principal = await identity.servicePrincipal(key)
  return principal === undefined ? undefined : { kind: 'program', principal }
}

/** Undefined for somebody of another issuer. */
export async function nameOfPrincipal(identity: IdentityReads, id: string): Promise<string | undefined> {
  const entry = await entryWithId(identity, id)
  switch (entry?.kind) {
    case 'user':
      return entry.user.name
    case 'group':
      return entry.group.name
    case 'program':
      return entry.principal.name
    case undefined:
      return undefined
  }
}

export async function userNamed(identity: IdentityReads, name: string): Promise<DirectoryEntry | undefined> {
  const user = await identity.userNamed(name)
  return user === undefined ? undefined : { kind: 'user', user }
}

/** By its client id or its object id. */
export async function programNamed(identity: IdentityReads, name: string): Promise<DirectoryEntry | undefined> {
  const key = name.toLowerCase()
  const principal = (await identity.servicePrincipalOf(key)) ?? (await identity.servicePrincipal(key))
  return principal === undefined ? undefined : { kind: 'program', principal }
}
