/** `role assignment create`: gives somebody a role at a scope. */
import { Option, type Command } from 'commander'
import { PRINCIPAL_TYPES } from '../../../domain/roles/role-assignment.ts'
import { asRoleAssignment } from '../../calls/answers.ts'
import { assigneeOf } from '../../names/assignee.ts'
import { withExamples } from '../../help/examples.ts'
import { withGlobalOptions } from '../../options/global-options.ts'
import type { Io } from '../../io.ts'
import { authorizationPath, findRole, ROLE_VERSION } from '../../names/roles.ts'
import { openSession } from '../../session.ts'

interface CreateOptions {
  readonly role: string
  readonly assignee: string
  readonly scope: string
  readonly type?: string
  readonly description?: string
}

export function addRoleAssignmentCreate(group: Command, io: Io): void {
  const command = withGlobalOptions(
    group
      .command('create')
      .description('give somebody a role at a scope and everything below it')
      .requiredOption('--role <role>', 'its name, its id, or the beginning of one')
      .requiredOption(
        '--assignee <who>',
        'a user, group or service principal: its name here, its object id, or its client id',
      )
      .requiredOption('--scope <scope>', 'where: /, a subscription, a resource group, a resource')
      .addOption(new Option('--type <type>', 'what the assignee is').choices([...PRINCIPAL_TYPES]))
      .option('--description <text>', 'why'),
  )
  withExamples(command, [
    {
      does: 'may request access to everything in one group',
      line: 'sallyport role assignment create --role "JIT Requester" --assignee ada@example.org --scope /subscriptions/…/resourceGroups/prod',
    },
  ])
  command.action(async ({ role: typed, scope, description, ...given }: CreateOptions) => {
    const session = openSession(command, io)
    const { id: assignee, type, name } = await assigneeOf(given, session)
    const path = `${authorizationPath(scope)}/roleAssignments/${crypto.randomUUID()}`
    const role = await findRole(session.client, typed, scope)
    const properties = { roleDefinitionId: role.id, principalId: assignee, principalType: type, description }
    const query = { 'api-version': ROLE_VERSION }
    const assignment = asRoleAssignment(
      (await session.client.call({ method: 'PUT', path, query, body: { properties } })).body,
    )
    session.say(`${name} is now ${role.properties.roleName} at ${scope}.`)
    if (session.format !== 'table') await session.show({ data: assignment, rows: [assignment], columns: [ID] })
  })
}

const ID = { title: 'ID', text: ({ id }: { readonly id: string }) => id }
