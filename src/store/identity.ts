/** The issuer's part of the repository, on any session. */
import type { IdentityReads, IdentityTx } from '../app/ports/identity.ts'
import {
  consumeArtefact,
  deleteArtefact,
  deleteArtefactsBefore,
  deleteArtefactsOfAccount,
  deleteArtefactsOfGrant,
  findArtefact,
  findArtefactByCode,
  findArtefactByUid,
  writeArtefact,
} from './artefacts.ts'
import {
  deleteBrowserSession,
  deleteBrowserSessionsBefore,
  deleteBrowserSessionsOf,
  findBrowserSession,
  insertBrowserSession,
  listBrowserSessions,
  markBrowserSessionSeen,
} from './browser-sessions.ts'
import {
  deleteCredential,
  deleteServicePrincipal,
  findServicePrincipal,
  findServicePrincipalOf,
  insertCredential,
  listCredentials,
  listServicePrincipals,
  writeServicePrincipal,
} from './service-principals.ts'
import type { Session } from './session.ts'
import { deleteSigningKey, insertSigningKey, listSigningKeys } from './signing-keys.ts'
import {
  addMember,
  deleteGroup,
  findGroup,
  findGroupNamed,
  leaveAllGroups,
  listGroups,
  listGroupsOf,
  listMembersOf,
  removeMember,
  writeGroup,
} from './user-groups.ts'
import {
  deleteAttemptsBefore,
  deleteUser,
  findAttempts,
  findUser,
  findUserNamed,
  listUsers,
  writeAttempts,
  writeUser,
} from './users.ts'

export function identityReadsOn(session: Session): IdentityReads {
  return {
    user: (id) => findUser(session, id),
    userNamed: (name) => findUserNamed(session, name),
    users: (page) => listUsers(session, page),
    group: (id) => findGroup(session, id),
    groupNamed: (name) => findGroupNamed(session, name),
    groups: (page) => listGroups(session, page),
    groupsOf: (member) => listGroupsOf(session, member),
    membersOf: (group) => listMembersOf(session, group),
    servicePrincipal: (id) => findServicePrincipal(session, id),
    servicePrincipalOf: (appId) => findServicePrincipalOf(session, appId),
    servicePrincipals: (page) => listServicePrincipals(session, page),
    credentialsOf: (principal) => listCredentials(session, principal),
    attempts: (key) => findAttempts(session, key),
    signingKeys: () => listSigningKeys(session),
    artefact: (kind, id) => findArtefact(session, kind, id),
    artefactByUid: (kind, uid) => findArtefactByUid(session, kind, uid),
    artefactByCode: (kind, code) => findArtefactByCode(session, kind, code),
    browserSession: (idHash) => findBrowserSession(session, idHash),
    browserSessionsOf: (principal) => listBrowserSessions(session, principal),
  }
}

export function identityTxOn(session: Session): IdentityTx {
  return {
    ...identityReadsOn(session),
    putUser: (user) => writeUser(session, user),
    removeUser: async (id) => {
      await leaveAllGroups(session, id)
      await deleteArtefactsOfAccount(session, id)
      await deleteBrowserSessionsOf(session, id)
      await deleteUser(session, id)
    },
    putGroup: (group) => writeGroup(session, group),
    removeGroup: (id) => deleteGroup(session, id),
    addMember: (group, member) => addMember(session, group, member),
    removeMember: (group, member) => removeMember(session, group, member),
    putServicePrincipal: (principal) => writeServicePrincipal(session, principal),
    removeServicePrincipal: async (id) => {
      await leaveAllGroups(session, id)
      await deleteServicePrincipal(session, id)
    },
    addCredential: (credential) => insertCredential(session, credential),
    removeCredential: (id) => deleteCredential(session, id),
    putAttempts: (attempts) => writeAttempts(session, attempts),
    addSigningKey: (key) => insertSigningKey(session, key),
    removeSigningKey: (id) => deleteSigningKey(session, id),
    putArtefact: (artefact) => writeArtefact(session, artefact),
    consumeArtefact: (kind, id, at) => consumeArtefact(session, { kind, id }, at),
    removeArtefact: (kind, id) => deleteArtefact(session, kind, id),
    removeArtefactsOfGrant: (grant) => deleteArtefactsOfGrant(session, grant),
    removeArtefactsOfAccount: async (account) => {
      await deleteArtefactsOfAccount(session, account)
      await deleteBrowserSessionsOf(session, account)
    },
    addBrowserSession: (made) => insertBrowserSession(session, made),
    seeBrowserSession: (idHash, at) => markBrowserSessionSeen(session, idHash, at),
    removeBrowserSession: (idHash) => deleteBrowserSession(session, idHash),
    sweepIdentity: async (now, forgetAttemptsBefore) => {
      await deleteArtefactsBefore(session, now)
      await deleteBrowserSessionsBefore(session, now)
      await deleteAttemptsBefore(session, forgetAttemptsBefore)
    },
  }
}
