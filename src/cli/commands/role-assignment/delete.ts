/** `role assignment delete`: takes a role away, by the assignment's id or by who, what and where. */
import type { Command } from 'commander'
import type { WireRoleAssignment } from '../../../contract/authorization.ts'
import { assigneeOf } from '../../names/assignee.ts'
import { confirm } from '../../confirm.ts'
import { withExamples } from '../../help/examples.ts'
import { EXIT } from '../../exit-codes.ts'
import { Failure, usageFailure } from '../../failure.ts'
import { withGlobalOptions } from '../../options/global-options.ts'
import type { Io } from '../../io.ts'
import { resolveName } from '../../names/resolve-name.ts'
import { assignmentsAt, findRole, ROLE_VERSION } from '../../names/roles.ts'
import { openSession, type Session } from '../../session.ts'

interface DeleteOptions {
  readonly role?: string
  readonly assignee?: string
  readonly scope?: string
  readonly yes?: boolean
}

export function addRoleAssignmentDelete(group: Command, io: Io): void {
  const command = withGlobalOptions(
    group
      .command('delete')
      .alias('rm')
      .description('take a role away: by its id, or by who, which and where')
      .argument('[assignment]', 'its id, or the beginning of its GUID')
      .option('--assignee <who>', 'who holds it: a name here, an object id, or a client id')
      .option('--role <role>', 'which role')
      .option('--scope <scope>', 'exactly where it was given')
      .option('-y, --yes', 'do not ask'),
  )
  withExamples(command, [
    { does: 'by its id', line: 'sallyport role assignment delete 3f2b' },
    {
      does: 'by who, which and where',
      line: 'sallyport role assignment delete --assignee ada@example.org --role Reader --scope /subscriptions/…',
    },
  ])
  command.action(async (typed: string | undefined, options: DeleteOptions) => {
    const session = openSession(command, io)
    const { id, properties } = await find(session, typed, options)
    const { principalId, scope } = properties
    if (options.yes !== true) await confirm(session.io, `Take the role of ${principalId} at ${scope} away?`)
    await session.client.call({ method: 'DELETE', path: id, query: { 'api-version': ROLE_VERSION } })
    session.say(`${principalId} no longer holds it at ${scope}.`)
  })
}

async function find(session: Session, typed: string | undefined, options: DeleteOptions): Promise<WireRoleAssignment> {
  const { client } = session
  if (typed !== undefined) {
    const among = (await assignmentsAt(client, { scope: '/' })).map((each) => ({ id: each.id, name: each.name, each }))
    return resolveName({ what: 'role assignment', typed, among, list: 'sallyport role assignment list' }).each
  }
  const { assignee, role: roleName, scope } = options
  if (assignee === undefined || roleName === undefined || scope === undefined)
    throw usageFailure('name the assignment, or --assignee, --role and --scope', 'sallyport role assignment list')
  const role = await findRole(client, roleName, scope)
  const { id } = await assigneeOf({ assignee }, session)
  const found = (await assignmentsAt(client, { scope, assignee: id, atScope: true })).find(
    ({ properties }) =>
      properties.scope.toLowerCase() === scope.toLowerCase() && properties.roleDefinitionId.endsWith(role.name),
  )
  if (found !== undefined) return found
  throw new Failure(EXIT.notFound, `${assignee} is not ${role.properties.roleName} at exactly ${scope}`, {
    remedy: `sallyport role assignment list --scope ${scope} --assignee ${assignee}`,
  })
}
