/** `role definition create`: makes a role, or changes one of your own that has this name. */
import type { Command } from 'commander'
import { parseRoleDefinition } from '../../../domain/roles/role-definition.ts'
import { asRoleDefinition } from '../../calls/answers.ts'
import { withExamples } from '../../help/examples.ts'
import { refusedInput, usageFailure } from '../../failure.ts'
import { withGlobalOptions } from '../../options/global-options.ts'
import type { Io } from '../../io.ts'
import { repeatable } from '../../options/repeatable.ts'
import { authorizationPath, ROLE_VERSION, rolesAt } from '../../names/roles.ts'
import { openSession } from '../../session.ts'
import { showRole } from './show.ts'

interface CreateOptions {
  readonly action?: readonly string[]
  readonly notAction?: readonly string[]
  readonly scope?: readonly string[]
  readonly description?: string
}

export function addRoleDefinitionCreate(group: Command, io: Io): void {
  const command = withGlobalOptions(
    group
      .command('create')
      .description('make a role of your own, or change the one of this name')
      .argument('<name>', 'what people call it')
      .option('-a, --action <action>', 'what it may do; a star stands for anything (may be given again)', repeatable)
      .option('--not-action <action>', 'what it may not do all the same (may be given again)', repeatable)
      .option('--scope <scope>', 'where it may be assigned; / when not given (may be given again)', repeatable)
      .option('--description <text>', 'what it is for'),
  )
  withExamples(command, [
    {
      does: 'may look, but not at the network',
      line: "sallyport role definition create Watcher -a '*/read' --not-action 'Microsoft.Network/*'",
    },
  ])
  command.action(async (roleName: string, options: CreateOptions) => {
    if (options.action === undefined)
      throw usageFailure('say what the role may do: --action', "--action 'Microsoft.Security/*/read'")
    const session = openSession(command, io)
    const input = inputFrom(roleName, options)
    const judged = parseRoleDefinition(input)
    if (!judged.ok) throw refusedInput('the role is not as expected', judged.refusals)
    const [scope = '/'] = input.assignableScopes
    const known = (await rolesAt(session.client, scope)).find((role) => isCalled(role.properties.roleName, roleName))
    const path = `${authorizationPath(scope)}/roleDefinitions/${known?.name ?? crypto.randomUUID()}`
    const query = { 'api-version': ROLE_VERSION }
    const { body } = await session.client.call({ method: 'PUT', path, query, body: { properties: input } })
    session.say(`${known === undefined ? 'Made' : 'Changed'} role ${roleName}.`)
    await showRole(session, asRoleDefinition(body))
  })
}

function inputFrom(roleName: string, { action = [], notAction = [], scope = ['/'], description }: CreateOptions) {
  const permissions = [{ actions: action, notActions: notAction }]
  return { roleName, description: description ?? '', type: 'CustomRole', permissions, assignableScopes: scope }
}

function isCalled(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}
