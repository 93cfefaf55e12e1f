/** `session end-all`: signs all your browsers out, and, where the server keeps your account, every program too. Asks first. */
import type { Command } from 'commander'
import { SESSIONS } from '../../names/browser-sessions.ts'
import { confirm } from '../../confirm.ts'
import { withExamples } from '../../help/examples.ts'
import { withGlobalOptions } from '../../options/global-options.ts'
import type { Io } from '../../io.ts'
import { openSession } from '../../session.ts'

export function addSessionEndAll(group: Command, io: Io): void {
  const command = withGlobalOptions(
    group
      .command('end-all')
      .description('sign all your browsers out; of users of the installation the programs too, this one among them')
      .option('-y, --yes', 'do not ask'),
  )
  withExamples(command, [{ does: 'a device was lost', line: 'sallyport session end-all' }])
  command.action(async ({ yes }: { readonly yes?: boolean }) => {
    const session = openSession(command, io)
    if (yes !== true) await confirm(session.io, 'Sign out everywhere, here too?')
    await session.client.call({ method: 'POST', path: `${SESSIONS}/sign-out-everywhere` })
    session.say('Signed out everywhere. To sign in again: sallyport login')
  })
}
