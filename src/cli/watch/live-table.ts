/** A table on a terminal that is written over itself. Never longer than the terminal, or it could not be found again. */
import { print } from '../output.ts'
import type { Session } from '../session.ts'
import type { WatchView } from './watch-requests.ts'
import { watchedColumns, watchedGrants } from './watched-columns.ts'

const ERASE_BELOW = '\u001b[J'
const upBy = (lines: number): string => (lines === 0 ? '\r' : `\r\u001b[${lines}A`)

/** The heading, the note, and the line that the cursor is on. */
const AROUND = 4

export function liveTable({ io, view }: Session): WatchView {
  let height = 0
  let last = ''
  return {
    async show(requests, note) {
      const all = watchedGrants(requests)
      const room = Math.max(1, (io.stdout.rows ?? Number.POSITIVE_INFINITY) - AROUND)
      const rows = all.slice(0, room)
      let text = ''
      const stdout = { isTerminal: true, columns: io.stdout.columns, write: (part: string) => void (text += part) }
      const columns = watchedColumns(io.now())
      await print({ io: { stdout, env: io.env }, format: 'table', view, data: rows, rows, columns })
      if (all.length > rows.length) text += `… and ${all.length - rows.length} more\n`
      if (note !== '') text += `${note}\n`
      if (text === last) return
      io.stdout.write(`${upBy(height)}${ERASE_BELOW}${text}`)
      last = text
      height = text.split('\n').length - 1
    },
  }
}
