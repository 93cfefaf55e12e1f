/** `connect check`: tries everything that a connection needs, without changing anything, and names what is missing. */
import type { Command } from 'commander'
import { asPage } from '../../calls/answers.ts'
import { showChecks } from '../../connect-cloud.ts'
import { asConnectionCheck, connectionPath } from '../../names/connections.ts'
import { withExamples } from '../../help/examples.ts'
import { withGlobalOptions } from '../../options/global-options.ts'
import type { Io } from '../../io.ts'
import { openSession } from '../../session.ts'

export function addConnectCheck(group: Command, io: Io): void {
  const command = withGlobalOptions(
    group
      .command('check')
      .description('try everything that a connection needs, without changing anything')
      .argument('<name>', 'its name'),
  )
  withExamples(command, [{ does: 'is anything missing?', line: 'sallyport connect check prod' }])
  command.action(async (name: string) => {
    const session = openSession(command, io)
    const answer = await session.client.call({ method: 'POST', path: `${connectionPath(name)}/check` })
    await showChecks(session, name, asPage(answer.body).value.map(asConnectionCheck))
  })
}
