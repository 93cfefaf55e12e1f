/** `role definition list`: which roles there are. */
import type { Command } from 'commander'
import type { WireRoleDefinition } from '../../../contract/authorization.ts'
import { withExamples } from '../../help/examples.ts'
import { withGlobalOptions } from '../../options/global-options.ts'
import type { Io } from '../../io.ts'
import type { Column } from '../../show/output.ts'
import { rolesAt } from '../../names/roles.ts'
import { openSession } from '../../session.ts'

interface ListOptions {
  readonly scope: string
  readonly custom?: boolean
}

export function addRoleDefinitionList(group: Command, io: Io): void {
  const command = withGlobalOptions(
    group
      .command('list')
      .alias('ls')
      .description('show the roles that can be assigned')
      .option('--scope <scope>', 'at this scope or below', '/')
      .option('--custom', 'only those that somebody here made'),
  )
  withExamples(command, [
    { does: 'every role', line: 'sallyport role definition list' },
    { does: 'what may a JIT Requester do?', line: 'sallyport role definition show "JIT Requester"' },
  ])
  command.action(async ({ scope, custom }: ListOptions) => {
    const session = openSession(command, io)
    const all = await rolesAt(session.client, scope)
    const roles = all.filter(({ properties }) => custom !== true || properties.type === 'CustomRole')
    await session.show({ data: roles, rows: roles, columns: COLUMNS })
    if (roles.length === 0) session.say('No such roles. To make one: sallyport role definition create --help')
  })
}

const COLUMNS: readonly Column<WireRoleDefinition>[] = [
  { title: 'NAME', text: ({ properties }) => properties.roleName },
  { title: 'TYPE', text: ({ properties }) => (properties.type === 'BuiltInRole' ? 'built in' : 'custom') },
  { title: 'ID', text: ({ name }) => name },
  { title: 'WHAT FOR', text: ({ properties }) => properties.description },
]
