/** `connect refresh`: reads the machines of a connection now instead of when it is time. */
import type { Command } from 'commander'
import { asConnection, CONNECTION_COLUMNS, connectionPath, READING_PATIENCE } from '../../names/connections.ts'
import { withExamples } from '../../help/examples.ts'
import { EXIT } from '../../exit-codes.ts'
import { Failure } from '../../failure.ts'
import { withGlobalOptions } from '../../options/global-options.ts'
import type { Io } from '../../io.ts'
import { openSession } from '../../session.ts'

export function addConnectRefresh(group: Command, io: Io): void {
  const command = withGlobalOptions(
    group.command('refresh').description('read the machines of a connection anew').argument('<name>', 'its name'),
  )
  withExamples(command, [{ does: 'a machine was made a moment ago', line: 'sallyport connect refresh prod' }])
  command.action(async (name: string) => {
    const session = openSession(command, io)
    const path = `${connectionPath(name)}/refresh`
    const connection = asConnection(
      (await session.client.call({ method: 'POST', path, patience: READING_PATIENCE })).body,
    )
    const { problem } = connection.inventory
    await session.show({ data: connection, rows: [connection], columns: CONNECTION_COLUMNS })
    if (problem !== undefined)
      throw new Failure(EXIT.server, `the machines of ${name} could not be read: ${problem}`, {
        remedy: `sallyport connect check ${name}; the ones that are known stay protected`,
      })
  })
}
