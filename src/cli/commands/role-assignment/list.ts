/** `role assignment list`: who holds which role where. */
import type { Command } from 'commander'
import type { WireRoleAssignment } from '../../../contract/authorization.ts'
import { assigneeOf, principalsHere } from '../../names/assignee.ts'
import { withExamples } from '../../help/examples.ts'
import { withGlobalOptions } from '../../options/global-options.ts'
import type { Io } from '../../io.ts'
import type { Column } from '../../show/output.ts'
import { assignmentsAt, rolesAt, type AssignmentQuery } from '../../names/roles.ts'
import { openSession, type Session } from '../../session.ts'

export function addRoleAssignmentList(group: Command, io: Io): void {
  const command = withGlobalOptions(
    group
      .command('list')
      .alias('ls')
      .description('show who holds which role: at a scope, above it and below it')
      .option('--scope <scope>', 'this scope', '/')
      .option(
        '--assignee <who>',
        'only of this user, group or service principal: its name here, its object id, or its client id',
      )
      .option('--at-scope', 'not what lies below the scope'),
  )
  withExamples(command, [
    { does: 'everybody', line: 'sallyport role assignment list' },
    { does: 'one person', line: 'sallyport role assignment list --assignee ada@example.org' },
  ])
  command.action(async (options: AssignmentQuery) => {
    const session = openSession(command, io)
    const { assignee } = options
    const who = assignee === undefined ? {} : { assignee: (await assigneeOf({ assignee }, session)).id }
    const assignments = await assignmentsAt(session.client, { ...options, ...who })
    const names = await namesOf(session)
    await session.show({ data: assignments, rows: assignments, columns: columnsWith(names) })
    if (assignments.length === 0)
      session.say('Nobody holds a role here. To give one: sallyport role assignment create --help')
  })
}

/**
 * Of roles, and in a table of who holds them. Ids are shown of what the caller may not read, and of the people of other
 * issuers, whose names only those know.
 */
async function namesOf({ client, format }: Session): Promise<ReadonlyMap<string, string>> {
  const [roles, principals] = await Promise.all([
    rolesAt(client, '/').catch(() => []),
    format === 'table' ? principalsHere(client) : [],
  ])
  return new Map([
    ...roles.map(({ name, properties }): [string, string] => [name, properties.roleName]),
    ...principals.map(({ id, name }): [string, string] => [id, name]),
  ])
}

function columnsWith(names: ReadonlyMap<string, string>): readonly Column<WireRoleAssignment>[] {
  const roleOf = ({ properties }: WireRoleAssignment): string => properties.roleDefinitionId.split('/').at(-1) ?? ''
  return [
    {
      title: 'WHO',
      text: ({ properties: { principalId } }) => names.get(principalId) ?? principalId,
      raw: ({ properties }) => properties.principalId,
    },
    { title: 'KIND', text: ({ properties }) => properties.principalType },
    { title: 'ROLE', text: (row) => names.get(roleOf(row)) ?? roleOf(row) },
    { title: 'SCOPE', text: ({ properties }) => properties.scope },
    { title: 'ID', text: ({ name }) => name },
  ]
}
