/** `group list`: the groups of this installation's own issuer. */
import type { Command } from 'commander'
import type { WireGroup } from '../../../contract/identity.ts'
import { withExamples } from '../../help/examples.ts'
import { withGlobalOptions } from '../../options/global-options.ts'
import { allGroups } from '../../names/identity.ts'
import type { Io } from '../../io.ts'
import type { Column } from '../../show/output.ts'
import { openSession } from '../../session.ts'

export function addGroupList(group: Command, io: Io): void {
  const command = withGlobalOptions(group.command('list').alias('ls').description('show the groups'))
  withExamples(command, [{ does: 'every group, with its members', line: 'sallyport group list -o json' }])
  command.action(async () => {
    const session = openSession(command, io)
    const groups = await allGroups(session.client)
    await session.show({ data: groups, rows: groups, columns: GROUP_COLUMNS })
    if (groups.length === 0) session.say('No groups yet. The first one: sallyport group create Operators')
  })
}

export const GROUP_COLUMNS: readonly Column<WireGroup>[] = [
  { title: 'NAME', text: ({ name }) => name },
  { title: 'MEMBERS', text: ({ members }) => String(members.length) },
  { title: 'ID', text: ({ id }) => id },
]
