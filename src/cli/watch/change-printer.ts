/** Where there is no terminal to draw on: a line for each change, as it is seen. With `-o json`, one object a line. */
import { jsonLine } from '../show/json-text.ts'
import { formatLocal, formatWireTime } from '../times.ts'
import { portText } from '../show/grant-columns.ts'
import { machineNames } from '../show/machine-names.ts'
import type { Session } from '../session.ts'
import type { WatchView } from './watch-requests.ts'
import { watchedColumns, watchedGrants, type WatchedGrant } from './watched-columns.ts'

export function changePrinter(session: Session): WatchView {
  const told = new Map<string, string>()
  return {
    async show(requests, note) {
      if (note !== '') session.say(note)
      for (const watched of watchedGrants(requests)) {
        const { id, state, until, reason } = watched.grant
        const now = `${state} ${until} ${reason}`
        if (told.get(id) === now) continue
        told.set(id, now)
        await tell(watched, session)
      }
    },
  }
}

async function tell(watched: WatchedGrant, session: Session): Promise<void> {
  const { request, grant } = watched
  const { io, format, view } = session
  const data = { request: request.id, requestor: request.requestor, ...grant }
  if (format === 'table') {
    const nameOf = await machineNames(session, [grant.machine])
    const where = `${nameOf(grant.machine)}:${portText(grant.port, grant.protocol)}`
    const until = `until ${formatWireTime(grant.until, view)}`
    io.stdout.write(`${formatLocal(io.now(), view)}  ${where}  ${grant.state}  ${until}  request ${request.id}\n`)
  } else if (format === 'json' || format === 'jsonc') {
    io.stdout.write(`${jsonLine(data)}\n`)
  } else {
    if (format === 'yaml') io.stdout.write('---\n')
    await session.show({ data, rows: [watched], columns: watchedColumns(io.now()) })
  }
}
