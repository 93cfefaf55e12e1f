/**
 * The tables as the queries see them. The truth about columns, checks and triggers is in `migrations.ts`; the dumps
 * `schema.sqlite.sql` and `schema.postgres.sql` show the result. Instants are integer milliseconds, JSON is text.
 */
import type { AuditAction } from '../domain/audit/audit.ts'
import type { GrantReason, GrantState } from '../domain/access/grant.ts'
import type { Protocol } from '../domain/net.ts'
import type { Sighting } from '../app/ports/rows.ts'
import type { ConnectionTables } from './connection-tables.ts'
import type { HostTables } from './host-tables.ts'
import type { IdentityTables } from './identity-tables.ts'
import type { RoleTables } from './role-tables.ts'

export interface PolicyTable {
  uid: string
  id: string
  policy_key: string
  subscription_id: string
  resource_group: string
  /** Lower case, for comparing without case. */
  subscription_key: string
  group_key: string
  location: string
  name: string
  kind: string
  machines: string
  version: number
  created_at: number
  updated_at: number
  removed_at: number | null
  /** JSON: who manages it. */
  managed_by: string | null
  changed_outside_at: number | null
  /** JSON: what chooses machines by their labels. */
  selectors: string | null
}

export interface PolicyMachineTable {
  policy_uid: string
  machine_key: string
}

export interface RequestTable {
  id: string
  policy_uid: string
  requestor: string
  address: string
  justification: string | null
  started_at: number
  start_time_utc: string
  /** The caller's object id; null when it had none, and in requests older than this column. */
  requestor_id: string | null
}

export interface GrantTable {
  id: string
  request_id: string
  /** The place within the request. */
  place: number
  policy_uid: string
  machine: string
  machine_key: string
  port: number
  protocol: Protocol
  sources: string
  sources_as: 'prefix' | 'prefixes'
  /** The request's started_at, so that one index serves "newest first on this machine". */
  requested_at: number
  from_at: number
  until_at: number
  end_time_utc: string
  state: GrantState
  reason: GrantReason
  detail: string | null
  /** JSON: what the detail says, by its code. */
  because: string | null
  opened_at: number | null
  closed_at: number | null
  /** How many points it is at; kept here so that a pass need not count. */
  point_count: number
}

export interface GrantPointTable {
  grant_id: string
  point_id: string
  sighting: Sighting
  until_at: number
  revision: number
}

export interface PointTable {
  id: string
  wanted: number
  applied: number
  shape: number
  pass: number
  due_at: number | null
  lease_owner: string | null
  lease_until: number
  failures: number
  last_error: string | null
  /** JSON: what somebody else changed, until it is put right. */
  drift: string | null
  /** Of a host: the replica that holds its agent's connection. */
  served_by: string | null
}

export interface JournalTable {
  point_id: string
  entry_key: string
  value: string
}

export interface AuditTable {
  seq: number
  at: number
  action: AuditAction
  actor: string
  address: string
  target: string
  request_id: string | null
  grant_id: string | null
  data: string
  hash: string
}

export interface AuditHeadTable {
  one: number
  seq: number
  hash: string
  latest_at: number
  lag: number
}

export interface SettingTable {
  name: string
  value: string
}

export interface AuditCheckpointTable {
  number: number
  seq: number
  line: string
}

export interface AuditFloorTable {
  one: number
  seq: number
  hash: string
}

export interface AuditCursorTable {
  sink: string
  seq: number
  lease_owner: string | null
  lease_until: number
}

export interface Tables extends IdentityTables, RoleTables, ConnectionTables, HostTables {
  policies: PolicyTable
  policy_machines: PolicyMachineTable
  requests: RequestTable
  grants: GrantTable
  grant_points: GrantPointTable
  points: PointTable
  journal: JournalTable
  audit: AuditTable
  audit_head: AuditHeadTable
  audit_checkpoints: AuditCheckpointTable
  audit_floor: AuditFloorTable
  audit_cursors: AuditCursorTable
  settings: SettingTable
}
