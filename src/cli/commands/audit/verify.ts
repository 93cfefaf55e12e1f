/**
 * `audit verify`: whether the audit trail is what was written. The server says so of itself; who does not want to take
 * its word checks a copy of its data folder, with a public key that was kept elsewhere.
 */
import type { Command } from 'commander'
import type { WireAuditFinding } from '../../../contract/audit-event.ts'
import { asFinding } from '../../calls/answers.ts'
import { withExamples } from '../../help/examples.ts'
import { EXIT } from '../../exit-codes.ts'
import { Failure, usageFailure } from '../../failure.ts'
import { withGlobalOptions } from '../../options/global-options.ts'
import type { Io } from '../../io.ts'
import { openScreen, openSession, type Screen } from '../../session.ts'
import { HOUR } from '../../../domain/time.ts'

/** A data folder, looked at without a server. */
export interface FolderToVerify {
  readonly data: string
  readonly checkpoints?: string
  readonly publicKey?: string
}

export type VerifyFolder = (folder: FolderToVerify) => Promise<WireAuditFinding>

type VerifyOptions = Partial<FolderToVerify>

export function addAuditVerify(group: Command, io: Io, verifyFolder: VerifyFolder | undefined): void {
  const command = withGlobalOptions(
    group
      .command('verify')
      .description('check that the audit trail is what was written')
      .option('--data <dir>', 'a data folder with a SQLite database, or a copy of one, instead of a server')
      .option('--checkpoints <file>', 'with --data: checkpoints that were kept elsewhere')
      .option('--public-key <file>', 'with --data: the public key, kept elsewhere; only this one counts'),
  )
  withExamples(command, [
    { does: 'ask the server', line: 'sallyport audit verify' },
    {
      does: 'without taking its word',
      line: 'sallyport audit verify --data /backup/sallyport --public-key audit-key.pub.pem --checkpoints checkpoints.jsonl',
    },
  ])
  command.action(async (options: VerifyOptions) => {
    const finding = await findingOf(options, { command, io, verifyFolder })
    await tell(openScreen(command, io), finding)
  })
}

interface Place {
  readonly command: Command
  readonly io: Io
  readonly verifyFolder: VerifyFolder | undefined
}

async function findingOf(
  { data, checkpoints, publicKey }: VerifyOptions,
  { command, io, verifyFolder }: Place,
): Promise<WireAuditFinding> {
  if (data === undefined) {
    if (checkpoints !== undefined || publicKey !== undefined)
      throw usageFailure('--checkpoints and --public-key belong to --data', 'add --data DIR')
    const { client } = openSession(command, io)
    return asFinding((await client.call({ path: '/api/v1/audit/verify', patience: HOUR })).body)
  }
  if (verifyFolder === undefined) throw usageFailure('a data folder cannot be read by this program')
  const kept = {
    ...(checkpoints === undefined ? {} : { checkpoints }),
    ...(publicKey === undefined ? {} : { publicKey }),
  }
  return verifyFolder({ data, ...kept }).catch((cause: unknown) => {
    throw usageFailure(`${data} cannot be checked: ${cause instanceof Error ? cause.message : String(cause)}`)
  })
}

async function tell(screen: Screen, finding: WireAuditFinding): Promise<void> {
  await screen.show({ data: finding, rows: [finding], columns: COLUMNS })
  if (!finding.intact) {
    throw new Failure(EXIT.server, `the audit trail is not what was written: ${finding.problem ?? ''}`, {
      remedy:
        'keep this database as it is, and ask who had access to it; docs/operate/audit.md says what each finding means',
    })
  }
  const unproven = (finding.first ?? 1) + (finding.events ?? 0) - 1 - (finding.vouched ?? 0)
  if (unproven > 0)
    screen.say(`The last ${unproven} events are not signed yet; the hash chain alone proves them until they are.`)
}

const count = (value: number | undefined): string => (value === undefined ? '' : String(value))

const COLUMNS = [
  { title: 'INTACT', text: ({ intact }: WireAuditFinding) => (intact ? 'yes' : 'NO') },
  { title: 'FROM', text: ({ first }: WireAuditFinding) => count(first) },
  { title: 'EVENTS', text: ({ events }: WireAuditFinding) => count(events) },
  { title: 'SIGNED UP TO', text: ({ vouched }: WireAuditFinding) => count(vouched) },
  { title: 'CHECKPOINTS', text: ({ checkpoints }: WireAuditFinding) => count(checkpoints) },
  { title: 'OUTSIDE', text: ({ outside }: WireAuditFinding) => count(outside) },
]
