/** `machine list`: which machines there are, what is protected, what is open now. */
import type { Command } from 'commander'
import type { WireMachine } from '../../../contract/machine.ts'
import { firstMachines, shortName } from '../../names/directory.ts'
import { withExamples } from '../../help/examples.ts'
import { withGlobalOptions } from '../../options/global-options.ts'
import { portText } from '../../show/grant-columns.ts'
import type { Io } from '../../io.ts'
import { namesApart, type NameOf } from '../../show/machine-names.ts'
import type { Column } from '../../show/output.ts'
import { openSession } from '../../session.ts'
import { parseTop } from '../../options/top-option.ts'

interface ListOptions {
  readonly search?: string
  readonly top: number
}

export function addMachineList(group: Command, io: Io): void {
  const command = withGlobalOptions(
    group
      .command('list')
      .alias('ls')
      .description('show the machines')
      .option('--search <text>', 'only those whose name or id contains this')
      .option('--top <number>', 'at most so many', parseTop, 1_000),
  )
  withExamples(command, [
    { does: 'every machine, and what is open on it now', line: 'sallyport machine list' },
    { does: 'those of a resource group', line: 'sallyport machine list --search /resourceGroups/web/' },
    { does: 'their ids, for a script', line: 'sallyport machine list -o json | jq -r .[].id' },
  ])
  command.action(async ({ search, top }: ListOptions) => {
    const session = openSession(command, io)
    const { items: machines, total } = await firstMachines(session.client, search, top)
    await session.show({ data: machines, rows: machines, columns: columnsWith(namesApart(machines)) })
    if (total > machines.length) session.say(`There are ${total}; to see them: --top ${total}, or --search TEXT`)
    if (machines.length === 0 && search !== undefined)
      return session.say(`No machine has '${search}' in its name or id.`)
    if (machines.length === 0) {
      session.say(
        'No machines that you may see. A server on Linux offers its own machine; see sallyport doctor, sallyport whoami.',
      )
    }
  })
}

function columnsWith(nameOf: NameOf): readonly Column<WireMachine>[] {
  return [
    { title: 'NAME', text: ({ id }) => nameOf(id), raw: ({ name }) => name },
    { title: 'OS', text: ({ os }) => os },
    { title: 'ADDRESS', text: (machine) => [...machine.publicAddresses, ...machine.privateAddresses][0] ?? '' },
    { title: 'PROTECTED', text: protectedText, colour: ({ ports }) => (ports.length > 0 ? 'green' : 'yellow') },
    { title: 'OPEN NOW', text: openText },
    { title: 'POLICIES', text: ({ policies }) => policies.map(shortName).join(', ') },
    { title: 'ID', text: ({ id }) => id },
  ]
}

export function protectedText({ ports, unsupported }: WireMachine): string {
  if (unsupported !== undefined) return `cannot be: ${unsupported.message}`
  return ports.map(({ number, protocol }) => portText(number, protocol)).join(', ') || 'no'
}

function openText({ grants }: WireMachine): string {
  const open = grants.filter(({ state }) => state === 'open')
  return [...new Set(open.map(({ port, protocol }) => portText(port, protocol)))].join(', ')
}
