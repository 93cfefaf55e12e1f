/** `connect show`: one connection with its settings, and what should be known of it. Its secret is nowhere to be shown. */
import type { Command } from 'commander'
import { asConnection, CONNECTION_COLUMNS, connectionPath } from '../../names/connections.ts'
import { withExamples } from '../../help/examples.ts'
import { showBelow, showFacts } from '../../show/facts.ts'
import { withGlobalOptions } from '../../options/global-options.ts'
import type { Io } from '../../io.ts'
import { openSession } from '../../session.ts'

export function addConnectShow(group: Command, io: Io): void {
  const command = withGlobalOptions(
    group.command('show').description('show one connection to a cloud').argument('<name>', 'its name'),
  )
  withExamples(command, [
    { does: 'its settings, to make another like it', line: 'sallyport connect show prod -o json' },
  ])
  command.action(async (name: string) => {
    const session = openSession(command, io)
    const connection = asConnection((await session.client.call({ path: connectionPath(name) })).body)
    const { id, settings, hasSecret, inventory } = connection
    showFacts(session, [
      ['Id', id],
      ['Signs in by', `${settings.credential.kind}${hasSecret ? ', with a secret that is kept' : ''}`],
      ['Others’ changes', settings.drift === 'repair' ? 'are undone' : 'are reported only'],
      ['Read every', settings.refreshEvery],
    ])
    await showBelow(session, { data: connection, rows: [connection], columns: CONNECTION_COLUMNS })
    for (const { message } of inventory.warnings) session.say(`warning: ${message}`)
  })
}
