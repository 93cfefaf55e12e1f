/** A table on a terminal that is written over itself. Never longer than the terminal, or it could not be found again. */
import { machinesOf } from '../show/grant-columns.ts'
import { machineNames } from '../show/machine-names.ts'
import { print } from '../show/output.ts'
import type { Session } from '../session.ts'
import type { WatchView } from './watch-requests.ts'
import { watchedColumns, watchedGrants } from './watched-columns.ts'

const ERASE_BELOW = '\u001b[J'
const upBy = (lines: number): string => (lines === 0 ? '\r' : `\r\u001b[${lines}A`)

export function liveTable(session: Session): WatchView {
  const { io, view } = session
  let height = 0
  let last = ''
  return {
    async show(requests, note) {
      let text = ''
      const stdout = { isTerminal: true, columns: io.stdout.columns, write: (part: string) => void (text += part) }
      const rows = watchedGrants(requests)
      const columns = watchedColumns(io.now(), await machineNames(session, machinesOf(requests)))
      await print({ io: { stdout, env: io.env }, format: 'table', view, data: rows, rows, columns })
      const shown = fitting(text.split('\n').slice(0, -1), io.stdout.rows, note)
      if (shown === last) return
      io.stdout.write(`${upBy(height)}${ERASE_BELOW}${shown}`)
      last = shown
      height = shown.split('\n').length - 1
    },
  }
}

/** What does not fit is said to be there. One line is the cursor's. */
function fitting(lines: readonly string[], room = Number.POSITIVE_INFINITY, note: string): string {
  const most = Math.max(2, room - 1 - (note === '' ? 0 : 1))
  const shown =
    lines.length <= most ? lines : [...lines.slice(0, most - 1), `… and ${lines.length - most + 1} more lines`]
  return [...shown, ...(note === '' ? [] : [note])].map((line) => `${line}\n`).join('')
}
