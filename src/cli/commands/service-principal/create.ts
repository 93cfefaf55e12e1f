/** `service-principal create`: a program that can sign in once it has a secret, a certificate or a trusted token. */
import type { Command } from 'commander'
import { withExamples } from '../../help/examples.ts'
import { withGlobalOptions } from '../../options/global-options.ts'
import { asProgram, PROGRAMS } from '../../names/identity.ts'
import type { Io } from '../../io.ts'
import { openSession } from '../../session.ts'
import { PROGRAM_COLUMNS } from './list.ts'

export function addServicePrincipalCreate(group: Command, io: Io): void {
  const command = withGlobalOptions(
    group.command('create').description('make a service principal').argument('<name>', 'its name'),
  )
  withExamples(command, [{ does: 'a program', line: 'sallyport service-principal create deploy' }])
  command.action(async (name: string) => {
    const session = openSession(command, io)
    const made = asProgram((await session.client.call({ method: 'POST', path: PROGRAMS, body: { name } })).body)
    await session.show({ data: made, rows: [made], columns: PROGRAM_COLUMNS })
    if (session.format === 'table') session.say(`Next: sallyport service-principal add-secret ${made.name}`)
  })
}
