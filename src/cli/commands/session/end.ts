/** `session end`: signs one of your browsers out. */
import type { Command } from 'commander'
import { allSessions, SESSIONS } from '../../names/browser-sessions.ts'
import { withExamples } from '../../help/examples.ts'
import { withGlobalOptions } from '../../options/global-options.ts'
import type { Io } from '../../io.ts'
import { resolveName } from '../../names/resolve-name.ts'
import { openSession } from '../../session.ts'

export function addSessionEnd(group: Command, io: Io): void {
  const command = withGlobalOptions(
    group
      .command('end')
      .description('sign one of your browsers out')
      .argument('<session>', 'its id or what the browser calls itself, or the beginning of one'),
  )
  withExamples(command, [{ does: 'the browser that was left signed in', line: 'sallyport session end 0199a7c2' }])
  command.action(async (typed: string) => {
    const session = openSession(command, io)
    const among = (await allSessions(session.client)).map((one) => ({ ...one, name: one.browser }))
    const { id, name } = resolveName({ what: 'session', typed, among, list: 'sallyport session list' })
    await session.client.call({ method: 'DELETE', path: `${SESSIONS}/${id}` })
    session.say(`Signed out: ${name}`)
  })
}
