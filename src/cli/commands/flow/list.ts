/** `flow list`: who is connected by what was granted, now. */
import type { Command } from 'commander'
import { findMachine, findRequest } from '../../names/directory.ts'
import { withExamples } from '../../help/examples.ts'
import { flowColumns, flowNames, readFlows, sayUntold } from '../../show/flow-view.ts'
import { withGlobalOptions } from '../../options/global-options.ts'
import type { Io } from '../../io.ts'
import { openSession, type Session } from '../../session.ts'

interface Options {
  readonly machine?: string
  readonly request?: string
}

export function addFlowList(group: Command, io: Io): void {
  const command = withGlobalOptions(
    group
      .command('list')
      .alias('ls')
      .description('show who is connected by what was granted, while the access is open and after it')
      .option('-m, --machine <machine>', 'only to this machine')
      .option('-r, --request <request>', 'only by this request'),
  )
  withExamples(command, [
    { does: 'who is connected?', line: 'sallyport flow list' },
    {
      does: 'who is still there although their access has ended?',
      line: 'sallyport flow list --query "[?state==\'ended\']"',
    },
  ])
  command.action(async (options: Options) => {
    const session = openSession(command, io)
    const { value, untold } = await readFlows(session.client, await idsOf(session, options))
    const nameOf = await flowNames(session, { value, untold })
    await session.show({ data: value, rows: value, columns: flowColumns(nameOf) })
    sayUntold(session, untold, nameOf)
    if (value.length === 0 && untold.length === 0)
      session.say('Nobody that you may see is connected by what was granted.')
  })
}

async function idsOf({ client }: Session, { machine, request }: Options): Promise<Options> {
  return {
    ...(machine !== undefined && { machine: (await findMachine(client, machine)).id }),
    ...(request !== undefined && { request: (await findRequest(client, request)).id }),
  }
}
