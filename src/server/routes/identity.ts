/** The installation's own users, groups and service principals. Secrets go out in the answer that made them, only. */
import {
  addMember,
  createGroup,
  listGroups,
  removeGroup,
  removeMember,
  type GroupView,
} from '../../app/manage-groups.ts'
import { identityOnRecord, type Managing } from '../../app/manage-identity.ts'
import {
  addCredential,
  createProgram,
  listPrograms,
  removeCredential,
  removeProgram,
  type AddedCredential,
  type ProgramView,
} from '../../app/manage-programs.ts'
import { changeUser, createUser, listUsers, removeUser, type MadeUser } from '../../app/manage-users.ts'
import type { Caller, Page } from '../../app/ports.ts'
import type {
  WireAddedCredential,
  WireCredential,
  WireGroup,
  WireMadeUser,
  WireServicePrincipal,
  WireUser,
} from '../../contract/identity.ts'
import type { Credential, User } from '../../domain/identity.ts'
import { refusal, type Result } from '../../domain/refusal.ts'
import { formatInstant } from '../../domain/time.ts'
import { answered, type Answer } from '../answer.ts'
import type { Handlers } from '../call.ts'
import type { ServerDeps } from '../deps.ts'
import { errorAnswer, refusedAnswer } from '../errors.ts'
import { cut, ENTRIES_A_PAGE, nextLink } from '../page.ts'
import type { IDENTITY_OPERATIONS } from '../../contract/identity-operations.ts'

type Routes = Pick<Handlers, keyof typeof IDENTITY_OPERATIONS>

type IdentityDeps = Pick<ServerDeps, 'app' | 'issuer' | 'tenant'>

export function identityRoutes(deps: IdentityDeps): Routes {
  return { ...userRoutes(deps), ...groupRoutes(deps), ...programRoutes(deps) }
}

async function managed(
  { app, issuer }: IdentityDeps,
  caller: Caller,
  work: (managing: Managing) => Promise<Answer>,
): Promise<Answer> {
  if (issuer !== undefined) return work({ app, vault: issuer.vault, caller })
  const message = 'this installation has no issuer of its own; look after users where its configured issuer keeps them'
  return errorAnswer(refusal('NoOwnIssuer', message))
}

function told<T>(result: Result<T>, body: (value: T) => object): Answer {
  return result.ok ? answered(body(result.value)) : refusedAnswer(result.refusals)
}

function removed(result: Result<unknown>): Answer {
  return result.ok ? { status: 200 } : refusedAnswer(result.refusals)
}

interface Listing {
  readonly base: string
  readonly url: string
  readonly query: { readonly top?: number | undefined; readonly after?: string | undefined }
}

function pageOf({ top = ENTRIES_A_PAGE, after }: Listing['query']): Page<string> {
  return { limit: top + 1, ...(after === undefined ? {} : { after }) }
}

function listed<T>(
  call: Listing,
  found: Result<readonly T[]>,
  wire: (item: T) => WireUser | WireGroup | WireServicePrincipal,
): Answer {
  if (!found.ok) return refusedAnswer(found.refusals)
  const { page, last } = cut(found.value.map(wire), call.query.top ?? ENTRIES_A_PAGE)
  const next = last === undefined ? {} : { nextLink: nextLink(call.base, call.url, 'after', last.name) }
  return answered({ value: page, ...next })
}

function userRoutes(deps: IdentityDeps): Pick<Routes, `OwnUsers_${string}` & keyof Routes> {
  return {
    OwnUsers_List: (call) =>
      managed(deps, call.caller, async (managing) =>
        listed(call, await listUsers(managing, pageOf(call.query)), wireUser),
      ),
    OwnUsers_Create: ({ caller, body: { name, displayName, password } }) =>
      managed(deps, caller, async (managing) => {
        const asked = {
          name,
          ...(displayName === undefined ? {} : { displayName }),
          ...(password === undefined ? {} : { password }),
        }
        return told(
          await identityOnRecord(managing, { what: 'create user', called: name }, createUser(managing, asked)),
          wireMadeUser,
        )
      }),
    OwnUsers_Change: ({ caller, params: { userName: user }, body: { change: what } }) =>
      managed(deps, caller, async (managing) =>
        told(
          await identityOnRecord(
            managing,
            { what: `${what} user`, called: user },
            changeUser(managing, { user, what }),
          ),
          wireMadeUser,
        ),
      ),
    OwnUsers_Remove: ({ caller, params: { userName } }) =>
      managed(deps, caller, async (managing) =>
        removed(
          await identityOnRecord(managing, { what: 'remove user', called: userName }, removeUser(managing, userName)),
        ),
      ),
  }
}

function groupRoutes(deps: IdentityDeps): Pick<Routes, `OwnGroups_${string}` & keyof Routes> {
  return {
    OwnGroups_List: (call) =>
      managed(deps, call.caller, async (managing) =>
        listed(call, await listGroups(managing, pageOf(call.query)), wireGroup),
      ),
    OwnGroups_Create: ({ caller, body: { name } }) =>
      managed(deps, caller, async (managing) =>
        told(
          await identityOnRecord(managing, { what: 'create group', called: name }, createGroup(managing, name)),
          wireGroup,
        ),
      ),
    OwnGroups_AddMember: ({ caller, params: { groupName: group, memberName: member } }) =>
      managed(deps, caller, async (managing) =>
        told(
          await identityOnRecord(
            managing,
            { what: 'add member', called: group },
            addMember(managing, { group, member }),
          ),
          wireGroup,
        ),
      ),
    OwnGroups_RemoveMember: ({ caller, params: { groupName: group, memberName: member } }) =>
      managed(deps, caller, async (managing) =>
        told(
          await identityOnRecord(
            managing,
            { what: 'remove member', called: group },
            removeMember(managing, { group, member }),
          ),
          wireGroup,
        ),
      ),
    OwnGroups_Remove: ({ caller, params: { groupName } }) =>
      managed(deps, caller, async (managing) =>
        removed(
          await identityOnRecord(
            managing,
            { what: 'remove group', called: groupName },
            removeGroup(managing, groupName),
          ),
        ),
      ),
  }
}

function programRoutes(deps: IdentityDeps): Pick<Routes, `OwnServicePrincipals_${string}` & keyof Routes> {
  return {
    OwnServicePrincipals_List: (call) =>
      managed(deps, call.caller, async (managing) =>
        listed(call, await listPrograms(managing, pageOf(call.query)), wireProgram),
      ),
    OwnServicePrincipals_Create: ({ caller, body: { name } }) =>
      managed(deps, caller, async (managing) =>
        told(
          await identityOnRecord(
            managing,
            { what: 'create service principal', called: name },
            createProgram(managing, name),
          ),
          wireProgram,
        ),
      ),
    OwnServicePrincipals_AddCredential: ({ caller, params: { principalName: principal }, body: credential }) =>
      managed(deps, caller, async (managing) =>
        told(
          await identityOnRecord(
            managing,
            { what: 'add credential', called: principal },
            addCredential(managing, { principal, credential }),
          ),
          (added) => wireAdded(added, deps.tenant),
        ),
      ),
    OwnServicePrincipals_RemoveCredential: ({
      caller,
      params: { principalName: principal, credentialId: credential },
    }) =>
      managed(deps, caller, async (managing) =>
        told(
          await identityOnRecord(
            managing,
            { what: 'remove credential', called: principal },
            removeCredential(managing, { principal, credential }),
          ),
          wireProgram,
        ),
      ),
    OwnServicePrincipals_Remove: ({ caller, params: { principalName } }) =>
      managed(deps, caller, async (managing) =>
        removed(
          await identityOnRecord(
            managing,
            { what: 'remove service principal', called: principalName },
            removeProgram(managing, principalName),
          ),
        ),
      ),
  }
}

function wireUser(user: User): WireUser {
  return {
    id: user.id,
    name: user.name,
    displayName: user.displayName,
    disabled: user.disabledAt !== undefined,
    mustChangePassword: user.mustChangePassword,
    oneTimeCode: user.totp !== undefined,
    createdAt: formatInstant(user.createdAt),
  }
}

function wireMadeUser({ user, ...shown }: MadeUser): WireMadeUser {
  return { user: wireUser(user), ...shown }
}

function wireGroup({ group, members }: GroupView): WireGroup {
  return { id: group.id, name: group.name, members: [...members], createdAt: formatInstant(group.createdAt) }
}

function wireProgram({ principal, credentials }: ProgramView): WireServicePrincipal {
  return {
    id: principal.id,
    appId: principal.appId,
    name: principal.name,
    disabled: principal.disabledAt !== undefined,
    credentials: credentials.map(wireCredential),
    createdAt: formatInstant(principal.createdAt),
  }
}

/** The hash of a secret stays here. */
function wireCredential({ id, proof, hint, createdAt, endsAt }: Credential): WireCredential {
  const subject = proof.kind === 'federated' ? { subject: proof.subject, audience: proof.audience } : {}
  return { id, kind: proof.kind, hint, ...subject, createdAt: formatInstant(createdAt), endsAt: formatInstant(endsAt) }
}

function wireAdded({ added, secret, ...view }: AddedCredential, tenant: string): WireAddedCredential {
  const shown = secret === undefined ? {} : { secret }
  return { servicePrincipal: wireProgram(view), credential: wireCredential(added), tenant, ...shown }
}
