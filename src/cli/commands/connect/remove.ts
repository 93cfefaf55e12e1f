/** `connect remove`: forgets a connection. The server refuses while policies name machines of it. Asks first. */
import type { Command } from 'commander'
import { confirm } from '../../confirm.ts'
import { asConnection, connectionPath } from '../../names/connections.ts'
import { withExamples } from '../../help/examples.ts'
import { withGlobalOptions } from '../../options/global-options.ts'
import type { Io } from '../../io.ts'
import { openSession } from '../../session.ts'

export function addConnectRemove(group: Command, io: Io): void {
  const command = withGlobalOptions(
    group
      .command('remove')
      .alias('rm')
      .description('forget a connection to a cloud; nothing is changed there')
      .argument('<name>', 'its name')
      .option('-y, --yes', 'do not ask'),
  )
  withExamples(command, [{ does: 'without a question', line: 'sallyport connect remove prod --yes' }])
  command.action(async (name: string, { yes }: { readonly yes?: boolean }) => {
    const session = openSession(command, io)
    const connection = asConnection((await session.client.call({ path: connectionPath(name) })).body)
    if (yes !== true)
      await confirm(session.io, `Forget ${connection.name} and its ${connection.inventory.machines} machines?`)
    await session.client.call({ method: 'DELETE', path: connectionPath(name) })
    session.say(`Removed connection ${connection.name}.`)
  })
}
