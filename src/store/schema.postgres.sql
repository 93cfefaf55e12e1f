-- Written by `npm run generate` from src/store/migrations.ts. Do not edit.

-- 1: policies, requests, grants, points, audit

create table policies (
  uid text collate "C" not null constraint policies_pk primary key,
  id text not null,
  policy_key text collate "C" not null,
  subscription_id text not null,
  resource_group text not null,
  subscription_key text collate "C" not null,
  group_key text collate "C" not null,
  location text collate "C" not null,
  name text not null,
  kind text not null,
  machines text not null,
  version bigint not null,
  created_at bigint not null,
  updated_at bigint not null,
  removed_at bigint,
  constraint policies_version check (version >= 1),
  constraint policies_times check (updated_at >= created_at)
);

comment on table policies is 'Access policies. A removed one stays, so that requests made under it keep their meaning.';

create unique index policies_key on policies (policy_key) where removed_at is null;

create index policies_place on policies (subscription_key, group_key, policy_key) where removed_at is null;

create function policies_fixed() returns trigger language plpgsql as $$
begin
  raise exception using message = 'a policy keeps its uid, id and creation; make another policy', errcode = 'integrity_constraint_violation';
end
$$;

create trigger policies_fixed before update of uid, id, policy_key, created_at on policies for each row
  when (old.uid is distinct from new.uid or old.id is distinct from new.id or old.policy_key is distinct from new.policy_key or old.created_at is distinct from new.created_at) execute function policies_fixed();

create table policy_machines (
  policy_uid text collate "C" not null,
  machine_key text collate "C" not null,
  constraint policy_machines_pk primary key (policy_uid, machine_key),
  constraint policy_machines_policy foreign key (policy_uid) references policies (uid)
);

comment on table policy_machines is 'Which machines each policy that is not removed covers.';

create index policy_machines_machine on policy_machines (machine_key, policy_uid);

create table requests (
  id text collate "C" not null constraint requests_pk primary key,
  policy_uid text collate "C" not null,
  requestor text not null,
  address text not null,
  justification text,
  started_at bigint not null,
  start_time_utc text not null,
  constraint requests_policy foreign key (policy_uid) references policies (uid)
);

comment on table requests is 'What was asked for and allowed. Never changes.';

create index requests_newest on requests (started_at, id);

create index requests_of_policy on requests (policy_uid, started_at, id);

create function requests_fixed() returns trigger language plpgsql as $$
begin
  raise exception using message = 'a request never changes; make another request', errcode = 'integrity_constraint_violation';
end
$$;

create trigger requests_fixed before update of id, policy_uid, requestor, address, justification, started_at, start_time_utc on requests for each row
  when (old.id is distinct from new.id or old.policy_uid is distinct from new.policy_uid or old.requestor is distinct from new.requestor or old.address is distinct from new.address or old.justification is distinct from new.justification or old.started_at is distinct from new.started_at or old.start_time_utc is distinct from new.start_time_utc) execute function requests_fixed();

create table grants (
  id text collate "C" not null constraint grants_pk primary key,
  request_id text collate "C" not null,
  place bigint not null,
  policy_uid text collate "C" not null,
  machine text not null,
  machine_key text collate "C" not null,
  port bigint not null,
  protocol text not null,
  sources text not null,
  sources_as text not null,
  requested_at bigint not null,
  from_at bigint not null,
  until_at bigint not null,
  end_time_utc text not null,
  state text not null,
  reason text not null,
  detail text,
  opened_at bigint,
  closed_at bigint,
  point_count bigint not null,
  constraint grants_request foreign key (request_id) references requests (id),
  constraint grants_port check (port between 0 and 65535),
  constraint grants_protocol check (protocol in ('TCP', 'UDP', '*')),
  constraint grants_sources_as check (sources_as in ('prefix', 'prefixes')),
  constraint grants_window check (until_at > from_at),
  constraint grants_state check (state in ('awaiting', 'opening', 'open', 'closing', 'closed', 'failed')),
  constraint grants_reason check (reason in ('UserRequested', 'Expired', 'UserManuallyRevoked', 'Failed')),
  constraint grants_opened check (state <> 'open' or opened_at is not null),
  constraint grants_closed check ((state in ('closed', 'failed')) = (closed_at is not null))
);

comment on table grants is 'One approved hole each; its states are drawn in domain/access/grant.ts. Its end is never rewritten.';

create unique index grants_of_request on grants (request_id, place);

create index grants_of_machine on grants (machine_key, requested_at, request_id);

create index grants_live on grants (policy_uid, requested_at, request_id) where state not in ('closed', 'failed');

create function grants_fixed() returns trigger language plpgsql as $$
begin
  raise exception using message = 'what was granted never changes, only its state; make another grant', errcode = 'integrity_constraint_violation';
end
$$;

create trigger grants_fixed before update of id, request_id, place, policy_uid, machine, machine_key, port, protocol, sources, sources_as, requested_at, from_at, until_at, end_time_utc, point_count on grants for each row
  when (old.id is distinct from new.id or old.request_id is distinct from new.request_id or old.place is distinct from new.place or old.policy_uid is distinct from new.policy_uid or old.machine is distinct from new.machine or old.machine_key is distinct from new.machine_key or old.port is distinct from new.port or old.protocol is distinct from new.protocol or old.sources is distinct from new.sources or old.sources_as is distinct from new.sources_as or old.requested_at is distinct from new.requested_at or old.from_at is distinct from new.from_at or old.until_at is distinct from new.until_at or old.end_time_utc is distinct from new.end_time_utc or old.point_count is distinct from new.point_count) execute function grants_fixed();

create table points (
  id text collate "C" not null constraint points_pk primary key,
  wanted bigint not null,
  applied bigint not null,
  shape bigint not null,
  pass bigint not null,
  due_at bigint,
  lease_owner text collate "C",
  lease_until bigint not null,
  failures bigint not null,
  last_error text,
  constraint points_counters check (applied between 0 and wanted and shape between 0 and wanted and pass >= 0),
  constraint points_failures check (failures >= 0)
);

comment on table points is 'Enforcement points: what was wanted and applied, who holds the lease, when to look again.';

create index points_due on points (due_at);

create index points_leased on points (lease_owner, due_at);

create table journal (
  point_id text collate "C" not null,
  entry_key text collate "C" not null,
  value text not null,
  constraint journal_pk primary key (point_id, entry_key),
  constraint journal_point foreign key (point_id) references points (id)
);

comment on table journal is 'What a driver must remember to restore foreign rules exactly. Its shape is the driver''s.';

create table grant_points (
  grant_id text collate "C" not null,
  point_id text collate "C" not null,
  sighting text not null,
  until_at bigint not null,
  revision bigint not null,
  constraint grant_points_pk primary key (grant_id, point_id),
  constraint grant_points_grant foreign key (grant_id) references grants (id),
  constraint grant_points_point foreign key (point_id) references points (id),
  constraint grant_points_sighting check (sighting in ('wanted', 'held', 'gone'))
);

comment on table grant_points is 'Each grant at each of its points: what was last seen there.';

create index grant_points_revision on grant_points (point_id, revision);

create index grant_points_live on grant_points (point_id, until_at) where sighting <> 'gone';

create index grant_points_ends on grant_points (until_at) where sighting <> 'gone';

create function grant_points_fixed() returns trigger language plpgsql as $$
begin
  raise exception using message = 'a grant''s points and end never change', errcode = 'integrity_constraint_violation';
end
$$;

create trigger grant_points_fixed before update of grant_id, point_id, until_at on grant_points for each row
  when (old.grant_id is distinct from new.grant_id or old.point_id is distinct from new.point_id or old.until_at is distinct from new.until_at) execute function grant_points_fixed();

create table audit (
  seq bigint not null constraint audit_pk primary key,
  at bigint not null,
  action text collate "C" not null,
  actor text not null,
  address text not null,
  target text collate "C" not null,
  request_id text collate "C",
  grant_id text collate "C",
  data text not null,
  hash text not null,
  constraint audit_hash check (length(hash) = 64)
);

comment on table audit is 'Append-only; each row is chained to the one before by its hash.';

create index audit_at on audit (at, seq);

create index audit_action on audit (action, seq);

create index audit_target on audit (target, seq);

create index audit_request on audit (request_id, seq) where request_id is not null;

create function audit_append_only() returns trigger language plpgsql as $$
begin
  raise exception using message = 'audit events are never changed or removed', errcode = 'integrity_constraint_violation';
end
$$;

create trigger audit_no_change before update or delete on audit for each row execute function audit_append_only();

create trigger audit_no_truncate before truncate on audit for each statement execute function audit_append_only();

create table audit_head (
  one bigint not null constraint audit_head_pk primary key,
  seq bigint not null,
  hash text not null,
  constraint audit_head_only check (one = 1)
);

comment on table audit_head is 'One row: the last audit event. Locked to append, and proof when the tail is cut off.';

insert into audit_head (one, seq, hash) values (1, 0, '0000000000000000000000000000000000000000000000000000000000000000');

create table settings (
  name text collate "C" not null constraint settings_pk primary key,
  value text not null
);

comment on table settings is 'What this installation keeps about itself.';

-- 2: users, groups, service principals, signing keys, what the issuer issued

create table users (
  id text collate "C" not null constraint users_pk primary key,
  name text not null,
  name_key text collate "C" not null constraint users_name unique,
  display_name text not null,
  password_hash text not null,
  must_change bigint not null,
  totp_sealed text,
  totp_step bigint not null,
  disabled_at bigint,
  valid_after bigint not null,
  created_at bigint not null,
  constraint users_must_change check (must_change in (0, 1))
);

comment on table users is 'People who sign in with a password kept here, as a slow hash.';

create function users_fixed() returns trigger language plpgsql as $$
begin
  raise exception using message = 'a user keeps its id; make another user', errcode = 'integrity_constraint_violation';
end
$$;

create trigger users_fixed before update of id, created_at on users for each row
  when (old.id is distinct from new.id or old.created_at is distinct from new.created_at) execute function users_fixed();

create table user_groups (
  id text collate "C" not null constraint user_groups_pk primary key,
  name text not null,
  name_key text collate "C" not null constraint user_groups_name unique,
  created_at bigint not null
);

comment on table user_groups is 'Groups of users and service principals; role assignments may name them.';

create function user_groups_fixed() returns trigger language plpgsql as $$
begin
  raise exception using message = 'a group keeps its id; make another group', errcode = 'integrity_constraint_violation';
end
$$;

create trigger user_groups_fixed before update of id, created_at on user_groups for each row
  when (old.id is distinct from new.id or old.created_at is distinct from new.created_at) execute function user_groups_fixed();

create table group_members (
  group_id text collate "C" not null,
  member_id text collate "C" not null,
  constraint group_members_pk primary key (group_id, member_id),
  constraint group_members_group foreign key (group_id) references user_groups (id)
);

comment on table group_members is 'Who is in which group.';

create index group_members_member on group_members (member_id, group_id);

create table service_principals (
  id text collate "C" not null constraint service_principals_pk primary key,
  app_id text collate "C" not null constraint service_principals_app unique,
  name text not null,
  name_key text collate "C" not null constraint service_principals_name unique,
  disabled_at bigint,
  created_at bigint not null
);

comment on table service_principals is 'Programs that sign in.';

create function service_principals_fixed() returns trigger language plpgsql as $$
begin
  raise exception using message = 'a service principal keeps its ids; make another', errcode = 'integrity_constraint_violation';
end
$$;

create trigger service_principals_fixed before update of id, app_id, created_at on service_principals for each row
  when (old.id is distinct from new.id or old.app_id is distinct from new.app_id or old.created_at is distinct from new.created_at) execute function service_principals_fixed();

create table credentials (
  id text collate "C" not null constraint credentials_pk primary key,
  principal_id text collate "C" not null,
  kind text not null,
  hint text not null,
  proof text not null,
  created_at bigint not null,
  ends_at bigint not null,
  constraint credentials_principal foreign key (principal_id) references service_principals (id),
  constraint credentials_kind check (kind in ('secret', 'certificate', 'federated')),
  constraint credentials_window check (ends_at > created_at)
);

comment on table credentials is 'What proves a service principal: hashes and public parts only, each with an end.';

create index credentials_of on credentials (principal_id, created_at, id);

create function credentials_fixed() returns trigger language plpgsql as $$
begin
  raise exception using message = 'a credential never changes; add another', errcode = 'integrity_constraint_violation';
end
$$;

create trigger credentials_fixed before update of id, principal_id, kind, hint, proof, created_at, ends_at on credentials for each row
  when (old.id is distinct from new.id or old.principal_id is distinct from new.principal_id or old.kind is distinct from new.kind or old.hint is distinct from new.hint or old.proof is distinct from new.proof or old.created_at is distinct from new.created_at or old.ends_at is distinct from new.ends_at) execute function credentials_fixed();

create table sign_in_attempts (
  name_key text collate "C" not null constraint sign_in_attempts_pk primary key,
  failures bigint not null,
  locked_until bigint not null,
  last_at bigint not null,
  constraint sign_in_attempts_failures check (failures >= 0)
);

comment on table sign_in_attempts is 'Failed sign-ins by name, of users and of names that nobody has alike.';

create index sign_in_attempts_last on sign_in_attempts (last_at);

create table signing_keys (
  id text collate "C" not null constraint signing_keys_pk primary key,
  public_key text not null,
  sealed_private_key text not null,
  created_at bigint not null,
  signs_from bigint not null,
  constraint signing_keys_window check (signs_from >= created_at)
);

comment on table signing_keys is 'What tokens are signed with; private parts sealed by a key outside the database.';

create function signing_keys_fixed() returns trigger language plpgsql as $$
begin
  raise exception using message = 'a signing key never changes; make another', errcode = 'integrity_constraint_violation';
end
$$;

create trigger signing_keys_fixed before update of id, public_key, sealed_private_key, created_at, signs_from on signing_keys for each row
  when (old.id is distinct from new.id or old.public_key is distinct from new.public_key or old.sealed_private_key is distinct from new.sealed_private_key or old.created_at is distinct from new.created_at or old.signs_from is distinct from new.signs_from) execute function signing_keys_fixed();

create table issuer_artefacts (
  kind text collate "C" not null,
  id_hash text collate "C" not null,
  payload text not null,
  grant_id text collate "C",
  uid text collate "C",
  user_code text collate "C",
  account_id text collate "C",
  consumed_at bigint,
  ends_at bigint not null,
  constraint issuer_artefacts_pk primary key (kind, id_hash)
);

comment on table issuer_artefacts is 'The issuer''s sessions, codes, grants and refresh tokens, under hashes, with an end.';

create index issuer_artefacts_grant on issuer_artefacts (grant_id) where grant_id is not null;

create index issuer_artefacts_uid on issuer_artefacts (uid) where uid is not null;

create index issuer_artefacts_code on issuer_artefacts (user_code) where user_code is not null;

create index issuer_artefacts_account on issuer_artefacts (account_id) where account_id is not null;

create index issuer_artefacts_end on issuer_artefacts (ends_at);

-- 3: role definitions, role assignments, plans, and the id of who requested

create table role_definitions (
  name text collate "C" not null constraint role_definitions_pk primary key,
  role_name text not null,
  role_name_key text collate "C" not null constraint role_definitions_role_name unique,
  description text not null,
  permissions text not null,
  assignable_scopes text not null,
  created_at bigint not null,
  updated_at bigint not null,
  created_by text not null,
  updated_by text not null
);

comment on table role_definitions is 'Roles that somebody made. The built-in ones are in the program.';

create function role_definitions_fixed() returns trigger language plpgsql as $$
begin
  raise exception using message = 'a role keeps its name; make another role', errcode = 'integrity_constraint_violation';
end
$$;

create trigger role_definitions_fixed before update of name, created_at, created_by on role_definitions for each row
  when (old.name is distinct from new.name or old.created_at is distinct from new.created_at or old.created_by is distinct from new.created_by) execute function role_definitions_fixed();

create table role_assignments (
  name text collate "C" not null constraint role_assignments_pk primary key,
  scope text not null,
  scope_key text collate "C" not null,
  role text collate "C" not null,
  principal_id text not null,
  principal_key text collate "C" not null,
  principal_type text not null,
  description text,
  created_at bigint not null,
  created_by text not null,
  constraint role_assignments_once unique (principal_key, scope_key, role),
  constraint role_assignments_type check (principal_type in ('User', 'Group', 'ServicePrincipal', 'ForeignGroup', 'Device'))
);

comment on table role_assignments is 'Who holds which role where. The role may be a built-in one.';

create index role_assignments_role on role_assignments (role);

create function role_assignments_fixed() returns trigger language plpgsql as $$
begin
  raise exception using message = 'an assignment never changes who, what and where; make another assignment', errcode = 'integrity_constraint_violation';
end
$$;

create trigger role_assignments_fixed before update of name, scope, scope_key, role, principal_id, principal_key, created_at, created_by on role_assignments for each row
  when (old.name is distinct from new.name or old.scope is distinct from new.scope or old.scope_key is distinct from new.scope_key or old.role is distinct from new.role or old.principal_id is distinct from new.principal_id or old.principal_key is distinct from new.principal_key or old.created_at is distinct from new.created_at or old.created_by is distinct from new.created_by) execute function role_assignments_fixed();

create table plans (
  subscription_key text collate "C" not null constraint plans_pk primary key,
  tier text not null,
  updated_at bigint not null,
  constraint plans_tier check (tier in ('Free', 'Standard'))
);

comment on table plans is 'Subscriptions whose plan somebody set. The others are on the plan.';

create table role_version (
  one bigint not null constraint role_version_pk primary key,
  version bigint not null,
  constraint role_version_only check (one = 1)
);

comment on table role_version is 'One row: grows with every change to permission, so that a replica notices.';

insert into role_version (one, version) values (1, 0);

alter table requests add column requestor_id text collate "C";

create function requests_requestor_fixed() returns trigger language plpgsql as $$
begin
  raise exception using message = 'a request never changes; make another request', errcode = 'integrity_constraint_violation';
end
$$;

create trigger requests_requestor_fixed before update of requestor_id on requests for each row
  when (old.requestor_id is distinct from new.requestor_id) execute function requests_requestor_fixed();

-- 4: signed checkpoints of the audit trail, its floor, how far each sink has got, and what people look for in it

create table audit_checkpoints (
  number bigint not null constraint audit_checkpoints_pk primary key,
  seq bigint not null,
  line text not null,
  constraint audit_checkpoints_number check (number >= 1)
);

comment on table audit_checkpoints is 'Signed: where the audit chain stood, and what was dropped from its beginning.';

create function audit_checkpoints_append_only() returns trigger language plpgsql as $$
begin
  raise exception using message = 'checkpoints are never changed or removed', errcode = 'integrity_constraint_violation';
end
$$;

create trigger audit_checkpoints_no_change before update or delete on audit_checkpoints for each row execute function audit_checkpoints_append_only();

create trigger audit_checkpoints_no_truncate before truncate on audit_checkpoints for each statement execute function audit_checkpoints_append_only();

create table audit_floor (
  one bigint not null constraint audit_floor_pk primary key,
  seq bigint not null,
  hash text not null,
  constraint audit_floor_only check (one = 1)
);

comment on table audit_floor is 'One row: events up to it were dropped by retention; a signed checkpoint says so.';

insert into audit_floor (one, seq, hash) values (1, 0, '0000000000000000000000000000000000000000000000000000000000000000');

create function audit_floor_grows() returns trigger language plpgsql as $$
begin
  raise exception using message = 'what was dropped stays dropped', errcode = 'integrity_constraint_violation';
end
$$;

create trigger audit_floor_grows before update on audit_floor for each row
  when (new.seq < old.seq) execute function audit_floor_grows();

drop trigger audit_no_change on audit;

create trigger audit_no_update before update on audit for each row execute function audit_append_only();

create function audit_above_floor() returns trigger language plpgsql as $$
begin
  if old.seq > (select seq from audit_floor) then
    raise exception using message = 'audit events are never changed or removed', errcode = 'integrity_constraint_violation';
  end if;
  return old;
end
$$;

create trigger audit_no_delete before delete on audit for each row execute function audit_above_floor();

create table audit_cursors (
  sink text collate "C" not null constraint audit_cursors_pk primary key,
  seq bigint not null,
  lease_owner text collate "C",
  lease_until bigint not null,
  constraint audit_cursors_seq check (seq >= 0)
);

comment on table audit_cursors is 'How far each sink has got, and which replica serves it.';

drop index audit_target;

create index audit_target on audit (lower(target), seq);

create index audit_actor on audit (lower(actor), seq) where actor <> 'sallyport';

create index audit_correlation on audit (((data::json) ->> 'correlation'), seq) where ((data::json) ->> 'correlation') is not null;

-- 5: browsers that people are signed in with

create table browser_sessions (
  id_hash text collate "C" not null constraint browser_sessions_pk primary key,
  id text collate "C" not null constraint browser_sessions_id unique,
  principal_id text collate "C" not null,
  issuer text not null,
  name text not null,
  principals text not null,
  address text not null,
  browser text not null,
  started_at bigint not null,
  last_seen_at bigint not null,
  ends_at bigint not null,
  constraint browser_sessions_window check (ends_at > started_at and last_seen_at >= started_at)
);

comment on table browser_sessions is 'Browsers that somebody is signed in with, under a hash of what each holds.';

create index browser_sessions_of on browser_sessions (principal_id, started_at, id);

create index browser_sessions_ends on browser_sessions (ends_at);

create function browser_sessions_fixed() returns trigger language plpgsql as $$
begin
  raise exception using message = 'a session keeps who it is of and when it ends; sign in again', errcode = 'integrity_constraint_violation';
end
$$;

create trigger browser_sessions_fixed before update of id_hash, id, principal_id, issuer, name, principals, address, browser, started_at, ends_at on browser_sessions for each row
  when (old.id_hash is distinct from new.id_hash or old.id is distinct from new.id or old.principal_id is distinct from new.principal_id or old.issuer is distinct from new.issuer or old.name is distinct from new.name or old.principals is distinct from new.principals or old.address is distinct from new.address or old.browser is distinct from new.browser or old.started_at is distinct from new.started_at or old.ends_at is distinct from new.ends_at) execute function browser_sessions_fixed();

-- 6: ends that move later, who manages a policy, what drifted

drop trigger grants_fixed on grants;

drop function grants_fixed();

create function grants_fixed() returns trigger language plpgsql as $$
begin
  raise exception using message = 'what was granted never changes, only its state and its end; make another grant', errcode = 'integrity_constraint_violation';
end
$$;

create trigger grants_fixed before update of id, request_id, place, policy_uid, machine, machine_key, port, protocol, sources, sources_as, requested_at, from_at, point_count on grants for each row
  when (old.id is distinct from new.id or old.request_id is distinct from new.request_id or old.place is distinct from new.place or old.policy_uid is distinct from new.policy_uid or old.machine is distinct from new.machine or old.machine_key is distinct from new.machine_key or old.port is distinct from new.port or old.protocol is distinct from new.protocol or old.sources is distinct from new.sources or old.sources_as is distinct from new.sources_as or old.requested_at is distinct from new.requested_at or old.from_at is distinct from new.from_at or old.point_count is distinct from new.point_count) execute function grants_fixed();

create function grants_moves_on() returns trigger language plpgsql as $$
begin
  raise exception using message = 'the end of a grant only moves later, and only while the grant is live; make another grant', errcode = 'integrity_constraint_violation';
end
$$;

create trigger grants_moves_on before update of until_at, end_time_utc on grants for each row
  when ((old.until_at is distinct from new.until_at or old.end_time_utc is distinct from new.end_time_utc) and not (new.until_at > old.until_at and old.state in ('opening', 'open'))) execute function grants_moves_on();

drop trigger grant_points_fixed on grant_points;

drop function grant_points_fixed();

create function grant_points_fixed() returns trigger language plpgsql as $$
begin
  raise exception using message = 'a grant''s points never change', errcode = 'integrity_constraint_violation';
end
$$;

create trigger grant_points_fixed before update of grant_id, point_id on grant_points for each row
  when (old.grant_id is distinct from new.grant_id or old.point_id is distinct from new.point_id) execute function grant_points_fixed();

create function grant_points_moves_on() returns trigger language plpgsql as $$
begin
  raise exception using message = 'the end of a grant never moves back', errcode = 'integrity_constraint_violation';
end
$$;

create trigger grant_points_moves_on before update of until_at on grant_points for each row
  when ((old.until_at is distinct from new.until_at) and not (new.until_at > old.until_at)) execute function grant_points_moves_on();

alter table policies add column managed_by text;

alter table policies add column changed_outside_at bigint;

alter table points add column drift text;

create index points_troubled on points (id) where failures > 0 or drift is not null;

-- 7: connections to clouds, and protected machines as they were last seen through them

create table connections (
  connection_key text collate "C" not null constraint connections_pk primary key,
  id text not null,
  name text not null,
  settings text not null,
  sealed_secret text,
  version bigint not null,
  created_at bigint not null,
  updated_at bigint not null,
  constraint connections_version check (version >= 1),
  constraint connections_times check (updated_at >= created_at)
);

comment on table connections is 'Connections to clouds; the secret sealed by a key outside the database.';

create function connections_fixed() returns trigger language plpgsql as $$
begin
  raise exception using message = 'a connection keeps its id and creation; make another connection', errcode = 'integrity_constraint_violation';
end
$$;

create trigger connections_fixed before update of connection_key, id, created_at on connections for each row
  when (old.connection_key is distinct from new.connection_key or old.id is distinct from new.id or old.created_at is distinct from new.created_at) execute function connections_fixed();

create table connection_machines (
  machine_key text collate "C" not null constraint connection_machines_pk primary key,
  connection_key text collate "C" not null,
  machine text not null,
  seen_at bigint not null,
  constraint connection_machines_connection foreign key (connection_key) references connections (connection_key)
);

comment on table connection_machines is 'Protected machines as they were last seen: known after a restart while the cloud cannot be read.';

create index connection_machines_of on connection_machines (connection_key, machine_key);

create table connection_version (
  one bigint not null constraint connection_version_pk primary key,
  version bigint not null,
  constraint connection_version_only check (one = 1)
);

comment on table connection_version is 'One row: grows with every change to a connection, so that a replica notices.';

insert into connection_version (one, version) values (1, 0);

-- 8: what one person asked for

create index requests_of_requestor on requests (requestor_id, started_at, id) where requestor_id is not null;

-- 9: hosts that run the agent, and who serves them

create table hosts (
  id text collate "C" not null constraint hosts_pk primary key,
  machine text not null,
  machine_key text collate "C" not null constraint hosts_machine unique,
  name text not null,
  labels text not null,
  kind text not null,
  behind text not null,
  gateway text,
  generation bigint not null,
  certificates text not null,
  certificate_ends_at bigint,
  enrolled_at bigint,
  revoked_at bigint,
  revoked_because text,
  last_sequence bigint not null,
  last_boot_id text,
  served_by text collate "C",
  seen_at bigint,
  gone_at bigint,
  gone_told bigint not null,
  facts text,
  created_at bigint not null,
  version bigint not null,
  constraint hosts_kind check (kind in ('host', 'gateway')),
  constraint hosts_because check (revoked_because in ('administrator', 'cloned')),
  constraint hosts_revoked check ((revoked_at is null) = (revoked_because is null)),
  constraint hosts_trusted check (certificates = '[]' or (generation > 0 and revoked_at is null)),
  constraint hosts_counters check (generation >= 0 and last_sequence >= 0 and version >= 1)
);

comment on table hosts is 'Linux hosts that run the agent: who each is, which certificates are in force, who serves it.';

create index hosts_served on hosts (seen_at) where served_by is not null;

create index hosts_gone on hosts (gone_at) where gone_told = 0 and gone_at is not null;

create function hosts_fixed() returns trigger language plpgsql as $$
begin
  raise exception using message = 'a host keeps its id, machine and creation; make another host', errcode = 'integrity_constraint_violation';
end
$$;

create trigger hosts_fixed before update of id, machine, machine_key, created_at on hosts for each row
  when (old.id is distinct from new.id or old.machine is distinct from new.machine or old.machine_key is distinct from new.machine_key or old.created_at is distinct from new.created_at) execute function hosts_fixed();

create function hosts_grows() returns trigger language plpgsql as $$
begin
  raise exception using message = 'the generation of a host only grows: what was revoked stays revoked', errcode = 'integrity_constraint_violation';
end
$$;

create trigger hosts_grows before update on hosts for each row
  when (new.generation < old.generation) execute function hosts_grows();

create table host_tokens (
  hash text collate "C" not null constraint host_tokens_pk primary key,
  host_id text collate "C" not null,
  until_at bigint not null,
  used_at bigint
);

comment on table host_tokens is 'One-time permissions to enrol; only a hash of each is kept.';

create index host_tokens_of on host_tokens (host_id, until_at);

create function host_tokens_fixed() returns trigger language plpgsql as $$
begin
  raise exception using message = 'a token never changes; make another token', errcode = 'integrity_constraint_violation';
end
$$;

create trigger host_tokens_fixed before update of hash, host_id, until_at on host_tokens for each row
  when (old.hash is distinct from new.hash or old.host_id is distinct from new.host_id or old.until_at is distinct from new.until_at) execute function host_tokens_fixed();

create table host_version (
  one bigint not null constraint host_version_pk primary key,
  version bigint not null,
  constraint host_version_only check (one = 1)
);

comment on table host_version is 'One row: grows with every change to a host that others must know of.';

insert into host_version (one, version) values (1, 0);

alter table points add column served_by text collate "C";

-- 11: what chooses the machines of a policy by their labels

alter table policies add column selectors text;

create index policies_choosing on policies (policy_key) where selectors is not null;

-- 12: why access failed, by its code

alter table grants add column because text;

-- 13: by how much events tell of an earlier time than those before them

alter table audit_head add column latest_at bigint not null default 0;

alter table audit_head add column lag bigint not null default 0;

update audit_head set
      latest_at = (select coalesce(max(at), 0) from audit),
      lag = (select coalesce(max(latest_at - at), 0) from (select at, max(at) over (order by seq) as latest_at from audit) as told);
