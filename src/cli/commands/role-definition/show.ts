/** `role definition show`: what one role may do. */
import type { Command } from 'commander'
import type { WireRoleDefinition } from '../../../contract/authorization.ts'
import { withExamples } from '../../help/examples.ts'
import { showBelow, showFacts } from '../../show/facts.ts'
import { withGlobalOptions } from '../../options/global-options.ts'
import type { Io } from '../../io.ts'
import type { Column } from '../../show/output.ts'
import { findRole } from '../../names/roles.ts'
import { openSession, type Session } from '../../session.ts'

export function addRoleDefinitionShow(group: Command, io: Io): void {
  const command = withGlobalOptions(
    group
      .command('show')
      .description('show what one role may do, and where it may be assigned')
      .argument('<role>', 'its name, its id, or the beginning of one')
      .option('--scope <scope>', 'look for it at this scope or below', '/'),
  )
  withExamples(command, [{ does: 'what may it do?', line: 'sallyport role definition show "JIT Requester"' }])
  command.action(async (typed: string, { scope }: { readonly scope: string }) => {
    const session = openSession(command, io)
    await showRole(session, await findRole(session.client, typed, scope))
  })
}

interface Line {
  readonly kind: string
  readonly action: string
}

export async function showRole(session: Session, role: WireRoleDefinition): Promise<void> {
  const { roleName, type, description, assignableScopes, permissions } = role.properties
  showFacts(session, [
    ['Role', roleName],
    ['Id', role.name],
    ['Type', type === 'BuiltInRole' ? 'built in' : 'custom'],
    ['What for', description],
    ['Assignable at', assignableScopes.join(', ')],
  ])
  const rows = permissions.flatMap((permission) => [
    ...permission.actions.map((action) => ({ kind: 'may', action })),
    ...permission.notActions.map((action) => ({ kind: 'but not', action })),
    ...permission.dataActions.map((action) => ({ kind: 'may (data)', action })),
    ...permission.notDataActions.map((action) => ({ kind: 'but not (data)', action })),
  ])
  await showBelow(session, { data: role, rows, columns: COLUMNS })
}

const COLUMNS: readonly Column<Line>[] = [
  { title: '', text: ({ kind }) => kind },
  { title: 'ACTION', text: ({ action }) => action },
]
