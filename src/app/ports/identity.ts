/** The installation’s own issuer: its users, keys and sessions as the store keeps them, and what is slow, random or secret. */
import type { Result } from '../../domain/refusal.ts'
import type { BrowserSession } from '../../domain/roles/browser-session.ts'
import type {
  Artefact,
  Credential,
  Group,
  PrincipalId,
  Proof,
  ServicePrincipal,
  SignInAttempts,
  SigningKey,
  User,
} from '../../domain/roles/identity.ts'
import type { Instant } from '../../domain/time.ts'
import type { Page } from './rows.ts'

export interface IdentityReads {
  user(id: PrincipalId): Promise<User | undefined>
  userNamed(name: string): Promise<User | undefined>
  /** These three lists are in the order of their names; `after` is the last name seen. */
  users(page: Page<string>): Promise<User[]>
  groups(page: Page<string>): Promise<Group[]>
  servicePrincipals(page: Page<string>): Promise<ServicePrincipal[]>
  group(id: PrincipalId): Promise<Group | undefined>
  groupNamed(name: string): Promise<Group | undefined>
  groupsOf(member: PrincipalId): Promise<Group[]>
  membersOf(group: PrincipalId): Promise<PrincipalId[]>
  servicePrincipal(id: PrincipalId): Promise<ServicePrincipal | undefined>
  servicePrincipalOf(appId: string): Promise<ServicePrincipal | undefined>
  /** In the order in which they were added, ended ones too. */
  credentialsOf(principal: PrincipalId): Promise<Credential[]>
  /** In a transaction, nobody else counts under this name until it ends. */
  attempts(nameKey: string): Promise<SignInAttempts | undefined>
  /** Newest first. */
  signingKeys(): Promise<SigningKey[]>
  /** Ended ones too, until they are swept. */
  artefact(kind: string, idHash: string): Promise<Artefact | undefined>
  artefactByUid(kind: string, uid: string): Promise<Artefact | undefined>
  artefactByCode(kind: string, userCode: string): Promise<Artefact | undefined>
  /** Ended ones too, until they are swept. */
  browserSession(idHash: string): Promise<BrowserSession | undefined>
  /** Newest first. */
  browserSessionsOf(principal: PrincipalId): Promise<BrowserSession[]>
}

export interface IdentityTx extends IdentityReads {
  /** Inserts or replaces; these three reject when another has the name. */
  putUser(user: User): Promise<void>
  putGroup(group: Group): Promise<void>
  putServicePrincipal(principal: ServicePrincipal): Promise<void>
  /** With memberships, sessions and tokens. */
  removeUser(id: PrincipalId): Promise<void>
  removeGroup(id: PrincipalId): Promise<void>
  /** With memberships and credentials. */
  removeServicePrincipal(id: PrincipalId): Promise<void>
  addMember(group: PrincipalId, member: PrincipalId): Promise<void>
  removeMember(group: PrincipalId, member: PrincipalId): Promise<void>
  addCredential(credential: Credential): Promise<void>
  removeCredential(id: string): Promise<void>
  putAttempts(attempts: SignInAttempts): Promise<void>
  addSigningKey(key: SigningKey): Promise<void>
  removeSigningKey(id: string): Promise<void>
  /** Inserts or replaces, and never takes back that it was consumed. */
  putArtefact(artefact: Artefact): Promise<void>
  /** False when it was consumed before or is gone: of two at once, one wins. */
  consumeArtefact(kind: string, idHash: string, at: Instant): Promise<boolean>
  removeArtefact(kind: string, idHash: string): Promise<void>
  removeArtefactsOfGrant(grant: string): Promise<void>
  /** And its browser sessions. */
  removeArtefactsOfAccount(account: PrincipalId): Promise<void>
  addBrowserSession(session: BrowserSession): Promise<void>
  /** Never takes it back. */
  seeBrowserSession(idHash: string, at: Instant): Promise<void>
  removeBrowserSession(idHash: string): Promise<void>
  /** Forgets what ended at or before `now`, and failed sign-ins that nobody has repeated since. */
  sweepIdentity(now: Instant, forgetAttemptsBefore: Instant): Promise<void>
}

/** What the use cases need of the issuer: the slow, the random and the secret. */
export interface Vault {
  /** The password as it will be compared, or why it is too weak. */
  checkPassword(password: string, name: string): Result<string>
  hashPassword(password: string): Promise<string>
  /** To be shown once. */
  newPassword(): string
  /** To be shown once, with what is kept of it. */
  newSecret(): { readonly text: string; readonly proof: Proof; readonly hint: string }
  readCertificate(pem: string): Result<{ readonly proof: Proof; readonly hint: string; readonly endsAt: Instant }>
  /** What is kept of a one-time-code secret, and what an authenticator app is shown once. */
  newOneTimeCode(user: Pick<User, 'id' | 'name'>): { readonly sealed: string; readonly keyUri: string }
}
