/** `whoami`: as whom you are signed in where, in which groups, and until when without asking again. */
import type { Command } from 'commander'
import type { Whoami } from '../../contract/installation.ts'
import { readTokens } from '../contexts/token-store.ts'
import { whoAmI } from '../names/directory.ts'
import { withExamples } from '../help/examples.ts'
import { showFacts } from '../show/facts.ts'
import { findServer } from '../calls/find-server.ts'
import { optionsOf, withGlobalOptions } from '../options/global-options.ts'
import type { Io } from '../io.ts'
import type { Column } from '../show/output.ts'
import { openSession } from '../session.ts'
import { placeOf } from '../sign-in/token-place.ts'
import { formatEnd } from '../times.ts'

interface Me extends Whoami {
  readonly server: string
  readonly context: string | null
  readonly tokenEndsAt: string | null
  /** Whether it is renewed without anybody. */
  readonly renewed: boolean
}

export function addWhoami(program: Command, io: Io): void {
  const command = withGlobalOptions(program.command('whoami').description('show as whom you are signed in, and where'))
  withExamples(command, [
    { does: 'who am I here?', line: 'sallyport whoami' },
    { does: 'my object id, for a role assignment', line: "sallyport whoami -o tsv --query 'principals[0]'" },
  ])
  command.action(async () => {
    const session = openSession(command, io)
    const me = await meOf(await whoAmI(session.client), command, io)
    const [object, ...groups] = me.principals
    showFacts(session, [
      ['Name', me.name],
      ['Object id', object],
      ['Groups', groups.join(', ')],
      ['Address', me.address],
      ['Server', me.server],
      ['Version', me.version],
      ['Context', me.context ?? 'none'],
      ['Token', tokenText(me, io, session.view)],
    ])
    if (session.format !== 'table') await session.show({ data: me, rows: [me], columns: COLUMNS })
  })
}

async function meOf(whoami: Whoami, command: Command, io: Io): Promise<Me> {
  const { url, context, isFromContext } = findServer(optionsOf(command), io)
  const tokens = isFromContext && context !== undefined ? await readTokens(placeOf(io), context) : undefined
  return {
    ...whoami,
    server: url,
    context: context?.name ?? null,
    tokenEndsAt: tokens === undefined ? null : new Date(tokens.endsAt).toISOString(),
    renewed: isFromContext && (context?.signedIn?.by === 'program' || tokens?.refresh !== undefined),
  }
}

function tokenText({ tokenEndsAt, renewed }: Me, io: Io, view: Parameters<typeof formatEnd>[2]): string {
  if (tokenEndsAt === null) return 'not from a sign-in of yours: a file, the environment or the ready file'
  const end = `until ${formatEnd(Date.parse(tokenEndsAt), io.now(), view)}`
  return renewed ? `${end}; then renewed by itself` : end
}

const COLUMNS: readonly Column<Me>[] = [
  { title: 'NAME', text: ({ name }) => name },
  { title: 'OBJECT ID', text: ({ principals }) => principals[0] ?? '' },
  { title: 'SERVER', text: ({ server }) => server },
  { title: 'CONTEXT', text: ({ context }) => context ?? '' },
]
