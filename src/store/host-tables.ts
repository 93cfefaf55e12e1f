/** The tables of hosts that run the agent as the queries see them; the truth is in `host-ddl.ts`. */
import type { Host, RevocationReason } from '../domain/hosts/host.ts'

export interface HostTable {
  id: string
  machine: string
  machine_key: string
  name: string
  /** JSON, as `behind`, `certificates` and `facts` are. */
  labels: string
  kind: Host['kind']
  behind: string
  /** JSON. */
  gateway: string | null
  generation: number
  certificates: string
  certificate_ends_at: number | null
  enrolled_at: number | null
  revoked_at: number | null
  revoked_because: RevocationReason | null
  last_sequence: number
  last_boot_id: string | null
  served_by: string | null
  seen_at: number | null
  gone_at: number | null
  /** 1 when somebody told that it has gone. */
  gone_told: number
  facts: string | null
  created_at: number
  version: number
}

export interface HostTokenTable {
  hash: string
  host_id: string
  until_at: number
  used_at: number | null
}

export interface HostVersionTable {
  one: number
  version: number
}

export interface HostTables {
  hosts: HostTable
  host_tokens: HostTokenTable
  host_version: HostVersionTable
}
