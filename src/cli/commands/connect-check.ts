/** `connect check`: tries everything that a connection needs, without changing anything, and names what is missing. */
import type { Command } from 'commander'
import { asPage } from '../answers.ts'
import { CHECK_COLUMNS } from '../connect-cloud.ts'
import { asConnectionCheck, connectionPath } from '../connections.ts'
import { withExamples } from '../examples.ts'
import { EXIT } from '../exit-codes.ts'
import { Failure } from '../failure.ts'
import { withGlobalOptions } from '../global-options.ts'
import type { Io } from '../io.ts'
import { openSession } from '../session.ts'

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
    const checks = asPage(answer.body).value.map(asConnectionCheck)
    await session.show({ data: checks, rows: checks, columns: CHECK_COLUMNS })
    const bad = checks.filter(({ status }) => status !== 'ok').length
    if (bad > 0)
      throw new Failure(EXIT.denied, `${bad} of the ${checks.length} things that ${name} needs are missing`, {
        remedy: 'the table says how to mend each',
      })
    session.say(`Nothing is missing: all ${checks.length} things that ${name} needs are there.`)
  })
}
