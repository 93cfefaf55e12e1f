/** `group remove`: its members lose the roles it has. Asks first. */
import type { Command } from 'commander'
import { confirm } from '../../confirm.ts'
import { counted } from '../../show/counted.ts'
import { withExamples } from '../../help/examples.ts'
import { withGlobalOptions } from '../../options/global-options.ts'
import { findGroup, GROUPS } from '../../names/identity.ts'
import type { Io } from '../../io.ts'
import { openSession } from '../../session.ts'

export function addGroupRemove(group: Command, io: Io): void {
  const command = withGlobalOptions(
    group
      .command('remove')
      .alias('rm')
      .description('remove a group; its members stay, without its roles')
      .argument('<group>', 'name or id, or the beginning of one')
      .option('-y, --yes', 'do not ask'),
  )
  withExamples(command, [{ does: 'without a question', line: 'sallyport group remove Operators --yes' }])
  command.action(async (typed: string, { yes }: { readonly yes?: boolean }) => {
    const session = openSession(command, io)
    const { id, name, members } = await findGroup(session.client, typed)
    if (yes !== true) await confirm(session.io, `Remove group ${name} with ${counted(members.length, 'member')}?`)
    await session.client.call({ method: 'DELETE', path: `${GROUPS}/${id}` })
    session.say(`Removed group ${name}.`)
  })
}
