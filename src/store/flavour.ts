/**
 * Everything that differs between the two databases, with the reason. Queries are written once and ask the flavour;
 * nothing else in this folder may ask which database it talks to, but the two that open one.
 */
import {
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  sql,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type Expression,
  type RawBuilder,
} from 'kysely'
import type { Tables } from './tables.ts'

export interface Flavour {
  readonly name: 'sqlite' | 'postgres'
  /** Writes SQL; it has no connection. */
  readonly writer: Kysely<Tables>
  /** PostgreSQL has many writers, so what is read to be changed is locked. SQLite has one writer and no such clause. */
  readonly locksRows: boolean
  /** PostgreSQL tells other replicas at commit. SQLite has no other replica. */
  readonly notifies: boolean
  /** Is `column` in a list of texts given as one parameter? One text for any length keeps the statement prepared. */
  readonly isIn: (column: Expression<unknown>, list: readonly string[]) => RawBuilder<boolean>
  /** A table `each` with the column `value` from a list of texts given as one parameter. */
  readonly each: (list: readonly string[]) => RawBuilder<unknown>
  /** A text in a JSON column; in the words of the index that {@link Ddl.fact} makes. */
  readonly fact: (column: string, name: string) => RawBuilder<string | null>
  /** Does a text column hold this text anywhere, as it is written? */
  readonly holds: (column: Expression<unknown>, text: string) => RawBuilder<boolean>
  /** How a list of texts is handed to the driver. */
  readonly bindList: (list: readonly unknown[]) => unknown
}

export const SQLITE: Flavour = {
  name: 'sqlite',
  writer: new Kysely<Tables>({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (db) => new SqliteIntrospector(db),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  }),
  locksRows: false,
  notifies: false,
  isIn: (column, list) => sql`${column} in (select value from json_each(${list}))`,
  each: (list) => sql`json_each(${list}) as each`,
  fact: (column, name) => sql.raw(`json_extract(${column}, '$.${name}')`),
  holds: (column, text) => sql`instr(${column}, ${text}) > 0`,
  bindList: (list) => JSON.stringify(list),
}

export const POSTGRES: Flavour = {
  name: 'postgres',
  writer: new Kysely<Tables>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (db) => new PostgresIntrospector(db),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  }),
  locksRows: true,
  notifies: true,
  isIn: (column, list) => sql`${column} = any(cast(${list} as text[]))`,
  each: (list) => sql`unnest(cast(${list} as text[])) as each(value)`,
  fact: (column, name) => sql.raw(`((${column}::json) ->> '${name}')`),
  holds: (column, text) => sql`strpos(${column}, ${text}) > 0`,
  bindList: (list) => list,
}
