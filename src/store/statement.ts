/**
 * Statements: a query that Kysely writes once per database and that then only gets new values.
 * Building a query costs more than SQLite needs to run it, so the hot path must not build.
 */
import type { Compilable, Kysely } from 'kysely'
import type { Flavour } from './flavour.ts'
import type { Session, Take } from './session.ts'
import type { Tables } from './tables.ts'

export type Writer = Kysely<Tables>

export type Statement<P, R> = (session: Session, values: P) => Promise<readonly R[]>

type Build<P, R> = (writer: Writer, p: P, flavour: Flavour) => Compilable<R>

interface Text {
  readonly sql: string
  readonly parameters: readonly unknown[]
}

/**
 * `build` runs once per database. What it sees as `p.name` is a placeholder, not a value: it may be handed to the
 * query, never looked at. Lists are handed over by {@link Flavour.isIn} and {@link Flavour.each}. `take`: what becomes of
 * each row as it is read, where there may be very many.
 */
export function statement<P extends object, R>(build: Build<P, R>): Statement<P, R>
export function statement<P extends object, R, T>(build: Build<P, R>, take: (row: R) => T): Statement<P, T>
export function statement<P extends object, R>(build: Build<P, R>, take?: (row: R) => unknown): Statement<P, unknown> {
  const texts = new Map<Flavour, Text>()
  const write = (flavour: Flavour): Text => {
    const text = build(flavour.writer, PLACEHOLDERS as P, flavour).compile() // placeholders stand in for P's values
    texts.set(flavour, text)
    return text
  }
  return async (session, values) => {
    const text = texts.get(session.flavour) ?? write(session.flavour)
    return session.run(text.sql, bind(text, values, session.flavour), take as Take | undefined) // R is what Kysely derived for these rows
  }
}

/** Runs a query that was built for this one call: for lists with optional filters, where building is small beside the answer. */
export async function runBuilt<R>(session: Session, query: Compilable<R>): Promise<readonly R[]> {
  const { sql, parameters } = query.compile()
  const values = parameters.map((value) => (Array.isArray(value) ? session.flavour.bindList(value) : value))
  const rows = await session.run(sql, values)
  return rows as readonly R[] // as above
}

class Placeholder {
  readonly name: string
  constructor(name: string) {
    this.name = name
  }
}

/** Any property of it is that property's placeholder. */
const PLACEHOLDERS = new Proxy({}, { get: (_, name) => new Placeholder(String(name)) })

function bind(text: Text, values: object, flavour: Flavour): unknown[] {
  const given = values as Readonly<Record<string, unknown>> // P's own properties, by the names that `build` used
  return text.parameters.map((parameter) => {
    const value = parameter instanceof Placeholder ? given[parameter.name] : parameter
    return Array.isArray(value) ? flavour.bindList(value) : value
  })
}
