/** `session list`: the browsers that you are signed in with. */
import type { Command } from 'commander'
import type { WireSession } from '../../../contract/session.ts'
import { allSessions } from '../../names/browser-sessions.ts'
import { withExamples } from '../../help/examples.ts'
import { withGlobalOptions } from '../../options/global-options.ts'
import type { Io } from '../../io.ts'
import type { Column } from '../../show/output.ts'
import { openSession } from '../../session.ts'
import { formatWireTime } from '../../times.ts'

export function addSessionList(group: Command, io: Io): void {
  const command = withGlobalOptions(
    group.command('list').alias('ls').description('show the browsers that you are signed in with'),
  )
  withExamples(command, [{ does: 'where am I signed in?', line: 'sallyport session list' }])
  command.action(async () => {
    const session = openSession(command, io)
    const sessions = await allSessions(session.client)
    await session.show({ data: sessions, rows: sessions, columns: COLUMNS })
    if (sessions.length === 0) session.say('You are not signed in with any browser.')
  })
}

const COLUMNS: readonly Column<WireSession>[] = [
  { title: 'SESSION', text: ({ id }) => id },
  { title: 'SINCE', text: ({ startedAt }, view) => formatWireTime(startedAt, view), raw: ({ startedAt }) => startedAt },
  {
    title: 'LAST USED',
    text: ({ lastSeenAt }, view) => formatWireTime(lastSeenAt, view),
    raw: ({ lastSeenAt }) => lastSeenAt,
  },
  { title: 'FROM', text: ({ address }) => address },
  { title: 'BROWSER', text: ({ browser }) => browser },
]
