-- Written by `npm run generate` from src/store/migrations.ts. Do not edit.

CREATE TABLE schema_migrations (number integer primary key, name text not null);

CREATE TABLE policies (
  -- Access policies. A removed one stays, so that requests made under it keep their meaning.
  uid text not null constraint policies_pk primary key,
  id text not null,
  policy_key text not null,
  subscription_id text not null,
  resource_group text not null,
  subscription_key text not null,
  group_key text not null,
  location text not null,
  name text not null,
  kind text not null,
  machines text not null,
  version integer not null,
  created_at integer not null,
  updated_at integer not null,
  removed_at integer, managed_by text, changed_outside_at integer, selectors text,
  constraint policies_version check (version >= 1),
  constraint policies_times check (updated_at >= created_at)
) strict;

CREATE UNIQUE INDEX policies_key on policies (policy_key) where removed_at is null;

CREATE INDEX policies_place on policies (subscription_key, group_key, policy_key) where removed_at is null;

CREATE TRIGGER policies_fixed before update of uid, id, policy_key, created_at on policies when old.uid is not new.uid or old.id is not new.id or old.policy_key is not new.policy_key or old.created_at is not new.created_at
begin
  select raise(abort, 'a policy keeps its uid, id and creation; make another policy');
end;

CREATE TABLE policy_machines (
  -- Which machines each policy that is not removed covers.
  policy_uid text not null,
  machine_key text not null,
  constraint policy_machines_pk primary key (policy_uid, machine_key),
  constraint policy_machines_policy foreign key (policy_uid) references policies (uid)
) strict;

CREATE INDEX policy_machines_machine on policy_machines (machine_key, policy_uid);

CREATE TABLE requests (
  -- What was asked for and allowed. Never changes.
  id text not null constraint requests_pk primary key,
  policy_uid text not null,
  requestor text not null,
  address text not null,
  justification text,
  started_at integer not null,
  start_time_utc text not null, requestor_id text,
  constraint requests_policy foreign key (policy_uid) references policies (uid)
) strict;

CREATE INDEX requests_newest on requests (started_at, id);

CREATE INDEX requests_of_policy on requests (policy_uid, started_at, id);

CREATE TRIGGER requests_fixed before update of id, policy_uid, requestor, address, justification, started_at, start_time_utc on requests when old.id is not new.id or old.policy_uid is not new.policy_uid or old.requestor is not new.requestor or old.address is not new.address or old.justification is not new.justification or old.started_at is not new.started_at or old.start_time_utc is not new.start_time_utc
begin
  select raise(abort, 'a request never changes; make another request');
end;

CREATE TABLE grants (
  -- One approved hole each; its states are drawn in domain/access/grant.ts. Its end is never rewritten.
  id text not null constraint grants_pk primary key,
  request_id text not null,
  place integer not null,
  policy_uid text not null,
  machine text not null,
  machine_key text not null,
  port integer not null,
  protocol text not null,
  sources text not null,
  sources_as text not null,
  requested_at integer not null,
  from_at integer not null,
  until_at integer not null,
  end_time_utc text not null,
  state text not null,
  reason text not null,
  detail text,
  opened_at integer,
  closed_at integer,
  point_count integer not null, because text,
  constraint grants_request foreign key (request_id) references requests (id),
  constraint grants_port check (port between 0 and 65535),
  constraint grants_protocol check (protocol in ('TCP', 'UDP', '*')),
  constraint grants_sources_as check (sources_as in ('prefix', 'prefixes')),
  constraint grants_window check (until_at > from_at),
  constraint grants_state check (state in ('awaiting', 'opening', 'open', 'closing', 'closed', 'failed')),
  constraint grants_reason check (reason in ('UserRequested', 'Expired', 'UserManuallyRevoked', 'Failed')),
  constraint grants_opened check (state <> 'open' or opened_at is not null),
  constraint grants_closed check ((state in ('closed', 'failed')) = (closed_at is not null))
) strict;

CREATE UNIQUE INDEX grants_of_request on grants (request_id, place);

CREATE INDEX grants_of_machine on grants (machine_key, requested_at, request_id);

CREATE INDEX grants_live on grants (policy_uid, requested_at, request_id) where state not in ('closed', 'failed');

CREATE TABLE points (
  -- Enforcement points: what was wanted and applied, who holds the lease, when to look again.
  id text not null constraint points_pk primary key,
  wanted integer not null,
  applied integer not null,
  shape integer not null,
  pass integer not null,
  due_at integer,
  lease_owner text,
  lease_until integer not null,
  failures integer not null,
  last_error text, drift text, served_by text,
  constraint points_counters check (applied between 0 and wanted and shape between 0 and wanted and pass >= 0),
  constraint points_failures check (failures >= 0)
) strict;

CREATE INDEX points_due on points (due_at);

CREATE INDEX points_leased on points (lease_owner, due_at);

CREATE TABLE journal (
  -- What a driver must remember to restore foreign rules exactly. Its shape is the driver's.
  point_id text not null,
  entry_key text not null,
  value text not null,
  constraint journal_pk primary key (point_id, entry_key),
  constraint journal_point foreign key (point_id) references points (id)
) strict;

CREATE TABLE grant_points (
  -- Each grant at each of its points: what was last seen there.
  grant_id text not null,
  point_id text not null,
  sighting text not null,
  until_at integer not null,
  revision integer not null,
  constraint grant_points_pk primary key (grant_id, point_id),
  constraint grant_points_grant foreign key (grant_id) references grants (id),
  constraint grant_points_point foreign key (point_id) references points (id),
  constraint grant_points_sighting check (sighting in ('wanted', 'held', 'gone'))
) strict;

CREATE INDEX grant_points_revision on grant_points (point_id, revision);

CREATE INDEX grant_points_live on grant_points (point_id, until_at) where sighting <> 'gone';

CREATE INDEX grant_points_ends on grant_points (until_at) where sighting <> 'gone';

CREATE TABLE audit (
  -- Append-only; each row is chained to the one before by its hash.
  seq integer not null constraint audit_pk primary key,
  at integer not null,
  action text not null,
  actor text not null,
  address text not null,
  target text not null,
  request_id text,
  grant_id text,
  data text not null,
  hash text not null,
  constraint audit_hash check (length(hash) = 64)
) strict;

CREATE INDEX audit_at on audit (at, seq);

CREATE INDEX audit_action on audit (action, seq);

CREATE INDEX audit_request on audit (request_id, seq) where request_id is not null;

CREATE TRIGGER audit_no_update before update on audit
begin
  select raise(abort, 'audit events are never changed or removed');
end;

CREATE TABLE audit_head (
  -- One row: the last audit event. Locked to append, and proof when the tail is cut off.
  one integer not null constraint audit_head_pk primary key,
  seq integer not null,
  hash text not null, latest_at integer not null default 0, lag integer not null default 0,
  constraint audit_head_only check (one = 1)
) strict;

CREATE TABLE settings (
  -- What this installation keeps about itself.
  name text not null constraint settings_pk primary key,
  value text not null
) strict;

CREATE TABLE users (
  -- People who sign in with a password kept here, as a slow hash.
  id text not null constraint users_pk primary key,
  name text not null,
  name_key text not null constraint users_name unique,
  display_name text not null,
  password_hash text not null,
  must_change integer not null,
  totp_sealed text,
  totp_step integer not null,
  disabled_at integer,
  valid_after integer not null,
  created_at integer not null,
  constraint users_must_change check (must_change in (0, 1))
) strict;

CREATE TRIGGER users_fixed before update of id, created_at on users when old.id is not new.id or old.created_at is not new.created_at
begin
  select raise(abort, 'a user keeps its id; make another user');
end;

CREATE TABLE user_groups (
  -- Groups of users and service principals; role assignments may name them.
  id text not null constraint user_groups_pk primary key,
  name text not null,
  name_key text not null constraint user_groups_name unique,
  created_at integer not null
) strict;

CREATE TRIGGER user_groups_fixed before update of id, created_at on user_groups when old.id is not new.id or old.created_at is not new.created_at
begin
  select raise(abort, 'a group keeps its id; make another group');
end;

CREATE TABLE group_members (
  -- Who is in which group.
  group_id text not null,
  member_id text not null,
  constraint group_members_pk primary key (group_id, member_id),
  constraint group_members_group foreign key (group_id) references user_groups (id)
) strict;

CREATE INDEX group_members_member on group_members (member_id, group_id);

CREATE TABLE service_principals (
  -- Programs that sign in.
  id text not null constraint service_principals_pk primary key,
  app_id text not null constraint service_principals_app unique,
  name text not null,
  name_key text not null constraint service_principals_name unique,
  disabled_at integer,
  created_at integer not null
) strict;

CREATE TRIGGER service_principals_fixed before update of id, app_id, created_at on service_principals when old.id is not new.id or old.app_id is not new.app_id or old.created_at is not new.created_at
begin
  select raise(abort, 'a service principal keeps its ids; make another');
end;

CREATE TABLE credentials (
  -- What proves a service principal: hashes and public parts only, each with an end.
  id text not null constraint credentials_pk primary key,
  principal_id text not null,
  kind text not null,
  hint text not null,
  proof text not null,
  created_at integer not null,
  ends_at integer not null,
  constraint credentials_principal foreign key (principal_id) references service_principals (id),
  constraint credentials_kind check (kind in ('secret', 'certificate', 'federated')),
  constraint credentials_window check (ends_at > created_at)
) strict;

CREATE INDEX credentials_of on credentials (principal_id, created_at, id);

CREATE TRIGGER credentials_fixed before update of id, principal_id, kind, hint, proof, created_at, ends_at on credentials when old.id is not new.id or old.principal_id is not new.principal_id or old.kind is not new.kind or old.hint is not new.hint or old.proof is not new.proof or old.created_at is not new.created_at or old.ends_at is not new.ends_at
begin
  select raise(abort, 'a credential never changes; add another');
end;

CREATE TABLE sign_in_attempts (
  -- Failed sign-ins by name, of users and of names that nobody has alike.
  name_key text not null constraint sign_in_attempts_pk primary key,
  failures integer not null,
  locked_until integer not null,
  last_at integer not null,
  constraint sign_in_attempts_failures check (failures >= 0)
) strict;

CREATE INDEX sign_in_attempts_last on sign_in_attempts (last_at);

CREATE TABLE signing_keys (
  -- What tokens are signed with; private parts sealed by a key outside the database.
  id text not null constraint signing_keys_pk primary key,
  public_key text not null,
  sealed_private_key text not null,
  created_at integer not null,
  signs_from integer not null,
  constraint signing_keys_window check (signs_from >= created_at)
) strict;

CREATE TRIGGER signing_keys_fixed before update of id, public_key, sealed_private_key, created_at, signs_from on signing_keys when old.id is not new.id or old.public_key is not new.public_key or old.sealed_private_key is not new.sealed_private_key or old.created_at is not new.created_at or old.signs_from is not new.signs_from
begin
  select raise(abort, 'a signing key never changes; make another');
end;

CREATE TABLE issuer_artefacts (
  -- The issuer's sessions, codes, grants and refresh tokens, under hashes, with an end.
  kind text not null,
  id_hash text not null,
  payload text not null,
  grant_id text,
  uid text,
  user_code text,
  account_id text,
  consumed_at integer,
  ends_at integer not null,
  constraint issuer_artefacts_pk primary key (kind, id_hash)
) strict;

CREATE INDEX issuer_artefacts_grant on issuer_artefacts (grant_id) where grant_id is not null;

CREATE INDEX issuer_artefacts_uid on issuer_artefacts (uid) where uid is not null;

CREATE INDEX issuer_artefacts_code on issuer_artefacts (user_code) where user_code is not null;

CREATE INDEX issuer_artefacts_account on issuer_artefacts (account_id) where account_id is not null;

CREATE INDEX issuer_artefacts_end on issuer_artefacts (ends_at);

CREATE TABLE role_definitions (
  -- Roles that somebody made. The built-in ones are in the program.
  name text not null constraint role_definitions_pk primary key,
  role_name text not null,
  role_name_key text not null constraint role_definitions_role_name unique,
  description text not null,
  permissions text not null,
  assignable_scopes text not null,
  created_at integer not null,
  updated_at integer not null,
  created_by text not null,
  updated_by text not null
) strict;

CREATE TRIGGER role_definitions_fixed before update of name, created_at, created_by on role_definitions when old.name is not new.name or old.created_at is not new.created_at or old.created_by is not new.created_by
begin
  select raise(abort, 'a role keeps its name; make another role');
end;

CREATE TABLE role_assignments (
  -- Who holds which role where. The role may be a built-in one.
  name text not null constraint role_assignments_pk primary key,
  scope text not null,
  scope_key text not null,
  role text not null,
  principal_id text not null,
  principal_key text not null,
  principal_type text not null,
  description text,
  created_at integer not null,
  created_by text not null,
  constraint role_assignments_once unique (principal_key, scope_key, role),
  constraint role_assignments_type check (principal_type in ('User', 'Group', 'ServicePrincipal', 'ForeignGroup', 'Device'))
) strict;

CREATE INDEX role_assignments_role on role_assignments (role);

CREATE TRIGGER role_assignments_fixed before update of name, scope, scope_key, role, principal_id, principal_key, created_at, created_by on role_assignments when old.name is not new.name or old.scope is not new.scope or old.scope_key is not new.scope_key or old.role is not new.role or old.principal_id is not new.principal_id or old.principal_key is not new.principal_key or old.created_at is not new.created_at or old.created_by is not new.created_by
begin
  select raise(abort, 'an assignment never changes who, what and where; make another assignment');
end;

CREATE TABLE plans (
  -- Subscriptions whose plan somebody set. The others are on the plan.
  subscription_key text not null constraint plans_pk primary key,
  tier text not null,
  updated_at integer not null,
  constraint plans_tier check (tier in ('Free', 'Standard'))
) strict;

CREATE TABLE role_version (
  -- One row: grows with every change to permission, so that a replica notices.
  one integer not null constraint role_version_pk primary key,
  version integer not null,
  constraint role_version_only check (one = 1)
) strict;

CREATE TRIGGER requests_requestor_fixed before update of requestor_id on requests when old.requestor_id is not new.requestor_id
begin
  select raise(abort, 'a request never changes; make another request');
end;

CREATE TABLE audit_checkpoints (
  -- Signed: where the audit chain stood, and what was dropped from its beginning.
  number integer not null constraint audit_checkpoints_pk primary key,
  seq integer not null,
  line text not null,
  constraint audit_checkpoints_number check (number >= 1)
) strict;

CREATE TRIGGER audit_checkpoints_no_update before update on audit_checkpoints
begin
  select raise(abort, 'checkpoints are never changed or removed');
end;

CREATE TRIGGER audit_checkpoints_no_delete before delete on audit_checkpoints
begin
  select raise(abort, 'checkpoints are never changed or removed');
end;

CREATE TABLE audit_floor (
  -- One row: events up to it were dropped by retention; a signed checkpoint says so.
  one integer not null constraint audit_floor_pk primary key,
  seq integer not null,
  hash text not null,
  constraint audit_floor_only check (one = 1)
) strict;

CREATE TRIGGER audit_floor_grows before update on audit_floor when new.seq < old.seq
begin
  select raise(abort, 'what was dropped stays dropped');
end;

CREATE TRIGGER audit_no_delete before delete on audit when old.seq > (select seq from audit_floor)
begin
  select raise(abort, 'audit events are never changed or removed');
end;

CREATE TABLE audit_cursors (
  -- How far each sink has got, and which replica serves it.
  sink text not null constraint audit_cursors_pk primary key,
  seq integer not null,
  lease_owner text,
  lease_until integer not null,
  constraint audit_cursors_seq check (seq >= 0)
) strict;

CREATE INDEX audit_target on audit (lower(target), seq);

CREATE INDEX audit_actor on audit (lower(actor), seq) where actor <> 'sallyport';

CREATE INDEX audit_correlation on audit (json_extract(data, '$.correlation'), seq) where json_extract(data, '$.correlation') is not null;

CREATE TABLE browser_sessions (
  -- Browsers that somebody is signed in with, under a hash of what each holds.
  id_hash text not null constraint browser_sessions_pk primary key,
  id text not null constraint browser_sessions_id unique,
  principal_id text not null,
  issuer text not null,
  name text not null,
  principals text not null,
  address text not null,
  browser text not null,
  started_at integer not null,
  last_seen_at integer not null,
  ends_at integer not null,
  constraint browser_sessions_window check (ends_at > started_at and last_seen_at >= started_at)
) strict;

CREATE INDEX browser_sessions_of on browser_sessions (principal_id, started_at, id);

CREATE INDEX browser_sessions_ends on browser_sessions (ends_at);

CREATE TRIGGER browser_sessions_fixed before update of id_hash, id, principal_id, issuer, name, principals, address, browser, started_at, ends_at on browser_sessions when old.id_hash is not new.id_hash or old.id is not new.id or old.principal_id is not new.principal_id or old.issuer is not new.issuer or old.name is not new.name or old.principals is not new.principals or old.address is not new.address or old.browser is not new.browser or old.started_at is not new.started_at or old.ends_at is not new.ends_at
begin
  select raise(abort, 'a session keeps who it is of and when it ends; sign in again');
end;

CREATE TRIGGER grants_fixed before update of id, request_id, place, policy_uid, machine, machine_key, port, protocol, sources, sources_as, requested_at, from_at, point_count on grants when old.id is not new.id or old.request_id is not new.request_id or old.place is not new.place or old.policy_uid is not new.policy_uid or old.machine is not new.machine or old.machine_key is not new.machine_key or old.port is not new.port or old.protocol is not new.protocol or old.sources is not new.sources or old.sources_as is not new.sources_as or old.requested_at is not new.requested_at or old.from_at is not new.from_at or old.point_count is not new.point_count
begin
  select raise(abort, 'what was granted never changes, only its state and its end; make another grant');
end;

CREATE TRIGGER grants_moves_on before update of until_at, end_time_utc on grants when (old.until_at is not new.until_at or old.end_time_utc is not new.end_time_utc) and not (new.until_at > old.until_at and old.state in ('opening', 'open'))
begin
  select raise(abort, 'the end of a grant only moves later, and only while the grant is live; make another grant');
end;

CREATE TRIGGER grant_points_fixed before update of grant_id, point_id on grant_points when old.grant_id is not new.grant_id or old.point_id is not new.point_id
begin
  select raise(abort, 'a grant''s points never change');
end;

CREATE TRIGGER grant_points_moves_on before update of until_at on grant_points when (old.until_at is not new.until_at) and not (new.until_at > old.until_at)
begin
  select raise(abort, 'the end of a grant never moves back');
end;

CREATE INDEX points_troubled on points (id) where failures > 0 or drift is not null;

CREATE TABLE connections (
  -- Connections to clouds; the secret sealed by a key outside the database.
  connection_key text not null constraint connections_pk primary key,
  id text not null,
  name text not null,
  settings text not null,
  sealed_secret text,
  version integer not null,
  created_at integer not null,
  updated_at integer not null,
  constraint connections_version check (version >= 1),
  constraint connections_times check (updated_at >= created_at)
) strict;

CREATE TRIGGER connections_fixed before update of connection_key, id, created_at on connections when old.connection_key is not new.connection_key or old.id is not new.id or old.created_at is not new.created_at
begin
  select raise(abort, 'a connection keeps its id and creation; make another connection');
end;

CREATE TABLE connection_machines (
  -- Protected machines as they were last seen: known after a restart while the cloud cannot be read.
  machine_key text not null constraint connection_machines_pk primary key,
  connection_key text not null,
  machine text not null,
  seen_at integer not null,
  constraint connection_machines_connection foreign key (connection_key) references connections (connection_key)
) strict;

CREATE INDEX connection_machines_of on connection_machines (connection_key, machine_key);

CREATE TABLE connection_version (
  -- One row: grows with every change to a connection, so that a replica notices.
  one integer not null constraint connection_version_pk primary key,
  version integer not null,
  constraint connection_version_only check (one = 1)
) strict;

CREATE INDEX requests_of_requestor on requests (requestor_id, started_at, id) where requestor_id is not null;

CREATE TABLE hosts (
  -- Linux hosts that run the agent: who each is, which certificates are in force, who serves it.
  id text not null constraint hosts_pk primary key,
  machine text not null,
  machine_key text not null constraint hosts_machine unique,
  name text not null,
  labels text not null,
  kind text not null,
  behind text not null,
  gateway text,
  generation integer not null,
  certificates text not null,
  certificate_ends_at integer,
  enrolled_at integer,
  revoked_at integer,
  revoked_because text,
  last_sequence integer not null,
  last_boot_id text,
  served_by text,
  seen_at integer,
  gone_at integer,
  gone_told integer not null,
  facts text,
  created_at integer not null,
  version integer not null,
  constraint hosts_kind check (kind in ('host', 'gateway')),
  constraint hosts_because check (revoked_because in ('administrator', 'cloned')),
  constraint hosts_revoked check ((revoked_at is null) = (revoked_because is null)),
  constraint hosts_trusted check (certificates = '[]' or (generation > 0 and revoked_at is null)),
  constraint hosts_counters check (generation >= 0 and last_sequence >= 0 and version >= 1)
) strict;

CREATE INDEX hosts_served on hosts (seen_at) where served_by is not null;

CREATE INDEX hosts_gone on hosts (gone_at) where gone_told = 0 and gone_at is not null;

CREATE TRIGGER hosts_fixed before update of id, machine, machine_key, created_at on hosts when old.id is not new.id or old.machine is not new.machine or old.machine_key is not new.machine_key or old.created_at is not new.created_at
begin
  select raise(abort, 'a host keeps its id, machine and creation; make another host');
end;

CREATE TRIGGER hosts_grows before update on hosts when new.generation < old.generation
begin
  select raise(abort, 'the generation of a host only grows: what was revoked stays revoked');
end;

CREATE TABLE host_tokens (
  -- One-time permissions to enrol; only a hash of each is kept.
  hash text not null constraint host_tokens_pk primary key,
  host_id text not null,
  until_at integer not null,
  used_at integer
) strict;

CREATE INDEX host_tokens_of on host_tokens (host_id, until_at);

CREATE TRIGGER host_tokens_fixed before update of hash, host_id, until_at on host_tokens when old.hash is not new.hash or old.host_id is not new.host_id or old.until_at is not new.until_at
begin
  select raise(abort, 'a token never changes; make another token');
end;

CREATE TABLE host_version (
  -- One row: grows with every change to a host that others must know of.
  one integer not null constraint host_version_pk primary key,
  version integer not null,
  constraint host_version_only check (one = 1)
) strict;

CREATE INDEX policies_choosing on policies (policy_key) where selectors is not null;
