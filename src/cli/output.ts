/**
 * Data on stdout in one of four forms. JSON and YAML are the API's objects, unchanged; a table is for people; TSV has
 * the table's columns without header or colour and with times as the API writes them.
 */
import type { Io } from './io.ts'
import { printable } from './printable.ts'
import { paint, type Colour } from './colour.ts'
import type { TimeView } from './times.ts'

export const FORMATS = ['table', 'json', 'yaml', 'tsv'] as const
export type Format = (typeof FORMATS)[number]

export interface Column<T> {
  readonly title: string
  readonly text: (row: T, view: TimeView) => string
  /** For TSV, when people and programs read it differently. */
  readonly raw?: (row: T) => string
  readonly colour?: (row: T) => Colour | undefined
}

export interface Printing<T> {
  readonly io: Pick<Io, 'stdout' | 'env'>
  readonly format: Format
  readonly view: TimeView
  /** What JSON and YAML show. */
  readonly data: unknown
  readonly rows: readonly T[]
  readonly columns: readonly Column<T>[]
}

export async function print<T>(printing: Printing<T>): Promise<void> {
  const { io, format, data } = printing
  switch (format) {
    case 'json':
      return io.stdout.write(`${JSON.stringify(data, null, 2)}\n`)
    case 'yaml':
      return io.stdout.write(await yamlOf(data))
    case 'tsv':
      return io.stdout.write(tsvOf(printing))
    case 'table':
      return io.stdout.write(tableOf(printing))
  }
}

/** Loaded when asked for: every other command starts without it. */
async function yamlOf(data: unknown): Promise<string> {
  const { stringify } = await import('yaml')
  return stringify(data)
}

function tsvOf<T>({ rows, columns, view }: Printing<T>): string {
  const escaped = (text: string): string =>
    text.replaceAll('\\', '\\\\').replaceAll('\t', '\\t').replaceAll('\n', '\\n').replaceAll('\r', '\\r')
  return rows
    .map((row) => `${columns.map((column) => escaped((column.raw ?? column.text)(row, view))).join('\t')}\n`)
    .join('')
}

function tableOf<T>({ io, rows, columns, view }: Printing<T>): string {
  if (rows.length === 0) return ''
  const cells = rows.map((row) => columns.map((column) => printable(column.text(row, view))))
  const widths = columns.map((column, index) =>
    Math.max(column.title.length, ...cells.map((line) => line[index]?.length ?? 0)),
  )
  const header = columns.map((column, index) => column.title.padEnd(widths[index] ?? 0))
  const colours = rows.map((row) => columns.map((column) => column.colour?.(row)))
  const lines = cells.map((line, row) =>
    line.map((cell, index) => paint(cell.padEnd(widths[index] ?? 0), colours[row]?.[index], io.stdout, io.env)),
  )
  return [header, ...lines].map((line) => `${line.join('  ').trimEnd()}\n`).join('')
}
