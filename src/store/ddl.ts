/** The words in which migrations are written, in each database's dialect. */
import { GRANT_STATES } from '../domain/access/grant.ts'
import type { Flavour } from './flavour.ts'

export interface Ddl {
  /** 64-bit: milliseconds and counters. */
  readonly int: string
  /** Text that is ordered by its bytes on both, whatever the cluster's locale is: keys and ids. */
  readonly key: string
  /** A table with its comment. */
  readonly table: (name: string, comment: string, lines: readonly string[]) => string[]
  /** Refuses a change of these columns; `name` tells the trigger from an earlier one of the same table. */
  readonly fixed: (table: string, columns: readonly string[], sentence: string, name?: string) => string[]
  /** Takes back what {@link Ddl.fixed} made first for this table. */
  readonly unfixed: (table: string) => string[]
  /** Refuses every change of these columns but those of which `when` is true, with `old` and `new`. */
  readonly movesOn: (table: string, columns: readonly string[], of: { when: string; sentence: string }) => string[]
  /** Refuses every change and removal of rows. */
  readonly appendOnly: (table: string, sentence: string) => string[]
  /** Of an append-only table: rows up to the `seq` of the one row of `floor` may be removed from now on. */
  readonly removableUpTo: (table: string, floor: string, sentence: string) => string[]
  /** Refuses to make the column smaller. */
  readonly onlyGrows: (table: string, column: string, sentence: string) => string[]
  /** A text in a JSON column, as an index has it; {@link Flavour.fact} asks in the same words. */
  readonly fact: (column: string, name: string) => string
}

export function oneOf(column: string, values: readonly string[]): string {
  return `${column} in (${values.map(quote).join(', ')})`
}

export const STATES = oneOf('state', GRANT_STATES)

function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

const SQLITE_DDL: Ddl = {
  int: 'integer',
  key: 'text',
  table: (name, comment, lines) => [`create table ${name} (\n  -- ${comment}\n  ${lines.join(',\n  ')}\n) strict`],
  fixed: (table, columns, sentence, name = `${table}_fixed`) => [
    sqliteTrigger(name, `before update of ${columns.join(', ')} on ${table}`, {
      when: columns.map((column) => `old.${column} is not new.${column}`).join(' or '),
      sentence,
    }),
  ],
  unfixed: (table) => [`drop trigger ${table}_fixed`],
  movesOn: (table, columns, { when, sentence }) => [
    sqliteTrigger(`${table}_moves_on`, `before update of ${columns.join(', ')} on ${table}`, {
      when: `(${columns.map((column) => `old.${column} is not new.${column}`).join(' or ')}) and not (${when})`,
      sentence,
    }),
  ],
  appendOnly: (table, sentence) => [
    sqliteTrigger(`${table}_no_update`, `before update on ${table}`, { sentence }),
    sqliteTrigger(`${table}_no_delete`, `before delete on ${table}`, { sentence }),
  ],
  removableUpTo: (table, floor, sentence) => [
    `drop trigger ${table}_no_delete`,
    sqliteTrigger(`${table}_no_delete`, `before delete on ${table}`, {
      when: `old.seq > (select seq from ${floor})`,
      sentence,
    }),
  ],
  onlyGrows: (table, column, sentence) => [
    sqliteTrigger(`${table}_grows`, `before update on ${table}`, { when: `new.${column} < old.${column}`, sentence }),
  ],
  fact: (column, name) => `json_extract(${column}, '$.${name}')`,
}

function sqliteTrigger(name: string, event: string, body: { when?: string; sentence: string }): string {
  const when = body.when === undefined ? '' : ` when ${body.when}`
  return `create trigger ${name} ${event}${when}\nbegin\n  select raise(abort, ${quote(body.sentence)});\nend`
}

const POSTGRES_DDL: Ddl = {
  int: 'bigint',
  key: 'text collate "C"',
  table: (name, comment, lines) => [
    `create table ${name} (\n  ${lines.join(',\n  ')}\n)`,
    `comment on table ${name} is ${quote(comment)}`,
  ],
  fixed: (table, columns, sentence, name = `${table}_fixed`) => [
    refusing(name, sentence),
    `create trigger ${name} before update of ${columns.join(', ')} on ${table} for each row\n  when (${columns
      .map((column) => `old.${column} is distinct from new.${column}`)
      .join(' or ')}) execute function ${name}()`,
  ],
  unfixed: (table) => [`drop trigger ${table}_fixed on ${table}`, `drop function ${table}_fixed()`],
  movesOn: (table, columns, { when, sentence }) => [
    refusing(`${table}_moves_on`, sentence),
    `create trigger ${table}_moves_on before update of ${columns.join(', ')} on ${table} for each row\n  when ((${columns
      .map((column) => `old.${column} is distinct from new.${column}`)
      .join(' or ')}) and not (${when})) execute function ${table}_moves_on()`,
  ],
  appendOnly: (table, sentence) => [
    refusing(`${table}_append_only`, sentence),
    `create trigger ${table}_no_change before update or delete on ${table} for each row execute function ${table}_append_only()`,
    `create trigger ${table}_no_truncate before truncate on ${table} for each statement execute function ${table}_append_only()`,
  ],
  removableUpTo: (table, floor, sentence) => [
    `drop trigger ${table}_no_change on ${table}`,
    `create trigger ${table}_no_update before update on ${table} for each row execute function ${table}_append_only()`,
    `create function ${table}_above_floor() returns trigger language plpgsql as $$\nbegin\n  if old.seq > (select seq from ${floor}) then\n    raise exception using message = ${quote(sentence)}, errcode = 'integrity_constraint_violation';\n  end if;\n  return old;\nend\n$$`,
    `create trigger ${table}_no_delete before delete on ${table} for each row execute function ${table}_above_floor()`,
  ],
  onlyGrows: (table, column, sentence) => [
    refusing(`${table}_grows`, sentence),
    `create trigger ${table}_grows before update on ${table} for each row\n  when (new.${column} < old.${column}) execute function ${table}_grows()`,
  ],
  fact: (column, name) => `((${column}::json) ->> '${name}')`,
}

function refusing(name: string, sentence: string): string {
  return `create function ${name}() returns trigger language plpgsql as $$\nbegin\n  raise exception using message = ${quote(sentence)}, errcode = 'integrity_constraint_violation';\nend\n$$`
}

export function ddlOf(flavour: Pick<Flavour, 'name'>): Ddl {
  return flavour.name === 'sqlite' ? SQLITE_DDL : POSTGRES_DDL
}
