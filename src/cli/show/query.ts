/**
 * `--query`: JMESPath over what JSON would show, as in the Azure CLI. Loaded when asked for. The result has no columns of
 * its own, so a table and TSV are made from its members.
 */
import { usageFailure } from '../failure.ts'
import type { Column } from './output.ts'

/** Texts in backticks, as many queries for the Azure command line have them. */
const OPTIONS = { enable_legacy_literals: true }

/** Before anything is sent: a mistake in the query must not come to light after the work is done. */
export async function checkQuery(query: string): Promise<void> {
  const { compile } = await import('@jmespath-community/jmespath')
  try {
    compile(query, OPTIONS)
  } catch (cause) {
    throw notAQuery(query, cause)
  }
}

export async function answerQuery(data: unknown, query: string): Promise<unknown> {
  const { search } = await import('@jmespath-community/jmespath')
  try {
    return search(JSON.parse(JSON.stringify(data ?? null)), query, OPTIONS)
  } catch (cause) {
    throw notAQuery(query, cause)
  }
}

function notAQuery(query: string, cause: unknown) {
  const why = cause instanceof Error ? cause.message : String(cause)
  return usageFailure(`--query '${query}' does not work here: ${why}`, `--query "[].name", see https://jmespath.org`)
}

type Row = Readonly<Record<string, unknown>>

export interface Queried {
  readonly rows: readonly Row[]
  readonly columns: readonly Column<Row>[]
}

/** A list of objects is a row each; lists and single values are rows with numbered columns. */
export function rowsOf(answer: unknown): Queried {
  const items: readonly unknown[] = Array.isArray(answer) ? answer : answer === null ? [] : [answer]
  const rows = items.map((item) => rowOf(item))
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  return { rows, columns: names.map((name) => ({ title: name.toUpperCase(), text: (row) => textOf(row[name]) })) }
}

function rowOf(item: unknown): Row {
  if (Array.isArray(item)) return Object.fromEntries(item.map((value: unknown, index) => [`column${index + 1}`, value]))
  return typeof item === 'object' && item !== null ? { ...item } : { result: item }
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}
