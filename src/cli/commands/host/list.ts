/** `host list`: which hosts run the agent, or shall, and whether it is connected. */
import { Option, type Command } from 'commander'
import { withExamples } from '../../help/examples.ts'
import { withGlobalOptions } from '../../options/global-options.ts'
import { HOST_COLUMNS, HOST_STATES, hostsAt } from '../../names/hosts.ts'
import type { Io } from '../../io.ts'
import { repeatable } from '../../options/repeatable.ts'
import { openSession } from '../../session.ts'
import { parseTop } from '../../options/top-option.ts'

interface ListOptions {
  readonly search?: string
  readonly label?: readonly string[]
  readonly state?: string
  readonly top: number
}

export function addHostList(group: Command, io: Io): void {
  const command = withGlobalOptions(
    group
      .command('list')
      .alias('ls')
      .description('show the hosts that run the agent, or shall')
      .option('--search <text>', 'only those whose name contains this')
      .option('-l, --label <name=value>', 'only those with this label; may be repeated', repeatable)
      .addOption(new Option('--state <state>', 'only those in this state').choices(Object.keys(HOST_STATES)))
      .option('--top <number>', 'at most so many', parseTop, 1_000),
  )
  withExamples(command, [
    { does: 'every host, and whether its agent is connected', line: 'sallyport host list' },
    { does: 'which of production are not reached?', line: 'sallyport host list -l env=prod --state unreachable' },
  ])
  command.action(async ({ search, label, state, top }: ListOptions) => {
    const session = openSession(command, io)
    const query = { search, selector: label?.join(','), state }
    const { items, more } = await hostsAt(session.client, query, top)
    await session.show({ data: items, rows: items, columns: HOST_COLUMNS })
    if (items.length === 0) session.say('No such hosts that you may see. To enrol one: sallyport host enroll NAME')
    if (more) session.say(`There are more than ${top}; to see them: --top ${top * 10}`)
  })
}
