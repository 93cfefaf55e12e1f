/** `role definition delete`: removes a role that nobody holds. */
import type { Command } from 'commander'
import { confirm } from '../../confirm.ts'
import { withExamples } from '../../help/examples.ts'
import { withGlobalOptions } from '../../options/global-options.ts'
import type { Io } from '../../io.ts'
import { authorizationPath, findRole, ROLE_VERSION } from '../../names/roles.ts'
import { openSession } from '../../session.ts'

interface DeleteOptions {
  readonly scope: string
  readonly yes?: boolean
}

export function addRoleDefinitionDelete(group: Command, io: Io): void {
  const command = withGlobalOptions(
    group
      .command('delete')
      .alias('rm')
      .description('remove a role of your own that nobody holds')
      .argument('<role>', 'its name, its id, or the beginning of one')
      .option('--scope <scope>', 'look for it at this scope or below', '/')
      .option('-y, --yes', 'do not ask'),
  )
  withExamples(command, [{ does: 'without a question', line: 'sallyport role definition delete Watcher --yes' }])
  command.action(async (typed: string, { scope, yes }: DeleteOptions) => {
    const session = openSession(command, io)
    const role = await findRole(session.client, typed, scope)
    const { roleName, assignableScopes } = role.properties
    if (yes !== true) await confirm(session.io, `Remove role ${roleName}?`)
    const path = `${authorizationPath(assignableScopes[0] ?? '/')}/roleDefinitions/${role.name}`
    await session.client.call({ method: 'DELETE', path, query: { 'api-version': ROLE_VERSION } })
    session.say(`Removed role ${roleName}.`)
  })
}
