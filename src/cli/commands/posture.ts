/** `posture`: whether each machine is protected, could be, or cannot be, and why. Changes nothing. */
import { Option, type Command } from 'commander'
import type { WireMachinePosture } from '../../contract/posture.ts'
import { CATEGORIES, HEALTHS, SEVERITIES } from '../../domain/posture.ts'
import { having, type Reader } from '../calls/answers.ts'
import type { Colour } from '../show/colour.ts'
import { withExamples } from '../help/examples.ts'
import { withGlobalOptions } from '../options/global-options.ts'
import type { Io } from '../io.ts'
import { namesApart, type NameOf } from '../show/machine-names.ts'
import type { Column } from '../show/output.ts'
import { openSession } from '../session.ts'
import { parseTop } from '../options/top-option.ts'

interface Options {
  readonly within?: string
  readonly category?: string
  readonly severity?: string
  readonly health?: string
  readonly top: number
}

const asPosture: Reader<WireMachinePosture> = (body) => having(body, 'id', 'category', 'reason') as WireMachinePosture // by contract

export function addPosture(program: Command, io: Io): void {
  const command = withGlobalOptions(
    program
      .command('posture')
      .description('say of each machine whether it is protected, could be, or cannot be, and why')
      .option('--within <id>', 'only in this subscription, resource group or connection')
      .addOption(new Option('--category <category>', 'only these').choices([...CATEGORIES]))
      .addOption(new Option('--severity <severity>', 'only these').choices([...SEVERITIES]))
      .addOption(new Option('--health <health>', 'only these').choices([...HEALTHS]))
      .option('--top <number>', 'at most so many', parseTop, 1_000),
  )
  withExamples(command, [
    { does: 'which machines could be protected and are not?', line: 'sallyport posture' },
    { does: 'only the unhealthy ones, for a script', line: 'sallyport posture --health Unhealthy -o json' },
  ])
  command.action(async ({ top, within, category, severity, health }: Options) => {
    const session = openSession(command, io)
    const query = { within, category, severity, health, top: String(Math.min(top, 1_000)) }
    const { items, more } = await session.client.list({ path: '/api/v1/posture', query }, top, asPosture)
    await session.show({ data: items, rows: items, columns: columnsWith(namesApart(items)) })
    if (items.length === 0) session.say('No such machines that you may see.')
    if (more) session.say(`There are more than ${top}; to see them: --top ${top * 10}`)
  })
}

const COLOURS: Readonly<Record<WireMachinePosture['health'], Colour>> = {
  Healthy: 'green',
  Unhealthy: 'red',
  NotApplicable: 'grey',
}

function columnsWith(nameOf: NameOf): readonly Column<WireMachinePosture>[] {
  return [
    { title: 'MACHINE', text: ({ id }) => nameOf(id), raw: ({ id }) => id },
    { title: 'CATEGORY', text: ({ category }) => category },
    { title: 'SEVERITY', text: ({ severity }) => severity ?? '' },
    { title: 'HEALTH', text: ({ health }) => health, colour: ({ health }) => COLOURS[health] },
    { title: 'WHY', text: ({ reason }) => reason },
  ]
}
