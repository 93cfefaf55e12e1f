/** `request close`: closes what requests opened before its time, and waits until it is shut. */
import type { Command } from 'commander'
import type { WireGrant } from '../../../contract/request.ts'
import { closeGrants, type Closing, type RequestPart } from '../../access/close-grants.ts'
import { heeding } from '../../calls/client.ts'
import { withExamples } from '../../help/examples.ts'
import { withGlobalOptions } from '../../options/global-options.ts'
import { grantColumns } from '../../show/grant-columns.ts'
import type { Io } from '../../io.ts'
import { machineNames } from '../../show/machine-names.ts'
import { repeatable } from '../../options/repeatable.ts'
import { livePartsOf, type PartOptions } from '../../access/request-parts.ts'
import { openSession } from '../../session.ts'
import { interruptible } from '../../access/wait-for.ts'

interface CloseOptions extends PartOptions {
  readonly wait: boolean
}

export function addRequestClose(group: Command, io: Io): void {
  const command = withGlobalOptions(
    group
      .command('close')
      .description('close early what requests opened, and wait until it is shut')
      .argument('[request...]', 'ids, or the beginning of one (default: all live ones of --machine)')
      .option('-m, --machine <machine>', 'only on this machine')
      .option('-p, --port <port>', 'only this port; may be repeated', repeatable)
      .option('--wait', 'wait until it is shut', true)
      .option('--no-wait', 'return as soon as the server knows'),
  )
  withExamples(command, [
    { does: 'one request', line: 'sallyport request close 3f2b' },
    { does: 'everything open on web1', line: 'sallyport request close --machine web1' },
  ])
  command.action(async (typed: string[], options: CloseOptions) => {
    const session = openSession(command, io)
    const parts = await livePartsOf(typed, options, { client: session.client, what: 'close' })
    const grants = await interruptible(io, (signal) =>
      closeAll(parts, { session: { ...session, client: heeding(session.client, signal) }, wait: options.wait, signal }),
    )
    const nameOf = await machineNames(
      session,
      grants.map(({ machine }) => machine),
    )
    await session.show({ data: grants, rows: grants, columns: grantColumns(io.now(), nameOf) })
    if (grants.length === 0) session.say('Nothing of it is open; there was nothing to close.')
  })
}

async function closeAll(parts: readonly RequestPart[], closing: Closing): Promise<WireGrant[]> {
  const closed: WireGrant[] = []
  for (const part of parts) closed.push(...(await closeGrants(part, closing)))
  return closed
}
