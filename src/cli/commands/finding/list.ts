/** `finding list`: what a person should look at: drift, points that fail, what is overdue. */
import type { Command } from 'commander'
import type { WireFinding } from '../../../contract/finding.ts'
import { having, type Reader } from '../../calls/answers.ts'
import type { Colour } from '../../show/colour.ts'
import { withExamples } from '../../help/examples.ts'
import { withGlobalOptions } from '../../options/global-options.ts'
import type { Io } from '../../io.ts'
import { machineNames, type NameOf } from '../../show/machine-names.ts'
import type { Column } from '../../show/output.ts'
import { openSession } from '../../session.ts'
import { formatWireTime } from '../../times.ts'

const MANY = 100_000
const asFinding: Reader<WireFinding> = (body) => having(body, 'kind', 'point', 'text') as WireFinding // by contract

export function addFindingList(group: Command, io: Io): void {
  const command = withGlobalOptions(
    group
      .command('list')
      .alias('ls')
      .description('show what a person should look at: drift, failures, what is overdue'),
  )
  withExamples(command, [
    { does: 'is anything not as it should be?', line: 'sallyport finding list' },
    { does: 'how many, for a script', line: "sallyport finding list --query 'length(@)' -o tsv" },
  ])
  command.action(async () => {
    const session = openSession(command, io)
    const { items } = await session.client.list({ path: '/api/v1/findings' }, MANY, asFinding)
    const nameOf = await machineNames(
      session,
      items.flatMap(({ machines }) => machines),
    )
    await session.show({ data: items, rows: items, columns: columnsWith(nameOf) })
    if (items.length === 0) session.say('Everything that you may see is as it should be.')
  })
}

const COLOURS: Readonly<Record<WireFinding['kind'], Colour>> = {
  drift: 'yellow',
  failing: 'red',
  overdue: 'red',
  stale: 'red',
  vanished: 'yellow',
  outlived: 'yellow',
  unreachable: 'red',
}

function columnsWith(nameOf: NameOf): readonly Column<WireFinding>[] {
  return [
    { title: 'KIND', text: ({ kind }) => kind, colour: ({ kind }) => COLOURS[kind] },
    {
      title: 'SINCE',
      text: ({ since }, view) => (since === undefined ? '' : formatWireTime(since, view)),
      raw: ({ since }) => since ?? '',
    },
    {
      title: 'MACHINES',
      text: ({ machines }) => machines.map(nameOf).join(', '),
      raw: ({ machines }) => machines.join(','),
    },
    { title: 'WHAT', text: ({ text }) => text },
    { title: 'POINT', text: ({ point }) => point },
  ]
}
