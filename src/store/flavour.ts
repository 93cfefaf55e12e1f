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
  bindList: (list) => list,
}
