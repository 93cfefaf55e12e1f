/**
 * Data on stdout in one of six forms. JSON and YAML are the API's objects, unchanged (`jsonc` is JSON with colours); a
 * table is for people; TSV has the table's columns without header or colour and with times as the API writes them;
 * `none` leaves the exit code alone to speak.
 */
import { paint, type Colour } from './colour.ts'
import type { Io, TextOut } from '../io.ts'
import { colouredJson, jsonText } from './json-text.ts'
import { printable, steeringNothing } from './printable.ts'
import { answerQuery, rowsOf } from './query.ts'
import { tableText } from './table.ts'
import type { TimeView } from '../times.ts'

export const FORMATS = ['table', 'json', 'jsonc', 'yaml', 'tsv', 'none'] as const
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
  /** JMESPath; what it leaves of the data is printed instead. */
  readonly query?: string | undefined
  readonly view: TimeView
  /** What JSON and YAML show. */
  readonly data: unknown
  readonly rows: readonly T[]
  readonly columns: readonly Column<T>[]
}

export async function print<T>(printing: Printing<T>): Promise<void> {
  if (printing.query === undefined) return write(printing)
  const data = await answerQuery(printing.data, printing.query)
  return write({ ...printing, data, ...rowsOf(data) })
}

async function write<T>(printing: Printing<T>): Promise<void> {
  const { io, format, data } = printing
  switch (format) {
    case 'json':
      return io.stdout.write(`${jsonText(data)}\n`)
    case 'jsonc':
      return io.stdout.write(`${colouredJson(data, (text, colour) => paint(text, colour, io.stdout, io.env))}\n`)
    case 'yaml':
      return io.stdout.write(forEyes(await yamlOf(data), io.stdout))
    case 'tsv':
      return io.stdout.write(forEyes(tsvOf(printing), io.stdout))
    case 'table':
      return io.stdout.write(tableOf(printing))
    case 'none':
      return
  }
}

/** In a pipe it is as somebody wrote it: what it may do there, the reader knows. */
function forEyes(text: string, { isTerminal }: Pick<TextOut, 'isTerminal'>): string {
  return isTerminal ? steeringNothing(text) : text
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
  const cells = rows.map((row) =>
    columns.map((column) => {
      const colour = column.colour?.(row)
      const text = printable(column.text(row, view))
      return { text, paint: (padded: string) => paint(padded, colour, io.stdout, io.env) }
    }),
  )
  return tableText({ titles: columns.map(({ title }) => title), rows: cells, room: io.stdout.columns })
}
