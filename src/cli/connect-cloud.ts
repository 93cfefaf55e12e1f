/**
 * Connecting a cloud, whichever it is: the server tries everything first, what is missing is told, and only then is the
 * connection kept and its machines are read.
 */
import type { WireConnection, WireConnectionCheck, WireConnectionSettings } from '../contract/connection.ts'
import { MINUTE } from '../domain/time.ts'
import type { Colour } from './show/colour.ts'
import { EXIT } from './exit-codes.ts'
import { Failure } from './failure.ts'
import type { Column } from './show/output.ts'
import type { Session } from './session.ts'

export interface CloudWish {
  readonly name: string
  readonly settings: WireConnectionSettings
  readonly secret: string | undefined
  /** Only try it, and keep nothing. */
  readonly dryRun: boolean
  /** Keep it although something is missing. */
  readonly force: boolean
}

const TRYING = MINUTE
/** A large cloud is read in minutes; whoever does not wait loses nothing. */
const READING = 11 * MINUTE

export async function connectCloud(session: Session, wish: CloudWish): Promise<void> {
  const path = `/api/v1/connections/${encodeURIComponent(wish.name)}`
  const body = { settings: wish.settings, ...(wish.secret !== undefined && { secret: wish.secret }) }
  const tried = await session.client.call({ method: 'PUT', path, query: { dryRun: 'true' }, body, patience: TRYING })
  const { value: checks } = tried.body as { value: readonly WireConnectionCheck[] } // as the contract says of a dry run
  if (wish.dryRun) return showChecks(session, wish.name, checks)
  if (!wish.force) refuseWhatIsMissing(wish.name, checks)
  await session.client.call({ method: 'PUT', path, body })
  session.say(`Connected ${wish.name}; reading its machines.`)
  const read = await session.client.call({ method: 'POST', path: `${path}/refresh`, patience: READING })
  const { inventory } = read.body as WireConnection // as the contract says
  if (inventory.problem !== undefined)
    throw new Failure(
      EXIT.server,
      `${wish.name} is connected, but its machines could not be read: ${inventory.problem}`,
      {
        remedy: `sallyport connect check ${wish.name}`,
      },
    )
  for (const { message } of inventory.warnings) session.say(`warning: ${message}`)
  session.say(`${inventory.machines} machines. To see them: sallyport machine list`)
  await session.show({ data: read.body, rows: [], columns: [] })
}

/** Fails when anything is missing, so that scripts can ask. */
export async function showChecks(
  session: Session,
  name: string,
  checks: readonly WireConnectionCheck[],
): Promise<void> {
  await session.show({ data: checks, rows: checks, columns: CHECK_COLUMNS })
  const bad = checks.filter(({ status }) => status !== 'ok').length
  if (bad > 0)
    throw new Failure(EXIT.denied, `${bad} of the ${checks.length} things that ${name} needs are missing`, {
      remedy: 'the table says how to mend each',
    })
  session.say(`Nothing is missing: all ${checks.length} things that ${name} needs are there.`)
}

function refuseWhatIsMissing(name: string, checks: readonly WireConnectionCheck[]): void {
  const missing = checks.filter(({ status }) => status !== 'ok')
  if (missing.length === 0) return
  throw new Failure(
    EXIT.denied,
    `${name} was not connected: ${missing.length} of ${checks.length} things it needs are missing`,
    {
      details: missing.map((check) => ({
        code: check.name,
        message: `${check.name} at ${check.scope}: ${check.text}`,
      })),
      remedy: `${missing.find(({ remedy }) => remedy !== undefined)?.remedy ?? 'mend what is missing'}; or --force, to connect all the same`,
    },
  )
}

const COLOURS: Readonly<Record<WireConnectionCheck['status'], Colour>> = {
  ok: 'green',
  missing: 'red',
  unknown: 'yellow',
}

const CHECK_COLUMNS: readonly Column<WireConnectionCheck>[] = [
  { title: 'WHAT', text: ({ name }) => name },
  { title: 'WHERE', text: ({ scope }) => scope },
  { title: 'STATUS', text: ({ status }) => status, colour: ({ status }) => COLOURS[status] },
  { title: 'WHY', text: ({ text }) => text },
  { title: 'HOW TO MEND IT', text: ({ remedy, status }) => (status === 'ok' ? '' : (remedy ?? '')) },
]
