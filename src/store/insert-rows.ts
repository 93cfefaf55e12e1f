/** Inserts of many rows: a few prepared sizes, so that a thousand rows are a few statements and one row is one. */
import type { Session } from './session.ts'
import type { Tables } from './tables.ts'
import type { Flavour } from './flavour.ts'

const SIZES = [64, 8, 1] as const

export function insertRows<T extends keyof Tables>(
  table: T,
  columns: readonly (keyof Tables[T] & string)[],
): (session: Session, rows: readonly Tables[T][]) => Promise<void> {
  const texts = new Map<Flavour, Map<number, string>>()
  return async (session, rows) => {
    for (let at = 0; at < rows.length;) {
      const size = SIZES.find((size) => size <= rows.length - at) ?? 1
      const known = texts.get(session.flavour) ?? new Map<number, string>()
      texts.set(session.flavour, known)
      const text = known.get(size) ?? write(session.flavour, { table, columns, size })
      known.set(size, text)
      await session.run(
        text,
        rows.slice(at, at + size).flatMap((row) => columns.map((column) => row[column])),
      )
      at += size
    }
  }
}

interface Insert {
  readonly table: keyof Tables
  readonly columns: readonly string[]
  readonly size: number
}

/** By hand: Kysely's types for a table that is not known until the call are of no help, and there is nothing to build. */
function write(flavour: Flavour, { table, columns, size }: Insert): string {
  const mark = (n: number): string => (flavour.locksRows ? `$${n + 1}` : '?')
  const tuples = Array.from(
    { length: size },
    (_, row) => `(${columns.map((_, column) => mark(row * columns.length + column)).join(', ')})`,
  )
  return `insert into ${table} (${columns.join(', ')}) values ${tuples.join(', ')}`
}
