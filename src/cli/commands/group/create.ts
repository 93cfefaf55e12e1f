/** `group create`: a group, to give roles to many at once. */
import type { Command } from 'commander'
import { withExamples } from '../../help/examples.ts'
import { withGlobalOptions } from '../../options/global-options.ts'
import { asGroup, GROUPS } from '../../names/identity.ts'
import type { Io } from '../../io.ts'
import { openSession } from '../../session.ts'
import { GROUP_COLUMNS } from './list.ts'

export function addGroupCreate(group: Command, io: Io): void {
  const command = withGlobalOptions(group.command('create').description('make a group').argument('<name>', 'its name'))
  withExamples(command, [{ does: 'a group', line: 'sallyport group create Operators' }])
  command.action(async (name: string) => {
    const session = openSession(command, io)
    const made = asGroup((await session.client.call({ method: 'POST', path: GROUPS, body: { name } })).body)
    await session.show({ data: made, rows: [made], columns: GROUP_COLUMNS })
  })
}
