/** `request show`: one request and what became of it. */
import type { Command } from 'commander'
import { findRequest } from '../../directory.ts'
import { withExamples } from '../../examples.ts'
import { showFlowsBelow } from '../../flow-view.ts'
import { withGlobalOptions } from '../../global-options.ts'
import type { Io } from '../../io.ts'
import { showRequest } from '../../request-view.ts'
import { openSession } from '../../session.ts'

export function addRequestShow(group: Command, io: Io): void {
  const command = withGlobalOptions(
    group
      .command('show')
      .description('show one request: who asked for what, why, and what became of it')
      .argument('<request>', 'its id, or the beginning of it'),
  )
  withExamples(command, [{ does: 'what became of it?', line: 'sallyport request show 3f2b' }])
  command.action(async (typed: string) => {
    const session = openSession(command, io)
    const request = await findRequest(session.client, typed)
    await showRequest(session, request)
    await showFlowsBelow(session, { request: request.id })
  })
}
