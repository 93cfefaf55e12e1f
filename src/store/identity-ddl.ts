/** The tables of the installation's own issuer, as a migration makes them. Released; must never change. */
import { oneOf, type Ddl } from './ddl.ts'

export function identityTables(ddl: Ddl): string[] {
  return [...users(ddl), ...groups(ddl), ...servicePrincipals(ddl), ...attempts(ddl), ...keys(ddl), ...artefacts(ddl)]
}

function users({ int, key, table, fixed }: Ddl): string[] {
  return [
    ...table('users', 'People who sign in with a password kept here, as a slow hash.', [
      `id ${key} not null constraint users_pk primary key`,
      `name text not null`,
      `name_key ${key} not null constraint users_name unique`,
      `display_name text not null`,
      `password_hash text not null`,
      `must_change ${int} not null`,
      `totp_sealed text`,
      `totp_step ${int} not null`,
      `disabled_at ${int}`,
      `valid_after ${int} not null`,
      `created_at ${int} not null`,
      `constraint users_must_change check (must_change in (0, 1))`,
    ]),
    ...fixed('users', ['id', 'created_at'], 'a user keeps its id; make another user'),
  ]
}

function groups({ int, key, table, fixed }: Ddl): string[] {
  return [
    ...table('user_groups', 'Groups of users and service principals; role assignments may name them.', [
      `id ${key} not null constraint user_groups_pk primary key`,
      `name text not null`,
      `name_key ${key} not null constraint user_groups_name unique`,
      `created_at ${int} not null`,
    ]),
    ...fixed('user_groups', ['id', 'created_at'], 'a group keeps its id; make another group'),
    ...table('group_members', 'Who is in which group.', [
      `group_id ${key} not null`,
      `member_id ${key} not null`,
      `constraint group_members_pk primary key (group_id, member_id)`,
      `constraint group_members_group foreign key (group_id) references user_groups (id)`,
    ]),
    `create index group_members_member on group_members (member_id, group_id)`,
  ]
}

function servicePrincipals({ int, key, table, fixed }: Ddl): string[] {
  return [
    ...table('service_principals', 'Programs that sign in.', [
      `id ${key} not null constraint service_principals_pk primary key`,
      `app_id ${key} not null constraint service_principals_app unique`,
      `name text not null`,
      `name_key ${key} not null constraint service_principals_name unique`,
      `disabled_at ${int}`,
      `created_at ${int} not null`,
    ]),
    ...fixed('service_principals', ['id', 'app_id', 'created_at'], 'a service principal keeps its ids; make another'),
    ...table('credentials', 'What proves a service principal: hashes and public parts only, each with an end.', [
      `id ${key} not null constraint credentials_pk primary key`,
      `principal_id ${key} not null`,
      `kind text not null`,
      `hint text not null`,
      `proof text not null`,
      `created_at ${int} not null`,
      `ends_at ${int} not null`,
      `constraint credentials_principal foreign key (principal_id) references service_principals (id)`,
      `constraint credentials_kind check (${oneOf('kind', ['secret', 'certificate', 'federated'])})`,
      `constraint credentials_window check (ends_at > created_at)`,
    ]),
    `create index credentials_of on credentials (principal_id, created_at, id)`,
    ...fixed(
      'credentials',
      ['id', 'principal_id', 'kind', 'hint', 'proof', 'created_at', 'ends_at'],
      'a credential never changes; add another',
    ),
  ]
}

function attempts({ int, key, table }: Ddl): string[] {
  return [
    ...table('sign_in_attempts', 'Failed sign-ins by name, of users and of names that nobody has alike.', [
      `name_key ${key} not null constraint sign_in_attempts_pk primary key`,
      `failures ${int} not null`,
      `locked_until ${int} not null`,
      `last_at ${int} not null`,
      `constraint sign_in_attempts_failures check (failures >= 0)`,
    ]),
    `create index sign_in_attempts_last on sign_in_attempts (last_at)`,
  ]
}

function keys({ int, key, table, fixed }: Ddl): string[] {
  return [
    ...table('signing_keys', 'What tokens are signed with; private parts sealed by a key outside the database.', [
      `id ${key} not null constraint signing_keys_pk primary key`,
      `public_key text not null`,
      `sealed_private_key text not null`,
      `created_at ${int} not null`,
      `signs_from ${int} not null`,
      `constraint signing_keys_window check (signs_from >= created_at)`,
    ]),
    ...fixed(
      'signing_keys',
      ['id', 'public_key', 'sealed_private_key', 'created_at', 'signs_from'],
      'a signing key never changes; make another',
    ),
  ]
}

function artefacts({ int, key, table }: Ddl): string[] {
  return [
    ...table(
      'issuer_artefacts',
      "The issuer's sessions, codes, grants and refresh tokens, under hashes, with an end.",
      [
        `kind ${key} not null`,
        `id_hash ${key} not null`,
        `payload text not null`,
        `grant_id ${key}`,
        `uid ${key}`,
        `user_code ${key}`,
        `account_id ${key}`,
        `consumed_at ${int}`,
        `ends_at ${int} not null`,
        `constraint issuer_artefacts_pk primary key (kind, id_hash)`,
      ],
    ),
    `create index issuer_artefacts_grant on issuer_artefacts (grant_id) where grant_id is not null`,
    `create index issuer_artefacts_uid on issuer_artefacts (uid) where uid is not null`,
    `create index issuer_artefacts_code on issuer_artefacts (user_code) where user_code is not null`,
    `create index issuer_artefacts_account on issuer_artefacts (account_id) where account_id is not null`,
    `create index issuer_artefacts_end on issuer_artefacts (ends_at)`,
  ]
}
