/** The issuer's tables as the queries see them; the truth is in `identity-ddl.ts`. */
import type { Proof } from '../domain/roles/identity.ts'

export interface UserTable {
  id: string
  name: string
  name_key: string
  display_name: string
  password_hash: string
  must_change: number
  totp_sealed: string | null
  totp_step: number
  disabled_at: number | null
  valid_after: number
  created_at: number
}

export interface GroupTable {
  id: string
  name: string
  name_key: string
  created_at: number
}

export interface GroupMemberTable {
  group_id: string
  member_id: string
}

export interface ServicePrincipalTable {
  id: string
  app_id: string
  name: string
  name_key: string
  disabled_at: number | null
  created_at: number
}

export interface CredentialTable {
  id: string
  principal_id: string
  kind: Proof['kind']
  hint: string
  proof: string
  created_at: number
  ends_at: number
}

export interface SignInAttemptTable {
  name_key: string
  failures: number
  locked_until: number
  last_at: number
}

export interface SigningKeyTable {
  id: string
  public_key: string
  sealed_private_key: string
  created_at: number
  signs_from: number
}

export interface ArtefactTable {
  kind: string
  id_hash: string
  payload: string
  grant_id: string | null
  uid: string | null
  user_code: string | null
  account_id: string | null
  consumed_at: number | null
  ends_at: number
}

export interface BrowserSessionTable {
  id_hash: string
  id: string
  principal_id: string
  issuer: string
  name: string
  principals: string
  address: string
  browser: string
  started_at: number
  last_seen_at: number
  ends_at: number
}

export interface IdentityTables {
  users: UserTable
  user_groups: GroupTable
  group_members: GroupMemberTable
  service_principals: ServicePrincipalTable
  credentials: CredentialTable
  sign_in_attempts: SignInAttemptTable
  signing_keys: SigningKeyTable
  issuer_artefacts: ArtefactTable
  browser_sessions: BrowserSessionTable
}
