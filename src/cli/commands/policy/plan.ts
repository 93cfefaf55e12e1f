/** `policy plan`: what `policy set` with the same options would do. Changes nothing. */
import type { Command } from 'commander'
import { sayDropped } from '../../dropped-ports.ts'
import { withExamples } from '../../examples.ts'
import { withGlobalOptions } from '../../global-options.ts'
import type { Io } from '../../io.ts'
import { prepareChange } from '../../policy-change.ts'
import { withPolicyOptions, type PolicyOptions } from '../../policy-options.ts'
import { showPlan } from '../../policy-plan-view.ts'
import { openSession } from '../../session.ts'

export function addPolicyPlan(group: Command, io: Io): void {
  const command = withPolicyOptions(
    group
      .command('plan')
      .description('show what policy set with the same options would do, and change nothing')
      .argument('<policy>', 'its name (the whole of it)'),
  )
  withExamples(withGlobalOptions(command), [
    { does: 'what would protecting SSH on web1 change?', line: 'sallyport policy plan default -m web1 -p 22/tcp' },
  ])
  command.action(async (typed: string, options: PolicyOptions) => {
    const session = openSession(command, io)
    const change = await prepareChange(typed, options, session)
    await sayDropped(change, session)
    await showPlan(session, change.plan)
  })
}
