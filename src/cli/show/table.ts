/**
 * A table for people: aligned columns, no wider than the terminal. What does not fit is wrapped between words, or cut
 * where there are none; where not even that is enough, each row stands by itself, a line for each column. Elsewhere (a
 * pipe, a file) every line is whole. An empty cell is a dash among others, so that nobody takes a neighbour's for it.
 */
import { padTo, textWidth, wrapTo } from './text-width.ts'

export interface Cell {
  readonly text: string
  /** Puts colour around what is already padded. */
  readonly paint?: (text: string) => string
}

export interface Table {
  readonly titles: readonly string[]
  readonly rows: readonly (readonly Cell[])[]
  /** Cells of the terminal in one line; undefined where lines have no end. */
  readonly room: number | undefined
}

const GAP = '  '
const EMPTY = '-'
/** Below this a column says nothing any more. */
const NARROWEST = 12

export function tableText(table: Table): string {
  const { titles, rows, room } = table
  if (rows.length === 0) return ''
  const natural = titles.map((title, column) =>
    Math.max(textWidth(title), ...rows.map((row) => textWidth(row[column]?.text || EMPTY))),
  )
  const widths = room === undefined ? natural : fitted(natural, titles, room)
  const ids = titles.findLastIndex((_, column) => rows.every((row) => row[column]?.text.startsWith('/') === true))
  const isTooWide = room !== undefined && totalOf(widths) > room
  if (isTooWide && ids > 0) return tableText(without(ids, table))
  if (isTooWide) return rows.map((row) => alone(row, titles, room)).join('\n')
  const header = titles.map((title) => ({ text: title }))
  const filled = rows.map((row) => row.map((cell) => (cell.text === '' ? { text: EMPTY } : cell)))
  return [header, ...filled].map((row) => rowText(row, widths)).join('')
}

/** On a narrow terminal ids are the first to go: the names stay, and the other formats have all of it. */
function without(column: number, { titles, rows, room }: Table): Table {
  return { titles: titles.toSpliced(column, 1), rows: rows.map((row) => row.toSpliced(column, 1)), room }
}

/** One row by itself; what is empty in it is left out. */
function alone(row: readonly Cell[], titles: readonly string[], room: number): string {
  const width = Math.max(...titles.map(textWidth))
  const lines = row.flatMap(({ text, paint = (line) => line }, column) => {
    if (text === '') return []
    const wrapped = wrapTo(text, Math.max(NARROWEST, room - width - GAP.length))
    return wrapped.map((line, index) =>
      [padTo(index === 0 ? (titles[column] ?? '') : '', width), paint(line)].join(GAP),
    )
  })
  return lines.map((line) => `${line}\n`).join('')
}

/** The widest column gives way first. */
function fitted(natural: readonly number[], titles: readonly string[], room: number): number[] {
  const widths = [...natural]
  const least = titles.map((title, column) => Math.min(natural[column] ?? 0, Math.max(NARROWEST, textWidth(title))))
  let excess = totalOf(widths) - room
  while (excess > 0) {
    const widest = widestOf(widths, least)
    if (widest === undefined) break
    widths[widest] = (widths[widest] ?? 0) - 1
    excess -= 1
  }
  return widths
}

function widestOf(widths: readonly number[], least: readonly number[]): number | undefined {
  const shrinkable = widths.map((width, column) => (width > (least[column] ?? 0) ? width : -1))
  const most = Math.max(...shrinkable)
  return most < 0 ? undefined : shrinkable.indexOf(most)
}

function totalOf(widths: readonly number[]): number {
  return widths.reduce((total, width) => total + width, GAP.length * (widths.length - 1))
}

function rowText(row: readonly Cell[], widths: readonly number[]): string {
  const wrapped = row.map(({ text }, column) => wrapTo(text, widths[column] ?? 0))
  const height = Math.max(...wrapped.map((lines) => lines.length))
  return Array.from({ length: height }, (_, line) => {
    const cells = row.map(({ paint }, column) => {
      const padded = padTo(wrapped[column]?.[line] ?? '', widths[column] ?? 0)
      return paint === undefined ? padded : paint(padded)
    })
    return `${cells.join(GAP).trimEnd()}\n`
  }).join('')
}
