/** `request watch`: what is open now and what becomes of it, until all of it is shut or somebody presses Ctrl-C. */
import type { Command } from 'commander'
import { SECOND } from '../../../domain/time.ts'
import { heeding } from '../../calls/client.ts'
import { findMachine } from '../../names/directory.ts'
import { withExamples } from '../../help/examples.ts'
import { EXIT } from '../../exit-codes.ts'
import { Failure, refusedInput } from '../../failure.ts'
import { withGlobalOptions } from '../../options/global-options.ts'
import type { Io } from '../../io.ts'
import { openSession } from '../../session.ts'
import { parseHumanDuration } from '../../times.ts'
import { interruptible } from '../../access/wait-for.ts'
import { changePrinter } from '../../watch/change-printer.ts'
import { liveTable } from '../../watch/live-table.ts'
import { watchRequests } from '../../watch/watch-requests.ts'

interface WatchOptions {
  readonly machine?: string
  readonly interval: string
}

/** A server is not asked more often by one terminal. */
const LEAST = SECOND / 2

export function addRequestWatch(group: Command, io: Io): void {
  const command = withGlobalOptions(
    group
      .command('watch')
      .description('follow requests until all of them are over')
      .argument('[request...]', 'ids, or the beginning of one (default: all that are live, and those to come)')
      .option('-m, --machine <machine>', 'only on this machine')
      .option('--interval <time>', 'how often to look', '2s'),
  )
  withExamples(command, [
    { does: 'everything that is open', line: 'sallyport request watch' },
    { does: 'a line of JSON for each change, for a program', line: 'sallyport request watch --machine web1 -o json' },
  ])
  command.action(async (typed: string[], options: WatchOptions) => {
    const interval = parseHumanDuration(options.interval)
    if (!interval.ok) throw refusedInput('the interval is not as expected', interval.refusals)
    const pace = Math.max(interval.value, LEAST)
    const session = openSession(command, io)
    const { machine } = options
    const only = machine === undefined ? undefined : (await findMachine(session.client, machine)).id
    const isLive = session.format === 'table' && session.io.stdout.isTerminal
    const view = isLive ? liveTable(session) : changePrinter(session)
    const ended = await interruptible(io, (signal) =>
      watchRequests({
        session: { ...session, client: heeding(session.client, signal) },
        typed,
        machine: only,
        interval: pace,
        view,
        signal,
      }),
    )
    if (ended === 'interrupted') throw new Failure(EXIT.interrupted, 'interrupted; what is open stays open')
    session.say(ended === 'nothing' ? 'Nothing is open.' : 'All of it is over.')
  })
}
