/** The table of browsers that people are signed in with, as a migration makes it. Released; must never change. */
import type { Ddl } from './ddl.ts'

export function browserSessionTables({ int, key, table, fixed }: Ddl): string[] {
  return [
    ...table('browser_sessions', 'Browsers that somebody is signed in with, under a hash of what each holds.', [
      `id_hash ${key} not null constraint browser_sessions_pk primary key`,
      `id ${key} not null constraint browser_sessions_id unique`,
      `principal_id ${key} not null`,
      `issuer text not null`,
      `name text not null`,
      `principals text not null`,
      `address text not null`,
      `browser text not null`,
      `started_at ${int} not null`,
      `last_seen_at ${int} not null`,
      `ends_at ${int} not null`,
      `constraint browser_sessions_window check (ends_at > started_at and last_seen_at >= started_at)`,
    ]),
    `create index browser_sessions_of on browser_sessions (principal_id, started_at, id)`,
    `create index browser_sessions_ends on browser_sessions (ends_at)`,
    ...fixed(
      'browser_sessions',
      ['id_hash', 'id', 'principal_id', 'issuer', 'name', 'principals', 'address', 'browser', 'started_at', 'ends_at'],
      'a session keeps who it is of and when it ends; sign in again',
    ),
  ]
}
