/** What proves, shortens and streams the audit trail, as a migration makes it. Released; must never change. */
import { FIRST_HASH } from '../domain/audit/audit.ts'
import type { Ddl } from './ddl.ts'

export function auditTrailTables(ddl: Ddl): string[] {
  return [...checkpoints(ddl), ...floor(ddl), ...cursors(ddl), ...indexes(ddl)]
}

function checkpoints({ int, table, appendOnly }: Ddl): string[] {
  return [
    ...table('audit_checkpoints', 'Signed: where the audit chain stood, and what was dropped from its beginning.', [
      `number ${int} not null constraint audit_checkpoints_pk primary key`,
      `seq ${int} not null`,
      `line text not null`,
      `constraint audit_checkpoints_number check (number >= 1)`,
    ]),
    ...appendOnly('audit_checkpoints', 'checkpoints are never changed or removed'),
  ]
}

function floor({ int, table, onlyGrows, removableUpTo }: Ddl): string[] {
  return [
    ...table('audit_floor', 'One row: events up to it were dropped by retention; a signed checkpoint says so.', [
      `one ${int} not null constraint audit_floor_pk primary key`,
      `seq ${int} not null`,
      `hash text not null`,
      `constraint audit_floor_only check (one = 1)`,
    ]),
    `insert into audit_floor (one, seq, hash) values (1, 0, '${FIRST_HASH}')`,
    ...onlyGrows('audit_floor', 'seq', 'what was dropped stays dropped'),
    ...removableUpTo('audit', 'audit_floor', 'audit events are never changed or removed'),
  ]
}

function cursors({ int, key, table }: Ddl): string[] {
  return table('audit_cursors', 'How far each sink has got, and which replica serves it.', [
    `sink ${key} not null constraint audit_cursors_pk primary key`,
    `seq ${int} not null`,
    `lease_owner ${key}`,
    `lease_until ${int} not null`,
    `constraint audit_cursors_seq check (seq >= 0)`,
  ])
}

/** Resource ids and names are the same whatever their case. What happens by itself has no person. */
function indexes({ fact }: Ddl): string[] {
  return [
    `drop index audit_target`,
    `create index audit_target on audit (lower(target), seq)`,
    `create index audit_actor on audit (lower(actor), seq) where actor <> 'sallyport'`,
    `create index audit_correlation on audit (${fact('data', 'correlation')}, seq) where ${fact('data', 'correlation')} is not null`,
  ]
}
