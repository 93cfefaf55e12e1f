/** `request show`: one request and what became of it. */
import type { Command } from 'commander'
import { findRequest } from '../../names/directory.ts'
import { withExamples } from '../../help/examples.ts'
import { showFlowsBelow } from '../../show/flow-view.ts'
import { withGlobalOptions } from '../../options/global-options.ts'
import type { Io } from '../../io.ts'
import { showRequest } from '../../show/request-view.ts'
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
