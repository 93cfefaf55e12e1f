/** `connect list`: which clouds are connected, and how fresh what is known of them is. */
import type { Command } from 'commander'
import { allConnections, CONNECTION_COLUMNS } from '../../names/connections.ts'
import { withExamples } from '../../help/examples.ts'
import { withGlobalOptions } from '../../options/global-options.ts'
import type { Io } from '../../io.ts'
import { openSession } from '../../session.ts'

export function addConnectList(group: Command, io: Io): void {
  const command = withGlobalOptions(group.command('list').alias('ls').description('show the connections to clouds'))
  withExamples(command, [{ does: 'every connection, and how fresh its machines are', line: 'sallyport connect list' }])
  command.action(async () => {
    const session = openSession(command, io)
    const connections = await allConnections(session.client)
    await session.show({ data: connections, rows: connections, columns: CONNECTION_COLUMNS })
    if (connections.length === 0)
      session.say(
        'No connections to clouds that you may see. To make one: sallyport connect azure --help, or aws --help',
      )
  })
}
