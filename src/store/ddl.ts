/** The words in which migrations are written, in each database's dialect. */
import { GRANT_STATES } from '../domain/grant.ts'
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
  /** Refuses every change and removal of rows. */
  readonly appendOnly: (table: string, sentence: string) => string[]
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
  appendOnly: (table, sentence) => [
    sqliteTrigger(`${table}_no_update`, `before update on ${table}`, { sentence }),
    sqliteTrigger(`${table}_no_delete`, `before delete on ${table}`, { sentence }),
  ],
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
  appendOnly: (table, sentence) => [
    refusing(`${table}_append_only`, sentence),
    `create trigger ${table}_no_change before update or delete on ${table} for each row execute function ${table}_append_only()`,
    `create trigger ${table}_no_truncate before truncate on ${table} for each statement execute function ${table}_append_only()`,
  ],
}

function refusing(name: string, sentence: string): string {
  return `create function ${name}() returns trigger language plpgsql as $$\nbegin\n  raise exception using message = ${quote(sentence)}, errcode = 'integrity_constraint_violation';\nend\n$$`
}

export function ddlOf(flavour: Pick<Flavour, 'name'>): Ddl {
  return flavour.name === 'sqlite' ? SQLITE_DDL : POSTGRES_DDL
}
