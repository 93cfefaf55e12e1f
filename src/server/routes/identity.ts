/** The installation's own users, groups and service principals. Secrets go out in the answer that made them, only. */
import {
  addMember,
  createGroup,
  listGroups,
  removeGroup,
  removeMember,
  type GroupView,
} from '../../app/identity/manage-groups.ts'
import {
  groupCalled,
  identityOnRecord,
  programCalled,
  userCalled,
  type Managing,
  type RefusedChange,
} from '../../app/identity/manage-identity.ts'
import {
  addCredential,
  createProgram,
  listPrograms,
  removeCredential,
  removeProgram,
  type AddedCredential,
  type ProgramView,
} from '../../app/identity/manage-programs.ts'
import { changeUser, createUser, listUsers, removeUser, type MadeUser } from '../../app/identity/manage-users.ts'
import type { Caller } from '../../app/ports/caller.ts'
import type { Page } from '../../app/ports/rows.ts'
import type {
  WireAddedCredential,
  WireCredential,
  WireGroup,
  WireMadeUser,
  WireServicePrincipal,
  WireUser,
} from '../../contract/identity.ts'
import type { Credential, User } from '../../domain/roles/identity.ts'
import { refusal, type Result } from '../../domain/refusal.ts'
import { formatInstant } from '../../domain/time.ts'
import { answered, type Answer } from '../answer.ts'
import type { Handlers } from '../call.ts'
import type { ServerDeps } from '../deps.ts'
import { errorAnswer, refusedAnswer } from '../errors.ts'
import { cut, ENTRIES_A_PAGE, nextLink } from '../input/page.ts'
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

interface Change<T> {
  readonly caller: Caller
  readonly about: RefusedChange
  readonly run: (managing: Managing) => Promise<Result<T>>
  /** Left out where nothing is left to show. */
  readonly wire?: (value: T) => object
}

function changed<T>(deps: IdentityDeps, { caller, about, run, wire }: Change<T>): Promise<Answer> {
  return managed(deps, caller, async (managing) => {
    const result = await identityOnRecord(managing, about, run(managing))
    if (!result.ok) return refusedAnswer(result.refusals)
    return wire === undefined ? { status: 200 } : answered(wire(result.value))
  })
}

interface Listing {
  readonly caller: Caller
  readonly base: string
  readonly url: string
  readonly query: { readonly top?: number | undefined; readonly after?: string | undefined }
}

function listed<T>(
  deps: IdentityDeps,
  { caller, base, url, query: { top = ENTRIES_A_PAGE, after } }: Listing,
  {
    find,
    wire,
  }: {
    readonly find: (managing: Managing, page: Page<string>) => Promise<Result<readonly T[]>>
    readonly wire: (item: T) => WireUser | WireGroup | WireServicePrincipal
  },
): Promise<Answer> {
  return managed(deps, caller, async (managing) => {
    const found = await find(managing, { limit: top + 1, ...(after === undefined ? {} : { after }) })
    if (!found.ok) return refusedAnswer(found.refusals)
    const { page, last } = cut(found.value.map(wire), top)
    const next = last === undefined ? {} : { nextLink: nextLink(base, url, 'after', last.name) }
    return answered({ value: page, ...next })
  })
}

function userRoutes(deps: IdentityDeps): Pick<Routes, `OwnUsers_${string}` & keyof Routes> {
  return {
    OwnUsers_List: (call) => listed(deps, call, { find: listUsers, wire: wireUser }),
    OwnUsers_Create: ({ caller, body: { name, displayName, password } }) =>
      changed(deps, {
        caller,
        about: { what: 'create user', called: name, find: userCalled },
        run: (managing) =>
          createUser(managing, {
            name,
            ...(displayName === undefined ? {} : { displayName }),
            ...(password === undefined ? {} : { password }),
          }),
        wire: wireMadeUser,
      }),
    OwnUsers_Change: ({ caller, params: { userName: user }, body: { change: what } }) =>
      changed(deps, {
        caller,
        about: { what: `${what} user`, called: user, find: userCalled },
        run: (managing) => changeUser(managing, { user, what }),
        wire: wireMadeUser,
      }),
    OwnUsers_Remove: ({ caller, params: { userName: called } }) =>
      changed(deps, {
        caller,
        about: { what: 'remove user', called, find: userCalled },
        run: (managing) => removeUser(managing, called),
      }),
  }
}

function groupRoutes(deps: IdentityDeps): Pick<Routes, `OwnGroups_${string}` & keyof Routes> {
  return {
    OwnGroups_List: (call) => listed(deps, call, { find: listGroups, wire: wireGroup }),
    OwnGroups_Create: ({ caller, body: { name: called } }) =>
      changed(deps, {
        caller,
        about: { what: 'create group', called, find: groupCalled },
        run: (managing) => createGroup(managing, called),
        wire: wireGroup,
      }),
    OwnGroups_AddMember: ({ caller, params: { groupName: group, memberName: member } }) =>
      changed(deps, {
        caller,
        about: { what: 'add member', called: group, find: groupCalled },
        run: (managing) => addMember(managing, { group, member }),
        wire: wireGroup,
      }),
    OwnGroups_RemoveMember: ({ caller, params: { groupName: group, memberName: member } }) =>
      changed(deps, {
        caller,
        about: { what: 'remove member', called: group, find: groupCalled },
        run: (managing) => removeMember(managing, { group, member }),
        wire: wireGroup,
      }),
    OwnGroups_Remove: ({ caller, params: { groupName: called } }) =>
      changed(deps, {
        caller,
        about: { what: 'remove group', called, find: groupCalled },
        run: (managing) => removeGroup(managing, called),
      }),
  }
}

function programRoutes(deps: IdentityDeps): Pick<Routes, `OwnServicePrincipals_${string}` & keyof Routes> {
  return {
    OwnServicePrincipals_List: (call) => listed(deps, call, { find: listPrograms, wire: wireProgram }),
    OwnServicePrincipals_Create: ({ caller, body: { name: called } }) =>
      changed(deps, {
        caller,
        about: { what: 'create service principal', called, find: programCalled },
        run: (managing) => createProgram(managing, called),
        wire: wireProgram,
      }),
    OwnServicePrincipals_AddCredential: ({ caller, params: { principalName: principal }, body: credential }) =>
      changed(deps, {
        caller,
        about: { what: 'add credential', called: principal, find: programCalled },
        run: (managing) => addCredential(managing, { principal, credential }),
        wire: (added) => wireAdded(added, deps.tenant),
      }),
    OwnServicePrincipals_RemoveCredential: ({
      caller,
      params: { principalName: principal, credentialId: credential },
    }) =>
      changed(deps, {
        caller,
        about: { what: 'remove credential', called: principal, find: programCalled },
        run: (managing) => removeCredential(managing, { principal, credential }),
        wire: wireProgram,
      }),
    OwnServicePrincipals_Remove: ({ caller, params: { principalName: called } }) =>
      changed(deps, {
        caller,
        about: { what: 'remove service principal', called, find: programCalled },
        run: (managing) => removeProgram(managing, called),
      }),
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
