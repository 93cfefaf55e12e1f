/** `service-principal list`: the programs that sign in at this installation's own issuer, and by what. */
import type { Command } from 'commander'
import type { WireServicePrincipal } from '../../../contract/identity.ts'
import { withExamples } from '../../help/examples.ts'
import { withGlobalOptions } from '../../options/global-options.ts'
import { allPrograms } from '../../names/identity.ts'
import type { Io } from '../../io.ts'
import type { Column } from '../../show/output.ts'
import { openSession } from '../../session.ts'

export function addServicePrincipalList(group: Command, io: Io): void {
  const command = withGlobalOptions(group.command('list').alias('ls').description('show the service principals'))
  withExamples(command, [{ does: 'with every credential', line: 'sallyport service-principal list -o json' }])
  command.action(async () => {
    const session = openSession(command, io)
    const programs = await allPrograms(session.client)
    await session.show({ data: programs, rows: programs, columns: PROGRAM_COLUMNS })
    if (programs.length === 0) session.say('None yet. The first one: sallyport service-principal create deploy')
  })
}

export const PROGRAM_COLUMNS: readonly Column<WireServicePrincipal>[] = [
  { title: 'NAME', text: ({ name }) => name },
  { title: 'CLIENT ID', text: ({ appId }) => appId },
  { title: 'CREDENTIALS', text: ({ credentials }) => credentials.map(({ kind }) => kind).join(', ') },
  { title: 'OBJECT ID', text: ({ id }) => id },
]
