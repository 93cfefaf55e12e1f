/** `doctor`: what is missing on this machine or at the server, and how to mend it. Changes nothing. */
import type { Command } from 'commander'
import type { Check } from '../../contract/installation.ts'
import { asCheck } from '../calls/answers.ts'
import type { Colour } from '../show/colour.ts'
import type { Client } from '../calls/client.ts'
import { counted } from '../show/counted.ts'
import { whoAmI } from '../names/directory.ts'
import { withExamples } from '../help/examples.ts'
import { EXIT } from '../exit-codes.ts'
import { Failure } from '../failure.ts'
import { withGlobalOptions } from '../options/global-options.ts'
import type { Io } from '../io.ts'
import { LIBRARY_FOLDERS, localChecks } from '../local-checks.ts'
import type { Column } from '../show/output.ts'
import { openScreen, openSession } from '../session.ts'

type PlacedCheck = Check & { readonly where: 'here' | 'server' }

export function addDoctor(program: Command, io: Io): void {
  const command = withGlobalOptions(
    program.command('doctor').description('say what is missing, here and at the server, and how to mend it'),
  )
  withExamples(command, [
    { does: 'what is wrong?', line: 'sallyport doctor' },
    { does: 'only the failures', line: 'sallyport doctor -o json | jq \'.[] | select(.status == "failed")\'' },
  ])
  command.action(async () => {
    const screen = openScreen(command, io)
    const server = await serverChecks(command, io)
    const missing = server.some(({ name, status }) => name === 'server' && status === 'ok') ? 'warning' : 'failed'
    const here = localChecks(
      {
        nodeVersion: process.version,
        platform: process.platform,
        searchPath: io.env['PATH'] ?? '',
        libraryFolders: LIBRARY_FOLDERS,
        statusFile: '/proc/self/status',
      },
      missing,
    )
    const checks = [...here.map((check) => ({ where: 'here' as const, ...check })), ...server]
    await screen.show({ data: checks, rows: checks, columns: COLUMNS })
    conclude(checks)
  })
}

async function serverChecks(command: Command, io: Io): Promise<PlacedCheck[]> {
  try {
    const { client } = openSession(command, io)
    const { name, principals, address, version } = await whoAmI(client)
    const text = `${client.url} answers (version ${version}); you are ${name || (principals[0] ?? 'nameless')}, from ${address}`
    const items = await checksOf(client)
    return [
      { where: 'server', name: 'server', status: 'ok', text },
      ...items.map((check) => ({ where: 'server' as const, ...check })),
    ]
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    const { message, remedy } = error
    return [
      { where: 'server', name: 'server', status: 'failed', text: message, ...(remedy === undefined ? {} : { remedy }) },
    ]
  }
}

/** Who may not see what ails the server can still see who it is here. */
async function checksOf(client: Client): Promise<Check[]> {
  try {
    return (await client.list({ path: '/api/v1/doctor' }, 1_000, asCheck)).items
  } catch (error) {
    if (!(error instanceof Failure) || error.exit !== EXIT.denied) throw error
    const text = 'you may not see the checks of the server'
    return [
      { name: 'permission', status: 'warning', text, remedy: 'ask for the role Security Reader, if you need them' },
    ]
  }
}

function conclude(checks: readonly PlacedCheck[]): void {
  const failed = checks.filter(({ status }) => status === 'failed').length
  if (failed > 0)
    throw new Failure(
      EXIT.server,
      `${failed} of ${counted(checks.length, 'check')} failed; the table says how to mend them`,
    )
}

const COLOURS: Readonly<Record<Check['status'], Colour>> = { ok: 'green', warning: 'yellow', failed: 'red' }

const COLUMNS: readonly Column<PlacedCheck>[] = [
  { title: 'WHERE', text: ({ where }) => where },
  { title: 'CHECK', text: ({ name }) => name },
  { title: 'STATUS', text: ({ status }) => status, colour: ({ status }) => COLOURS[status] },
  { title: 'WHAT', text: ({ text }) => text },
  { title: 'HOW TO MEND IT', text: ({ remedy, status }) => (status === 'ok' ? '' : (remedy ?? '')) },
]
