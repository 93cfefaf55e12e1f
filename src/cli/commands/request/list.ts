/** `request list`: who asked for what, newest first. */
import type { Command } from 'commander'
import type { WireRequest } from '../../../contract/request.ts'
import { parseInstant, type Instant } from '../../../domain/time.ts'
import type { Client } from '../../calls/client.ts'
import { findMachine, findPolicy, newestRequests, type RequestQuery } from '../../names/directory.ts'
import { withExamples } from '../../help/examples.ts'
import { withGlobalOptions } from '../../options/global-options.ts'
import { LIVE, machinesOf, portText } from '../../show/grant-columns.ts'
import type { Io } from '../../io.ts'
import { machineNames, type NameOf } from '../../show/machine-names.ts'
import type { Column } from '../../show/output.ts'
import { whoAsked } from '../../show/request-view.ts'
import { openSession } from '../../session.ts'
import { formatLength, formatWireTime } from '../../times.ts'
import { parseTop } from '../../options/top-option.ts'

interface ListOptions {
  readonly machine?: string
  readonly policy?: string
  readonly live?: boolean
  readonly top: number
}

export function addRequestList(group: Command, io: Io): void {
  const command = withGlobalOptions(
    group
      .command('list')
      .alias('ls')
      .description('show requests, newest first')
      .option('-m, --machine <machine>', 'only for this machine')
      .option('--policy <policy>', 'only of this policy')
      .option('--live', 'only what is open, opening or closing now')
      .option('--top <number>', 'at most so many', parseTop, 50),
  )
  withExamples(command, [
    { does: 'what is open now?', line: 'sallyport request list --live' },
    { does: 'the last ten for web1', line: 'sallyport request list --machine web1 --top 10' },
  ])
  command.action(async (options: ListOptions) => {
    const session = openSession(command, io)
    const { items, more } = await newestRequests(session.client, await queryOf(options, session.client), options.top)
    const nameOf = await machineNames(session, machinesOf(items))
    await session.show({ data: items, rows: items, columns: columnsWith(nameOf, io.now()) })
    if (items.length === 0)
      session.say('No such requests that you may see. To make one: sallyport request create MACHINE --port 22')
    if (more) session.say(`There are more than ${options.top}; to see them: --top ${options.top * 10}`)
  })
}

async function queryOf({ machine, policy, live }: ListOptions, client: Client): Promise<RequestQuery> {
  return {
    ...(machine === undefined ? {} : { machine: (await findMachine(client, machine)).id }),
    ...(policy === undefined ? {} : { policy: (await findPolicy(client, policy)).id }),
    ...(live === undefined ? {} : { live }),
  }
}

function columnsWith(nameOf: NameOf, now: Instant): readonly Column<WireRequest>[] {
  return [
    { title: 'REQUEST', text: ({ id }) => id },
    {
      title: 'ASKED',
      text: ({ startTimeUtc }, view) => formatWireTime(startTimeUtc, view),
      raw: ({ startTimeUtc }) => startTimeUtc,
    },
    { title: 'BY', text: (request) => whoAsked(request) || request.address },
    { title: 'MACHINES', text: ({ grants }) => distinct(grants.map(({ machine }) => nameOf(machine))) },
    { title: 'PORTS', text: ({ grants }) => distinct(grants.map(({ port, protocol }) => portText(port, protocol))) },
    { title: 'STATE', text: (request) => stateText(request, now), raw: statesOf, colour: stateColour },
    { title: 'WHY', text: ({ justification }) => justification ?? '' },
  ]
}

function distinct(texts: readonly string[]): string {
  return [...new Set(texts)].join(', ')
}

function statesOf({ grants }: WireRequest): string {
  return distinct(grants.map(({ state }) => state))
}

/** With what is left of what ends last. */
function stateText(request: WireRequest, now: Instant): string {
  const live = request.grants.filter(({ state }) => LIVE.has(state))
  const ends = live.map(({ until }) => parseInstant(until)).flatMap((end) => (end.ok ? [end.value] : []))
  const left = ends.length === 0 ? [] : [`${formatLength(Math.max(...ends) - now)} left`]
  return [statesOf(request), ...left].join(', ')
}

function stateColour({ grants }: WireRequest): 'green' | 'yellow' | 'grey' {
  if (grants.some(({ state }) => state === 'open')) return 'green'
  return grants.some(({ state }) => LIVE.has(state)) ? 'yellow' : 'grey'
}
