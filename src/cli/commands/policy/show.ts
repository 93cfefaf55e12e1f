/** `policy show`: one policy. */
import type { Command } from 'commander'
import { findPolicy } from '../../names/directory.ts'
import { withExamples } from '../../help/examples.ts'
import { withGlobalOptions } from '../../options/global-options.ts'
import type { Io } from '../../io.ts'
import { showPolicy } from '../../policy/policy-view.ts'
import { openSession } from '../../session.ts'

export function addPolicyShow(group: Command, io: Io): void {
  const command = withGlobalOptions(
    group
      .command('show')
      .description('show one policy: its machines, ports, sources and longest times')
      .argument('<policy>', 'its name, its id, or the beginning of one'),
  )
  withExamples(command, [
    { does: 'one policy', line: 'sallyport policy show default' },
    { does: 'as a file that policy set -f takes back', line: 'sallyport policy show default -o yaml > default.yaml' },
  ])
  command.action(async (typed: string) => {
    const session = openSession(command, io)
    await showPolicy(session, await findPolicy(session.client, typed))
  })
}
