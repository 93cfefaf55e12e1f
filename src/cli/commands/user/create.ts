/** `user create`: a new user, with a password to hand over, which the user changes at the first sign-in. */
import type { Command } from 'commander'
import { withExamples } from '../../help/examples.ts'
import { withGlobalOptions } from '../../options/global-options.ts'
import { asMadeUser, USERS } from '../../names/identity.ts'
import type { Io } from '../../io.ts'
import { openSession } from '../../session.ts'
import { showMadeUser } from '../../show/user-view.ts'

export function addUserCreate(group: Command, io: Io): void {
  const command = withGlobalOptions(
    group
      .command('create')
      .description('make a user and show the password to hand over, once')
      .argument('<name>', 'what the user signs in with, such as ada@example.org')
      .option('--display-name <text>', 'what others see'),
  )
  withExamples(command, [
    { does: 'a user', line: 'sallyport user create ada@example.org --display-name "Ada Lovelace"' },
  ])
  command.action(async (name: string, { displayName }: { readonly displayName?: string }) => {
    const session = openSession(command, io)
    const body = { name, ...(displayName === undefined ? {} : { displayName }) }
    const made = asMadeUser((await session.client.call({ method: 'POST', path: USERS, body })).body)
    await showMadeUser(session, made)
    session.say('The password is shown this once; it must be changed at the first sign-in.')
  })
}
