/** `policy plan`: what `policy set` with the same options would do. Changes nothing. */
import type { Command } from 'commander'
import { sayDropped } from '../../policy/dropped-ports.ts'
import { withExamples } from '../../help/examples.ts'
import { withGlobalOptions } from '../../options/global-options.ts'
import type { Io } from '../../io.ts'
import { prepareChange } from '../../policy/policy-change.ts'
import { withPolicyOptions, type PolicyOptions } from '../../policy/policy-options.ts'
import { showPlan } from '../../policy/policy-plan-view.ts'
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
