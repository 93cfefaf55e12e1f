/** `request extend`: moves the end of what is open to a later time. The port is not shut in between. */
import { Option, type Command } from 'commander'
import type { WireRequest } from '../../../contract/request.ts'
import { formatDuration, parseInstant } from '../../../domain/time.ts'
import { asRequest } from '../../calls/answers.ts'
import type { RequestPart } from '../../access/close-grants.ts'
import { withExamples } from '../../help/examples.ts'
import { EXIT } from '../../exit-codes.ts'
import { describeFailure, Failure, refusedInput, usageFailure } from '../../failure.ts'
import { withGlobalOptions } from '../../options/global-options.ts'
import { grantColumns, machinesOf } from '../../show/grant-columns.ts'
import type { Io } from '../../io.ts'
import { machineNames } from '../../show/machine-names.ts'
import { repeatable } from '../../options/repeatable.ts'
import { livePartsOf, type PartOptions } from '../../access/request-parts.ts'
import { openSession, type Session } from '../../session.ts'
import { parseHumanDuration } from '../../times.ts'

interface ExtendOptions extends PartOptions {
  readonly for?: string
  readonly until?: string
  readonly justification?: string
  readonly dryRun?: boolean
}

interface Ending {
  /** One of the two. */
  readonly duration?: string
  readonly until?: string
  readonly justification?: string
}

export function addRequestExtend(group: Command, io: Io): void {
  const command = withGlobalOptions(
    group
      .command('extend')
      .description('keep open for longer what requests opened')
      .argument('[request...]', 'ids, or the beginning of one (default: all live ones of --machine)')
      .option('-m, --machine <machine>', 'only on this machine')
      .option('-p, --port <port>', 'only this port; may be repeated', repeatable)
      .addOption(new Option('--for <time>', 'so long from now: 2h30m or PT2H30M').conflicts('until'))
      .option('--until <time>', 'until when, with a zone: 2026-01-31T18:00:00Z')
      .option('--justification <text>', 'why; kept in the audit trail')
      .option('--dry-run', 'ask whether it would be allowed, and change nothing'),
  )
  withExamples(command, [
    { does: 'two more hours from now', line: 'sallyport request extend 3f2b --for 2h' },
    { does: 'everything open on web1', line: 'sallyport request extend --machine web1 --until 2026-01-31T18:00:00Z' },
  ])
  command.action(async (typed: string[], options: ExtendOptions) => {
    const ending = endingOf(options)
    const session = openSession(command, io)
    const parts = await livePartsOf(typed, options, { client: session.client, what: 'extend' })
    if (parts.length === 0) {
      throw new Failure(EXIT.notFound, 'nothing of it is open, so there is nothing to extend', {
        remedy: 'sallyport request create',
      })
    }
    await extendAll(parts, ending, { session, isDry: options.dryRun === true })
  })
}

function endingOf({ for: length, until, justification }: ExtendOptions): Ending {
  const why = justification === undefined ? {} : { justification }
  if (length !== undefined) {
    const parsed = parseHumanDuration(length)
    if (!parsed.ok) throw refusedInput('the time is not as expected', parsed.refusals)
    return { duration: formatDuration(parsed.value), ...why }
  }
  if (until === undefined) throw usageFailure('say for how long, or until when', '--for 2h, or --until TIME')
  const parsed = parseInstant(until)
  if (!parsed.ok) throw refusedInput('the time is not as expected', parsed.refusals)
  return { until, ...why }
}

interface Extending {
  readonly session: Session
  readonly isDry: boolean
}

/** One request's refusal does not take back what another was given: the exit code says so. */
async function extendAll(parts: readonly RequestPart[], ending: Ending, { session, isDry }: Extending): Promise<void> {
  const extended: WireRequest[] = []
  const refused: Failure[] = []
  for (const part of parts) {
    try {
      extended.push(await extend(part, ending, { session, isDry }))
    } catch (error) {
      if (!(error instanceof Failure) || parts.length === 1) throw error
      refused.push(error)
    }
  }
  const [first] = refused
  if (first !== undefined && extended.length === 0) throw first
  const rows = extended.flatMap(({ grants }) => grants)
  const data = extended.length === 1 ? extended[0] : extended
  const nameOf = await machineNames(session, machinesOf(extended))
  await session.show({ data, rows, columns: grantColumns(session.io.now(), nameOf) })
  for (const failure of refused) for (const line of describeFailure(failure)) session.say(line)
  if (refused.length > 0) throw new Failure(EXIT.partly, `${refused.length} of ${parts.length} were not extended`)
  session.say(isDry ? 'This would be allowed. Nothing was changed.' : 'Extended.')
}

async function extend(
  { request, grants }: RequestPart,
  ending: Ending,
  { session, isDry }: Extending,
): Promise<WireRequest> {
  const answer = await session.client.call({
    method: 'POST',
    path: `/api/v1/requests/${request.id}/extend`,
    query: { dryRun: isDry ? 'true' : undefined },
    body: { ...ending, grants: grants.map(({ id }) => id) },
  })
  return asRequest(answer.body)
}
