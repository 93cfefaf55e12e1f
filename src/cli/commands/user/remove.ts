/** `user remove`: for ever. Asks first, because a user of the same name is another one, without its roles. */
import type { Command } from 'commander'
import { confirm } from '../../confirm.ts'
import { withExamples } from '../../help/examples.ts'
import { withGlobalOptions } from '../../options/global-options.ts'
import { findUser, USERS } from '../../names/identity.ts'
import type { Io } from '../../io.ts'
import { openSession } from '../../session.ts'

export function addUserRemove(group: Command, io: Io): void {
  const command = withGlobalOptions(
    group
      .command('remove')
      .alias('rm')
      .description('remove a user; to keep somebody out for a while, disable')
      .argument('<user>', 'name or id, or the beginning of one')
      .option('-y, --yes', 'do not ask'),
  )
  withExamples(command, [{ does: 'without a question', line: 'sallyport user remove ada@example.org --yes' }])
  command.action(async (typed: string, { yes }: { readonly yes?: boolean }) => {
    const session = openSession(command, io)
    const { id, name } = await findUser(session.client, typed)
    if (yes !== true) await confirm(session.io, `Remove user ${name}?`)
    await session.client.call({ method: 'DELETE', path: `${USERS}/${id}` })
    session.say(`Removed user ${name}.`)
  })
}
