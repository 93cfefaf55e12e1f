/** `user list`: the users of this installation's own issuer. */
import type { Command } from 'commander'
import type { WireUser } from '../../../contract/identity.ts'
import { withExamples } from '../../help/examples.ts'
import { withGlobalOptions } from '../../options/global-options.ts'
import { allUsers } from '../../names/identity.ts'
import type { Io } from '../../io.ts'
import type { Column } from '../../show/output.ts'
import { openSession } from '../../session.ts'

export function addUserList(group: Command, io: Io): void {
  const command = withGlobalOptions(group.command('list').alias('ls').description('show the users'))
  withExamples(command, [{ does: 'every user', line: 'sallyport user list' }])
  command.action(async () => {
    const session = openSession(command, io)
    const users = await allUsers(session.client)
    await session.show({ data: users, rows: users, columns: COLUMNS })
    if (users.length === 0) session.say('No users yet. The first one: sallyport user create ada@example.org')
  })
}

const COLUMNS: readonly Column<WireUser>[] = [
  { title: 'NAME', text: ({ name }) => name },
  { title: 'DISPLAY NAME', text: ({ displayName }) => displayName },
  { title: 'STATE', text: stateOf },
  { title: 'CODE', text: ({ oneTimeCode }) => (oneTimeCode ? 'yes' : 'no') },
  { title: 'ID', text: ({ id }) => id },
]

function stateOf({ disabled, mustChangePassword }: WireUser): string {
  return disabled ? 'disabled' : mustChangePassword ? 'new' : 'active'
}
