/** `service-principal remove`: with its credentials. Asks first. */
import type { Command } from 'commander'
import { confirm } from '../../confirm.ts'
import { withExamples } from '../../help/examples.ts'
import { withGlobalOptions } from '../../options/global-options.ts'
import { findProgram, PROGRAMS } from '../../names/identity.ts'
import type { Io } from '../../io.ts'
import { openSession } from '../../session.ts'

export function addServicePrincipalRemove(group: Command, io: Io): void {
  const command = withGlobalOptions(
    group
      .command('remove')
      .alias('rm')
      .description('remove a service principal with its credentials; its tokens end at once')
      .argument('<service-principal>', 'name, object id or client id')
      .option('-y, --yes', 'do not ask'),
  )
  withExamples(command, [{ does: 'without a question', line: 'sallyport service-principal remove deploy --yes' }])
  command.action(async (typed: string, { yes }: { readonly yes?: boolean }) => {
    const session = openSession(command, io)
    const { id, name } = await findProgram(session.client, typed)
    if (yes !== true) await confirm(session.io, `Remove service principal ${name}?`)
    await session.client.call({ method: 'DELETE', path: `${PROGRAMS}/${id}` })
    session.say(`Removed service principal ${name}.`)
  })
}
