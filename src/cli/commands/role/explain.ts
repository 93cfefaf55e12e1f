/** `role explain`: which role assignment allows something, or what is missing. Exit code 0 when allowed, 4 when not. */
import type { Command } from 'commander'
import type { WireRoleExplanation } from '../../../contract/authorization.ts'
import { asRoleExplanation } from '../../calls/answers.ts'
import type { Client } from '../../calls/client.ts'
import { whoAmI } from '../../names/directory.ts'
import { withExamples } from '../../help/examples.ts'
import { EXIT } from '../../exit-codes.ts'
import { Failure, usageFailure } from '../../failure.ts'
import { showBelow, showFacts } from '../../show/facts.ts'
import { withGlobalOptions } from '../../options/global-options.ts'
import type { Io } from '../../io.ts'
import type { Column } from '../../show/output.ts'
import { repeatable } from '../../options/repeatable.ts'
import { openSession } from '../../session.ts'

interface ExplainOptions {
  readonly principal?: readonly string[]
  readonly action: string
  readonly scope: string
}

export function addRoleExplain(group: Command, io: Io): void {
  const command = withGlobalOptions(
    group
      .command('explain')
      .description('say which role assignment allows an action at a scope, or what is missing')
      .option(
        '--principal <id>',
        'a user, group or service principal; you, when not given (may be given again)',
        repeatable,
      )
      .requiredOption('--action <action>', 'such as Microsoft.Security/locations/jitNetworkAccessPolicies/write')
      .requiredOption('--scope <scope>', 'where'),
  )
  withExamples(command, [
    {
      does: 'why may she not request access to web1?',
      line: 'sallyport role explain --principal 7f1c… --action Microsoft.Security/locations/jitNetworkAccessPolicies/initiate/action --scope /subscriptions/…',
    },
  ])
  command.action(async ({ principal, action, scope }: ExplainOptions) => {
    const session = openSession(command, io)
    const principals = principal ?? (await ownIds(session.client))
    const query = { principal: principals.join(','), action, scope }
    const explained = asRoleExplanation((await session.client.call({ path: '/api/v1/roles/explain', query })).body)
    showFacts(session, [
      ['Allowed', explained.allowed ? 'yes' : 'no'],
      ['Because', explained.text],
    ])
    await showBelow(session, { data: explained, rows: explained.assignments, columns: COLUMNS })
    if (!explained.allowed)
      throw new Failure(EXIT.denied, explained.text, { remedy: 'sallyport role assignment create' })
  })
}

async function ownIds(client: Client): Promise<readonly string[]> {
  const { principals } = await whoAmI(client)
  if (principals.length > 0) return principals
  throw usageFailure('your token is the bootstrap administrator’s, which may do everything; name somebody: --principal')
}

const COLUMNS: readonly Column<WireRoleExplanation['assignments'][number]>[] = [
  { title: 'ROLE', text: ({ roleName }) => roleName },
  { title: 'OF', text: ({ principalId }) => principalId },
  { title: 'AT', text: ({ scope }) => scope },
  { title: '', text: ({ verdict }) => verdict, colour: ({ verdict }) => (verdict === 'allows' ? 'green' : 'grey') },
  { title: 'WHY', text: ({ text }) => text },
]
