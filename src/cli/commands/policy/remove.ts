/** `policy remove`: takes the protection off its machines. Asks first, because their ports are then as they were before. */
import type { Command } from 'commander'
import { ARM_VERSION } from '../../calls/client.ts'
import { confirm } from '../../confirm.ts'
import { findPolicy } from '../../names/directory.ts'
import { withExamples } from '../../help/examples.ts'
import { withGlobalOptions } from '../../options/global-options.ts'
import type { Io } from '../../io.ts'
import { machineNames } from '../../show/machine-names.ts'
import { warnIfManaged } from '../../policy/managed-policies.ts'
import { openSession } from '../../session.ts'

export function addPolicyRemove(group: Command, io: Io): void {
  const command = withGlobalOptions(
    group
      .command('remove')
      .alias('rm')
      .description(
        'remove a policy: what it opened is closed, and its ports are then as they were before it, where no other policy protects them',
      )
      .argument('<policy>', 'its name, its id, or the beginning of one')
      .option('-y, --yes', 'do not ask'),
  )
  withExamples(command, [{ does: 'without a question, in a script', line: 'sallyport policy remove default --yes' }])
  command.action(async (typed: string, options: { readonly yes?: boolean }) => {
    const session = openSession(command, io)
    const policy = await findPolicy(session.client, typed)
    const ids = policy.properties.virtualMachines.map(({ id }) => id)
    const machines = ids.map(await machineNames(session, ids)).join(', ')
    session.say(
      `Policy ${policy.name} protects ${machines}; without it their ports are as they were before, where no other policy protects them.`,
    )
    await warnIfManaged(policy.id, session)
    if (options.yes !== true) await confirm(session.io, `Remove policy ${policy.name}?`)
    await session.client.call({ method: 'DELETE', path: policy.id, query: { 'api-version': ARM_VERSION } })
    session.say(`Removed policy ${policy.name}.`)
  })
}
