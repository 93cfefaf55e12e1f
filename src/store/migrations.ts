/**
 * The schema's history: a static list, forward only. A migration that was released must never change; write the next.
 * `npm run generate` writes what they add up to into `schema.sqlite.sql` and `schema.postgres.sql`.
 */
import { oneOf, STATES, type Ddl } from './ddl.ts'
import { auditTrailTables } from './audit-ddl.ts'
import { browserSessionTables } from './browser-session-ddl.ts'
import { connectionTables } from './connection-ddl.ts'
import { hostTables } from './host-ddl.ts'
import { identityTables } from './identity-ddl.ts'
import { roleTables } from './role-ddl.ts'
import { upkeepTables } from './upkeep-ddl.ts'

export interface Migration {
  readonly number: number
  readonly name: string
  /** One statement each. */
  statements(ddl: Ddl): readonly string[]
}

export const MIGRATIONS: readonly Migration[] = [
  {
    number: 1,
    name: 'policies, requests, grants, points, audit',
    statements: (ddl) => [
      ...policies(ddl),
      ...requests(ddl),
      ...grants(ddl),
      ...points(ddl),
      ...grantPoints(ddl),
      ...audit(ddl),
      ...settings(ddl),
    ],
  },
  {
    number: 2,
    name: 'users, groups, service principals, signing keys, what the issuer issued',
    statements: identityTables,
  },
  {
    number: 3,
    name: 'role definitions, role assignments, plans, and the id of who requested',
    statements: roleTables,
  },
  {
    number: 4,
    name: 'signed checkpoints of the audit trail, its floor, how far each sink has got, and what people look for in it',
    statements: auditTrailTables,
  },
  {
    number: 5,
    name: 'browsers that people are signed in with',
    statements: browserSessionTables,
  },
  {
    number: 6,
    name: 'ends that move later, who manages a policy, what drifted',
    statements: upkeepTables,
  },
  {
    number: 7,
    name: 'connections to clouds, and protected machines as they were last seen through them',
    statements: connectionTables,
  },
  {
    number: 8,
    name: 'what one person asked for',
    statements: () => [
      'create index requests_of_requestor on requests (requestor_id, started_at, id) where requestor_id is not null',
    ],
  },
  {
    number: 9,
    name: 'hosts that run the agent, and who serves them',
    statements: hostTables,
  },
  {
    number: 11,
    name: 'what chooses the machines of a policy by their labels',
    statements: () => [
      'alter table policies add column selectors text',
      'create index policies_choosing on policies (policy_key) where selectors is not null',
    ],
  },
  {
    number: 12,
    name: 'why access failed, by its code',
    statements: () => ['alter table grants add column because text'],
  },
  {
    number: 13,
    name: 'by how much events tell of an earlier time than those before them',
    statements: auditLag,
  },
]

export const NEWEST = Math.max(...MIGRATIONS.map((migration) => migration.number))

function policies({ int, key, table, fixed }: Ddl): string[] {
  return [
    ...table('policies', 'Access policies. A removed one stays, so that requests made under it keep their meaning.', [
      `uid ${key} not null constraint policies_pk primary key`,
      `id text not null`,
      `policy_key ${key} not null`,
      `subscription_id text not null`,
      `resource_group text not null`,
      `subscription_key ${key} not null`,
      `group_key ${key} not null`,
      `location ${key} not null`,
      `name text not null`,
      `kind text not null`,
      `machines text not null`,
      `version ${int} not null`,
      `created_at ${int} not null`,
      `updated_at ${int} not null`,
      `removed_at ${int}`,
      `constraint policies_version check (version >= 1)`,
      `constraint policies_times check (updated_at >= created_at)`,
    ]),
    `create unique index policies_key on policies (policy_key) where removed_at is null`,
    `create index policies_place on policies (subscription_key, group_key, policy_key) where removed_at is null`,
    ...fixed(
      'policies',
      ['uid', 'id', 'policy_key', 'created_at'],
      'a policy keeps its uid, id and creation; make another policy',
    ),
    ...table('policy_machines', 'Which machines each policy that is not removed covers.', [
      `policy_uid ${key} not null`,
      `machine_key ${key} not null`,
      `constraint policy_machines_pk primary key (policy_uid, machine_key)`,
      `constraint policy_machines_policy foreign key (policy_uid) references policies (uid)`,
    ]),
    `create index policy_machines_machine on policy_machines (machine_key, policy_uid)`,
  ]
}

function requests({ int, key, table, fixed }: Ddl): string[] {
  return [
    ...table('requests', 'What was asked for and allowed. Never changes.', [
      `id ${key} not null constraint requests_pk primary key`,
      `policy_uid ${key} not null`,
      `requestor text not null`,
      `address text not null`,
      `justification text`,
      `started_at ${int} not null`,
      `start_time_utc text not null`,
      `constraint requests_policy foreign key (policy_uid) references policies (uid)`,
    ]),
    `create index requests_newest on requests (started_at, id)`,
    `create index requests_of_policy on requests (policy_uid, started_at, id)`,
    ...fixed(
      'requests',
      ['id', 'policy_uid', 'requestor', 'address', 'justification', 'started_at', 'start_time_utc'],
      'a request never changes; make another request',
    ),
  ]
}

function grants({ int, key, table, fixed }: Ddl): string[] {
  return [
    ...table(
      'grants',
      'One approved hole each; its states are drawn in domain/access/grant.ts. Its end is never rewritten.',
      [
        `id ${key} not null constraint grants_pk primary key`,
        `request_id ${key} not null`,
        `place ${int} not null`,
        `policy_uid ${key} not null`,
        `machine text not null`,
        `machine_key ${key} not null`,
        `port ${int} not null`,
        `protocol text not null`,
        `sources text not null`,
        `sources_as text not null`,
        `requested_at ${int} not null`,
        `from_at ${int} not null`,
        `until_at ${int} not null`,
        `end_time_utc text not null`,
        `state text not null`,
        `reason text not null`,
        `detail text`,
        `opened_at ${int}`,
        `closed_at ${int}`,
        `point_count ${int} not null`,
        `constraint grants_request foreign key (request_id) references requests (id)`,
        `constraint grants_port check (port between 0 and 65535)`,
        `constraint grants_protocol check (${oneOf('protocol', ['TCP', 'UDP', '*'])})`,
        `constraint grants_sources_as check (${oneOf('sources_as', ['prefix', 'prefixes'])})`,
        `constraint grants_window check (until_at > from_at)`,
        `constraint grants_state check (${STATES})`,
        `constraint grants_reason check (${oneOf('reason', ['UserRequested', 'Expired', 'UserManuallyRevoked', 'Failed'])})`,
        `constraint grants_opened check (state <> 'open' or opened_at is not null)`,
        `constraint grants_closed check ((state in ('closed', 'failed')) = (closed_at is not null))`,
      ],
    ),
    `create unique index grants_of_request on grants (request_id, place)`,
    `create index grants_of_machine on grants (machine_key, requested_at, request_id)`,
    `create index grants_live on grants (policy_uid, requested_at, request_id) where state not in ('closed', 'failed')`,
    ...fixed(
      'grants',
      [
        'id',
        'request_id',
        'place',
        'policy_uid',
        'machine',
        'machine_key',
        'port',
        'protocol',
        'sources',
        'sources_as',
        'requested_at',
        'from_at',
        'until_at',
        'end_time_utc',
        'point_count',
      ],
      'what was granted never changes, only its state; make another grant',
    ),
  ]
}

function points({ int, key, table }: Ddl): string[] {
  return [
    ...table('points', 'Enforcement points: what was wanted and applied, who holds the lease, when to look again.', [
      `id ${key} not null constraint points_pk primary key`,
      `wanted ${int} not null`,
      `applied ${int} not null`,
      `shape ${int} not null`,
      `pass ${int} not null`,
      `due_at ${int}`,
      `lease_owner ${key}`,
      `lease_until ${int} not null`,
      `failures ${int} not null`,
      `last_error text`,
      `constraint points_counters check (applied between 0 and wanted and shape between 0 and wanted and pass >= 0)`,
      `constraint points_failures check (failures >= 0)`,
    ]),
    `create index points_due on points (due_at)`,
    `create index points_leased on points (lease_owner, due_at)`,
    ...table('journal', "What a driver must remember to restore foreign rules exactly. Its shape is the driver's.", [
      `point_id ${key} not null`,
      `entry_key ${key} not null`,
      `value text not null`,
      `constraint journal_pk primary key (point_id, entry_key)`,
      `constraint journal_point foreign key (point_id) references points (id)`,
    ]),
  ]
}

function grantPoints({ int, key, table, fixed }: Ddl): string[] {
  return [
    ...table('grant_points', 'Each grant at each of its points: what was last seen there.', [
      `grant_id ${key} not null`,
      `point_id ${key} not null`,
      `sighting text not null`,
      `until_at ${int} not null`,
      `revision ${int} not null`,
      `constraint grant_points_pk primary key (grant_id, point_id)`,
      `constraint grant_points_grant foreign key (grant_id) references grants (id)`,
      `constraint grant_points_point foreign key (point_id) references points (id)`,
      `constraint grant_points_sighting check (${oneOf('sighting', ['wanted', 'held', 'gone'])})`,
    ]),
    `create index grant_points_revision on grant_points (point_id, revision)`,
    `create index grant_points_live on grant_points (point_id, until_at) where sighting <> 'gone'`,
    `create index grant_points_ends on grant_points (until_at) where sighting <> 'gone'`,
    ...fixed('grant_points', ['grant_id', 'point_id', 'until_at'], "a grant's points and end never change"),
  ]
}

function audit({ int, key, table, appendOnly }: Ddl): string[] {
  return [
    ...table('audit', 'Append-only; each row is chained to the one before by its hash.', [
      `seq ${int} not null constraint audit_pk primary key`,
      `at ${int} not null`,
      `action ${key} not null`,
      `actor text not null`,
      `address text not null`,
      `target ${key} not null`,
      `request_id ${key}`,
      `grant_id ${key}`,
      `data text not null`,
      `hash text not null`,
      `constraint audit_hash check (length(hash) = 64)`,
    ]),
    `create index audit_at on audit (at, seq)`,
    `create index audit_action on audit (action, seq)`,
    `create index audit_target on audit (target, seq)`,
    `create index audit_request on audit (request_id, seq) where request_id is not null`,
    ...appendOnly('audit', 'audit events are never changed or removed'),
    ...table('audit_head', 'One row: the last audit event. Locked to append, and proof when the tail is cut off.', [
      `one ${int} not null constraint audit_head_pk primary key`,
      `seq ${int} not null`,
      `hash text not null`,
      `constraint audit_head_only check (one = 1)`,
    ]),
    `insert into audit_head (one, seq, hash) values (1, 0, '${'0'.repeat(64)}')`,
  ]
}

function settings({ key, table }: Ddl): string[] {
  return table('settings', 'What this installation keeps about itself.', [
    `name ${key} not null constraint settings_pk primary key`,
    `value text not null`,
  ])
}

/** At most, over the whole trail: by it a stretch of time is found. */
function auditLag({ int }: Ddl): string[] {
  const soFar = 'select at, max(at) over (order by seq) as latest_at from audit'
  return [
    `alter table audit_head add column latest_at ${int} not null default 0`,
    `alter table audit_head add column lag ${int} not null default 0`,
    `update audit_head set
      latest_at = (select coalesce(max(at), 0) from audit),
      lag = (select coalesce(max(latest_at - at), 0) from (${soFar}) as told)`,
  ]
}
