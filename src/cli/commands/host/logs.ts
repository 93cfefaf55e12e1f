/** `host logs`: the newest lines of the log of a host's agent, which the agent is asked for. */
import type { Command } from 'commander'
import { InvalidArgumentError } from 'commander'
import type { WireHostLogs } from '../../../contract/host.ts'
import { asPage } from '../../calls/answers.ts'
import type { Colour } from '../../show/colour.ts'
import { withExamples } from '../../help/examples.ts'
import { withGlobalOptions } from '../../options/global-options.ts'
import { findHost, hostPath } from '../../names/hosts.ts'
import type { Io } from '../../io.ts'
import type { Column } from '../../show/output.ts'
import { openSession } from '../../session.ts'
import { formatWireTime } from '../../times.ts'

type Line = WireHostLogs['value'][number]

export function addHostLogs(group: Command, io: Io): void {
  const command = withGlobalOptions(
    group
      .command('logs')
      .description('show the newest lines of the log of a host’s agent')
      .argument('<host>', 'its name, its id, or the beginning of one')
      .option('--lines <number>', 'how many', parseLines, 100),
  )
  withExamples(command, [{ does: 'the last twenty', line: 'sallyport host logs web1 --lines 20' }])
  command.action(async (typed: string, { lines }: { readonly lines: number }) => {
    const session = openSession(command, io)
    const { host } = await findHost(session.client, typed)
    const query = { lines: String(lines) }
    const { body } = await session.client.call({ path: `${hostPath(host.name)}/logs`, query })
    const rows = asPage(body).value as Line[] // as the contract promises
    await session.show({ data: rows, rows, columns: COLUMNS })
    if (rows.length === 0) session.say(`The agent of ${host.name} has written nothing yet.`)
  })
}

/** What the server takes. */
const MOST = 1_000

function parseLines(text: string): number {
  const lines = /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN
  if (lines >= 1 && lines <= MOST) return lines
  throw new InvalidArgumentError(`Write a whole number from 1 to ${MOST}.`)
}

const COLOURS: Readonly<Record<string, Colour>> = { warn: 'yellow', error: 'red', fatal: 'red' }

const COLUMNS: readonly Column<Line>[] = [
  { title: 'TIME', text: ({ at }, view) => formatWireTime(at, view), raw: ({ at }) => at },
  { title: 'LEVEL', text: ({ level }) => level, colour: ({ level }) => COLOURS[level] },
  { title: 'TEXT', text: ({ text }) => text },
]
