/** The tables of hosts that run the agent, as a migration makes them. Released; must never change. */
import { oneOf, type Ddl } from './ddl.ts'

export function hostTables(ddl: Ddl): string[] {
  return [...hosts(ddl), ...tokens(ddl), ...version(ddl), ...served(ddl)]
}

function hosts({ int, key, table, fixed, onlyGrows }: Ddl): string[] {
  return [
    ...table('hosts', 'Linux hosts that run the agent: who each is, which certificates are in force, who serves it.', [
      `id ${key} not null constraint hosts_pk primary key`,
      `machine text not null`,
      `machine_key ${key} not null constraint hosts_machine unique`,
      `name text not null`,
      `labels text not null`,
      `kind text not null`,
      `behind text not null`,
      `gateway text`,
      `generation ${int} not null`,
      `certificates text not null`,
      `certificate_ends_at ${int}`,
      `enrolled_at ${int}`,
      `revoked_at ${int}`,
      `revoked_because text`,
      `last_sequence ${int} not null`,
      `last_boot_id text`,
      `served_by ${key}`,
      `seen_at ${int}`,
      `gone_at ${int}`,
      `gone_told ${int} not null`,
      `facts text`,
      `created_at ${int} not null`,
      `version ${int} not null`,
      `constraint hosts_kind check (${oneOf('kind', ['host', 'gateway'])})`,
      `constraint hosts_because check (${oneOf('revoked_because', ['administrator', 'cloned'])})`,
      `constraint hosts_revoked check ((revoked_at is null) = (revoked_because is null))`,
      `constraint hosts_trusted check (certificates = '[]' or (generation > 0 and revoked_at is null))`,
      `constraint hosts_counters check (generation >= 0 and last_sequence >= 0 and version >= 1)`,
    ]),
    `create index hosts_served on hosts (seen_at) where served_by is not null`,
    `create index hosts_gone on hosts (gone_at) where gone_told = 0 and gone_at is not null`,
    ...fixed(
      'hosts',
      ['id', 'machine', 'machine_key', 'created_at'],
      'a host keeps its id, machine and creation; make another host',
    ),
    ...onlyGrows('hosts', 'generation', 'the generation of a host only grows: what was revoked stays revoked'),
  ]
}

function tokens({ int, key, table, fixed }: Ddl): string[] {
  return [
    ...table('host_tokens', 'One-time permissions to enrol; only a hash of each is kept.', [
      `hash ${key} not null constraint host_tokens_pk primary key`,
      `host_id ${key} not null`,
      `until_at ${int} not null`,
      `used_at ${int}`,
    ]),
    `create index host_tokens_of on host_tokens (host_id, until_at)`,
    ...fixed('host_tokens', ['hash', 'host_id', 'until_at'], 'a token never changes; make another token'),
  ]
}

function version({ int, table }: Ddl): string[] {
  return [
    ...table('host_version', 'One row: grows with every change to a host that others must know of.', [
      `one ${int} not null constraint host_version_pk primary key`,
      `version ${int} not null`,
      `constraint host_version_only check (one = 1)`,
    ]),
    `insert into host_version (one, version) values (1, 0)`,
  ]
}

function served({ key }: Ddl): string[] {
  return [`alter table points add column served_by ${key}`]
}
