/** The tables of connections to clouds as the queries see them; the truth is in `connection-ddl.ts`. */
export interface ConnectionTable {
  connection_key: string
  id: string
  name: string
  settings: string
  sealed_secret: string | null
  version: number
  created_at: number
  updated_at: number
}

export interface ConnectionMachineTable {
  machine_key: string
  connection_key: string
  machine: string
  seen_at: number
}

export interface ConnectionVersionTable {
  one: number
  version: number
}

export interface ConnectionTables {
  connections: ConnectionTable
  connection_machines: ConnectionMachineTable
  connection_version: ConnectionVersionTable
}
