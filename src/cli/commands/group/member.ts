/** `group add-member` and `group remove-member`: who is in a group, and so has its roles. */
import type { Command } from 'commander'
import { withExamples } from '../../help/examples.ts'
import { withGlobalOptions } from '../../options/global-options.ts'
import { asGroup, findGroup, findProgram, findUser, GROUPS } from '../../names/identity.ts'
import type { Client } from '../../calls/client.ts'
import type { Io } from '../../io.ts'
import { openSession } from '../../session.ts'
import { GROUP_COLUMNS } from './list.ts'

const MEMBER_COMMANDS = {
  'add-member': { method: 'PUT', description: 'put a user or service principal into a group; new tokens tell' },
  'remove-member': { method: 'DELETE', description: 'take a user or service principal out of a group' },
} as const

export function addGroupMembers(group: Command, io: Io): void {
  for (const [verb, { method, description }] of Object.entries(MEMBER_COMMANDS)) {
    const command = withGlobalOptions(
      group
        .command(verb)
        .description(description)
        .argument('<group>', 'name or id, or the beginning of one')
        .argument('<member>', 'a user, or with --service-principal a program')
        .option('--service-principal', 'the member is a service principal'),
    )
    withExamples(command, [{ does: description, line: `sallyport group ${verb} Operators ada@example.org` }])
    command.action(async (typed: string, member: string, options: { readonly servicePrincipal?: boolean }) => {
      const session = openSession(command, io)
      const { id } = await findGroup(session.client, typed)
      const who = await memberId(session.client, member, options)
      const changed = asGroup((await session.client.call({ method, path: `${GROUPS}/${id}/members/${who}` })).body)
      await session.show({ data: changed, rows: [changed], columns: GROUP_COLUMNS })
    })
  }
}

async function memberId(
  client: Client,
  typed: string,
  options: { readonly servicePrincipal?: boolean },
): Promise<string> {
  const found = options.servicePrincipal === true ? await findProgram(client, typed) : await findUser(client, typed)
  return found.id
}
