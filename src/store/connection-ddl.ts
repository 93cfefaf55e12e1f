/** The tables of connections to clouds, as a migration makes them. Released; must never change. */
import type { Ddl } from './ddl.ts'

export function connectionTables(ddl: Ddl): string[] {
  return [...connections(ddl), ...machines(ddl), ...version(ddl)]
}

function connections({ int, key, table, fixed }: Ddl): string[] {
  return [
    ...table('connections', 'Connections to clouds; the secret sealed by a key outside the database.', [
      `connection_key ${key} not null constraint connections_pk primary key`,
      `id text not null`,
      `name text not null`,
      `settings text not null`,
      `sealed_secret text`,
      `version ${int} not null`,
      `created_at ${int} not null`,
      `updated_at ${int} not null`,
      `constraint connections_version check (version >= 1)`,
      `constraint connections_times check (updated_at >= created_at)`,
    ]),
    ...fixed(
      'connections',
      ['connection_key', 'id', 'created_at'],
      'a connection keeps its id and creation; make another connection',
    ),
  ]
}

function machines({ int, key, table }: Ddl): string[] {
  return [
    ...table(
      'connection_machines',
      'Protected machines as they were last seen: known after a restart while the cloud cannot be read.',
      [
        `machine_key ${key} not null constraint connection_machines_pk primary key`,
        `connection_key ${key} not null`,
        `machine text not null`,
        `seen_at ${int} not null`,
        `constraint connection_machines_connection foreign key (connection_key) references connections (connection_key)`,
      ],
    ),
    `create index connection_machines_of on connection_machines (connection_key, machine_key)`,
  ]
}

function version({ int, table }: Ddl): string[] {
  return [
    ...table('connection_version', 'One row: grows with every change to a connection, so that a replica notices.', [
      `one ${int} not null constraint connection_version_pk primary key`,
      `version ${int} not null`,
      `constraint connection_version_only check (one = 1)`,
    ]),
    `insert into connection_version (one, version) values (1, 0)`,
  ]
}
