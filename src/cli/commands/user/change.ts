/** `user disable`, `enable`, `reset-password`, `sign-out`, `set-code` and `remove-code`: one change of one user each. */
import type { Command } from 'commander'
import { withExamples } from '../../help/examples.ts'
import { withGlobalOptions } from '../../options/global-options.ts'
import { asMadeUser, findUser, USERS } from '../../names/identity.ts'
import type { Io } from '../../io.ts'
import { openSession } from '../../session.ts'
import { showMadeUser } from '../../show/user-view.ts'

const CHANGES: Readonly<Record<string, string>> = {
  disable: 'keep a user out: sessions and tokens end at once',
  enable: 'let a disabled user in again',
  'reset-password': 'make a new password to hand over, and end every session',
  'sign-out': 'end every session and token of a user',
  'set-code': 'ask a user for one-time codes from now on, and show the secret for the app, once',
  'remove-code': 'ask a user for one-time codes no more',
}

export function addUserChanges(group: Command, io: Io): void {
  for (const [change, description] of Object.entries(CHANGES)) {
    const command = withGlobalOptions(
      group.command(change).description(description).argument('<user>', 'name or id, or the beginning of one'),
    )
    withExamples(command, [{ does: description, line: `sallyport user ${change} ada@example.org` }])
    command.action(async (typed: string) => {
      const session = openSession(command, io)
      const { id } = await findUser(session.client, typed)
      const answer = await session.client.call({ method: 'POST', path: `${USERS}/${id}/change`, body: { change } })
      await showMadeUser(session, asMadeUser(answer.body))
    })
  }
}
