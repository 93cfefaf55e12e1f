/** `logout`: takes the session back at the issuer and forgets its tokens. The context stays, to sign in to again. */
import type { Command } from 'commander'
import { changeContexts, readContexts } from '../contexts/context-store.ts'
import { pickContext } from '../contexts/pick-context.ts'
import type { Context } from '../contexts/context.ts'
import { withExamples } from '../help/examples.ts'
import { optionsOf, withGlobalOptions, type GlobalOptions } from '../options/global-options.ts'
import type { Io } from '../io.ts'
import { openScreen } from '../session.ts'
import { endSignIn } from '../sign-in/end-sign-in.ts'
import { placeOf } from '../sign-in/token-place.ts'

export function addLogout(program: Command, io: Io): void {
  const command = withGlobalOptions(
    program
      .command('logout')
      .description('end your sign-in, here and at the issuer')
      .option('--all', 'of every context'),
  )
  withExamples(command, [
    { does: 'of the current context', line: 'sallyport logout' },
    { does: 'of another', line: 'sallyport logout --context jit.example.org' },
  ])
  command.action(async () => {
    const screen = openScreen(command, io)
    for (const context of contextsToLeave(optionsOf(command), io)) {
      const wasEnded = await endSignIn(context, io)
      await changeContexts(placeOf(io), ({ current, contexts }) => ({
        current,
        contexts: contexts.map((one) => (one.name === context.name ? signedOut(one) : one)),
      }))
      screen.say(
        wasEnded
          ? `Signed out of ${context.server} (context ${context.name}).`
          : `Your tokens of ${context.name} are forgotten here; the issuer did not answer, so there they end by themselves.`,
      )
    }
  })
}

function contextsToLeave(options: GlobalOptions & { readonly all?: boolean }, io: Io): readonly Context[] {
  const known = readContexts(placeOf(io))
  if (options.all === true) return known.contexts
  return [pickContext(options.context ?? io.env['SALLYPORT_CONTEXT'], known)]
}

function signedOut({ signedIn: _signedIn, account: _account, ...context }: Context): Context {
  return context
}
